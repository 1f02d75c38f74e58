//! What `#[tokio::main]` and `#[tokio::test]` call. Not for anyone else: it changes with them.

use crate::runtime::{current_thread, Builder};
use std::future::Future;

/// Runs a function's future on this thread, beside a runtime with workers.
#[track_caller]
pub fn block_on_multi_thread<F: Future>(workers: Option<usize>, future: F) -> F::Output {
    let mut builder = Builder::new();
    if let Some(workers) = workers {
        builder.core_threads(workers);
    }
    let runtime = builder.build().expect("failed to start a runtime");
    runtime.as_handle().block_on(future)
}

/// Runs a function's future on this thread, on a runtime of the current thread.
#[track_caller]
pub fn block_on_current_thread<F: Future>(future: F) -> F::Output {
    let mut runtime = current_thread::Runtime::new().expect("failed to start a runtime");
    runtime.block_on::<tokio_task::ByStd<F>>(future)
}
