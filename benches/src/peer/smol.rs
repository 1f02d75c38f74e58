//! smol 2, its global executor with two threads.

use super::{workers, Std};
use std::future::Future;

/// smol 2.
#[derive(Debug)]
pub struct Smol;

/// Has to come before the executor's first use.
pub fn configure() {
    std::env::set_var("SMOL_THREADS", workers().to_string());
}

impl Std for Smol {
    type Join<T: Send + 'static> = smol::Task<T>;
    type Remote = ();

    fn run<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
        configure();
        smol::block_on(smol::spawn(main))
    }

    fn spawn<T: Send + 'static>(f: impl Future<Output = T> + Send + 'static) -> smol::Task<T> {
        smol::spawn(f)
    }

    fn detach(f: impl Future<Output = ()> + Send + 'static) {
        smol::spawn(f).detach();
    }

    fn remote() {}

    fn spawn_remote((): &(), f: impl Future<Output = ()> + Send + 'static) {
        smol::spawn(f).detach();
    }

    fn spawn_blocking<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> smol::Task<T> {
        smol::unblock(f)
    }
}
