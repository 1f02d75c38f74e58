//! A thread of the pool, from its start to its end.

use crate::backup::Handover;
use crate::core::Core;
use crate::pool::Pool;
use crate::sync::thread;
use crate::worker::Worker;
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;
use tokio_task::panics::discard;

/// Starts a thread that works for `core`. If the system refuses, the core comes back.
pub(crate) fn start(pool: &Arc<Pool>, core: Box<Core>) -> Result<(), (io::Error, Box<Core>)> {
    let mut builder = thread::Builder::new();
    if let Some(prefix) = &pool.config.name_prefix {
        builder = builder.name(format!("{}{}", prefix, core.index));
    }
    if let Some(stack_size) = pool.config.stack_size {
        builder = builder.stack_size(stack_size);
    }
    if pool.config.refuse_threads.as_ref().is_some_and(|refuse| refuse.load(Relaxed)) {
        return Err((io::ErrorKind::WouldBlock.into(), core));
    }
    let handover = Arc::new(Handover::with_core(core));
    let (for_thread, of_pool) = (handover.clone(), pool.clone());
    pool.thread_starts();
    let started = builder.spawn(move || {
        let core = for_thread.take().expect("the core waits for this thread");
        // What a hook leaves to be run by the destructor of `Enter` may panic.
        guard("a callback of `Enter::on_exit`", || run(&of_pool, core));
        of_pool.thread_ends();
    });
    match started {
        Ok(_) => Ok(()),
        Err(error) => {
            // Never the last: the caller is counted as a thread of the pool, or still builds it.
            pool.thread_ends();
            Err((error, handover.take().expect("the thread did not start")))
        }
    }
}

fn run(pool: &Arc<Pool>, core: Box<Core>) {
    let worker = Worker::new(pool.clone(), core);
    let _current = worker.make_current();
    // Tasks cannot unwind to here; the hooks can, and then the worker works on without them.
    guard("`after_start`", || {
        if let Some(after_start) = &pool.config.after_start {
            after_start();
        }
    });
    let mut enter = tokio_executor::enter().expect("a new thread runs no executor");
    let mut sender = worker.sender().clone();
    tokio_executor::with_default(&mut sender, &mut enter, |enter| {
        if let Some(around_worker) = &pool.config.around_worker {
            guard("`around_worker`", || around_worker(&worker, enter));
        }
        // Returns at once if `around_worker` has done its part.
        worker.run();
    });
    guard("`before_stop`", || {
        if let Some(before_stop) = &pool.config.before_stop {
            before_stop();
        }
    });
}

/// Runs foreign code that must not take a worker with it when it panics.
pub(crate) fn guard(what: &str, f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        discard(payload);
        log::error!("{what} panicked on a thread of a thread pool");
    }
}
