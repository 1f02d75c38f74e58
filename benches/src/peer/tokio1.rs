//! tokio 1, with several workers and with one thread.

use super::{workers, Joined, Std};
use std::future::Future;
use tokio1::runtime::{Builder, Handle, Runtime};
use tokio1::task::JoinHandle;

/// tokio 1, multi-thread.
#[derive(Debug)]
pub struct Tokio1;

/// tokio 1, current-thread.
#[derive(Debug)]
pub struct CurrentThread;

/// The multi-thread runtime.
pub fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(workers()).enable_all().build().expect("threads")
}

/// The runtime of one thread.
pub fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

macro_rules! on_tokio1 {
    ($name:ident, $runtime:expr) => {
        impl Std for $name {
            type Join<T: Send + 'static> = Joined<JoinHandle<T>>;
            type Remote = Handle;

            fn run<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
                let runtime = $runtime;
                runtime.block_on(async { tokio1::spawn(main).await.expect("no task fails") })
            }

            fn spawn<T: Send + 'static>(
                f: impl Future<Output = T> + Send + 'static,
            ) -> Self::Join<T> {
                Joined(tokio1::spawn(f))
            }

            fn detach(f: impl Future<Output = ()> + Send + 'static) {
                tokio1::spawn(f);
            }

            fn remote() -> Handle {
                Handle::current()
            }

            fn spawn_remote(remote: &Handle, f: impl Future<Output = ()> + Send + 'static) {
                remote.spawn(f);
            }

            fn spawn_blocking<T: Send + 'static>(
                f: impl FnOnce() -> T + Send + 'static,
            ) -> Self::Join<T> {
                Joined(tokio1::task::spawn_blocking(f))
            }
        }
    };
}

on_tokio1!(Tokio1, multi_thread());
on_tokio1!(CurrentThread, current_thread());
