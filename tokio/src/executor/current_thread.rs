//! The single-threaded executor under its old path.
#![allow(deprecated, reason = "what is here names each other")]

pub use tokio_current_thread::{
    block_on_all, spawn, BlockError, CurrentThread, Entered, Handle, RunError, RunTimeoutError,
    TaskExecutor, Turn, TurnError,
};

use std::cell::Cell;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::task::Poll;

/// What [`run`] shows to its closure.
#[deprecated(since = "0.1.2", note = "use `tokio::runtime::current_thread` instead")]
#[derive(Debug)]
pub struct Context<'a> {
    cancel: Cell<bool>,
    call: PhantomData<&'a ()>,
}

impl Context<'_> {
    /// Has all tasks dropped when the closure returns.
    pub fn cancel_all_spawned(&self) {
        self.cancel.set(true);
    }
}

/// Calls `f` inside of an executor without a reactor and timers, and returns when all that it spawned
/// has ended.
///
/// # Panics
///
/// If this thread runs an executor already; if `f` panics, or a task that no join handle waits for.
#[deprecated(since = "0.1.2", note = "use `tokio::runtime::current_thread::block_on_all` instead")]
pub fn run<F, R>(f: F) -> R
where
    F: FnOnce(&mut Context<'_>) -> R,
{
    let mut context = Context { cancel: Cell::new(false), call: PhantomData };
    let mut executor = CurrentThread::new();
    let mut f = Some(f);
    let result = executor
        .block_on(poll_fn(|_| Poll::Ready(f.take().expect("polled once")(&mut context))))
        .expect("failed to start an executor");
    if !context.cancel.get() {
        executor.run().expect("failed to wait");
    }
    result
}

/// The executor of this thread.
#[deprecated(since = "0.1.2", note = "use `TaskExecutor::current` instead")]
pub fn task_executor() -> TaskExecutor {
    TaskExecutor::current()
}
