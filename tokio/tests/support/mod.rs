//! What the tests share: bounded waits, and one body for tasks of both generations.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part")]

use futures::{future, Future as Future01};
use std::future::poll_fn;
use std::panic;
use std::sync::mpsc::Receiver;
use std::sync::Once;
use std::task::Poll;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime, TaskExecutor};
use tokio_task::{to_futures01, Caller};

pub(crate) mod echo;

pub(crate) use tests_support::{bounded, bounded_by, LIMIT};

/// What a channel yields in time.
#[track_caller]
pub(crate) fn within<T>(receiver: &Receiver<T>) -> T {
    receiver.recv_timeout(LIMIT).expect("in time")
}

/// What tests panic with on purpose. The panic hook says nothing about it.
pub(crate) struct Deliberate;

pub(crate) fn panic_deliberately() -> ! {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !info.payload().is::<Deliberate>() {
                loud(info);
            }
        }));
    });
    panic::panic_any(Deliberate)
}

/// The message that `f` panics with.
#[track_caller]
pub(crate) fn panic_message(f: impl FnOnce()) -> String {
    let payload = panic::catch_unwind(panic::AssertUnwindSafe(f)).expect_err("a panic");
    match payload.downcast::<String>() {
        Ok(message) => *message,
        Err(payload) => payload.downcast::<&str>().expect("a message").to_string(),
    }
}

/// A runtime of `workers` workers.
pub(crate) fn runtime(workers: usize) -> Runtime {
    Builder::new().core_threads(workers).build().unwrap()
}

/// A listener on a port that the system chose. Not bound to a reactor yet.
pub(crate) fn listener() -> TcpListener {
    TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap()
}

/// The threads of this process, by name.
#[cfg(target_os = "linux")]
pub(crate) fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // A thread that ended meanwhile has no name any more.
    tasks.filter_map(|t| std::fs::read_to_string(t.unwrap().path().join("comm")).ok()).collect()
}

/// How many descriptors this process has open, the one that counts them left out.
#[cfg(target_os = "linux")]
pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

/// Makes a test of each function, for tasks of each generation.
#[macro_export]
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod by_futures01 {
            $(#[test] fn $name() {
                $crate::support::bounded(super::$name::<$crate::support::Futures01>)
            })+
        }
        mod by_std {
            $(#[test] fn $name() {
                $crate::support::bounded(super::$name::<$crate::support::Std>)
            })+
        }
    };
}

/// A task of one generation, whose poll is `step`.
pub(crate) trait Generation: 'static {
    fn run(step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static);
    fn spawn(step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static);
    fn spawn_on(executor: &TaskExecutor, step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static);
    fn block_on<T: Send + 'static>(
        runtime: &mut Runtime,
        step: impl FnMut(Caller<'_>) -> Poll<T> + Send + 'static,
    ) -> T;

    /// A task that is done after `f`.
    fn spawn_once(f: impl FnOnce() + Send + 'static) {
        Self::spawn(once(f));
    }
}

pub(crate) enum Futures01 {}
pub(crate) enum Std {}

/// The step of a task that is done after `f`.
pub(crate) fn once<R>(f: impl FnOnce() -> R) -> impl FnMut(Caller<'_>) -> Poll<R> {
    let mut f = Some(f);
    move |_| Poll::Ready(f.take().expect("polled once")())
}

fn futures01<T>(
    mut step: impl FnMut(Caller<'_>) -> Poll<T>,
) -> impl Future01<Item = T, Error = ()> {
    future::poll_fn(move || to_futures01(step(Caller::Futures01).map(Ok)))
}

impl Generation for Futures01 {
    fn run(step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static) {
        tokio::run(futures01(step));
    }

    fn spawn(step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static) {
        tokio::spawn(futures01(step));
    }

    fn spawn_on(
        executor: &TaskExecutor,
        step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static,
    ) {
        executor.spawn(futures01(step));
    }

    fn block_on<T: Send + 'static>(
        runtime: &mut Runtime,
        step: impl FnMut(Caller<'_>) -> Poll<T> + Send + 'static,
    ) -> T {
        runtime.block_on(futures01(step)).unwrap()
    }
}

impl Generation for Std {
    fn run(mut step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static) {
        tokio::run(poll_fn(move |cx| step(cx.into())));
    }

    fn spawn(mut step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static) {
        tokio::spawn(poll_fn(move |cx| step(cx.into())));
    }

    fn spawn_on(
        executor: &TaskExecutor,
        mut step: impl FnMut(Caller<'_>) -> Poll<()> + Send + 'static,
    ) {
        executor.spawn(poll_fn(move |cx| step(cx.into())));
    }

    fn block_on<T: Send + 'static>(
        runtime: &mut Runtime,
        mut step: impl FnMut(Caller<'_>) -> Poll<T> + Send + 'static,
    ) -> T {
        runtime.block_on(poll_fn(move |cx| step(cx.into())))
    }
}
