//! Spawning closures that block: tasks that are one call of [`blocking`](crate::blocking).

use crate::blocking::poll_blocking_patient;
use crate::lease::Lease;
use crate::pool::Pool;
use crate::worker;
use crate::BlockingError;
use std::future::Future;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{JoinHandle, Std};

/// Runs `f`, which may block, as a task of the pool whose thread this is.
///
/// The closure runs on a thread of the pool, as in [`blocking`](crate::blocking), and within the
/// same limit, [`Builder::max_blocking`](crate::Builder::max_blocking): those beyond it wait, first
/// come, first served. While the system refuses threads and all other workers block, it waits too.
/// The handle is a std future; futures 0.1 code waits with
/// [`JoinHandle::join`].
///
/// A panic of `f` comes out of the handle as a [`JoinError`](tokio_task::JoinError).
/// [`JoinHandle::abort`] cancels `f` if it has not started; once it runs, it runs to its end.
/// Dropping the handle changes nothing. When the pool shuts down at once, closures that have not
/// started are dropped, their handles say that they were cancelled, and the shutdown waits for
/// those that run; one that uses a socket or a timer of the same runtime then gets an error.
/// [`ThreadPool::shutdown_on_idle`](crate::ThreadPool::shutdown_on_idle) waits for all.
///
/// A closure that is spawned by a task starts when this task's poll is over; should the poll go on
/// for milliseconds, another worker starts it.
///
/// # Errors
///
/// If this thread polls no task of a thread pool, or the pool allows no blocking.
///
/// ```
/// use futures::Future;
/// use tokio_threadpool::{spawn_blocking, ThreadPool};
///
/// let pool = ThreadPool::new();
/// let outer = pool.spawn(async {
///     let read = spawn_blocking(|| std::fs::read_to_string("Cargo.toml")).unwrap();
///     read.await.unwrap().unwrap()
/// });
/// assert!(outer.join().wait().unwrap().contains("[package]"));
/// ```
pub fn spawn_blocking<F, T>(f: F) -> Result<JoinHandle<T>, BlockingError>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    worker::with_any(|worker| match worker {
        None => Err(BlockingError::new()),
        Some(worker) if worker.pool().config.max_blocking == 0 => Err(BlockingError::forbidden()),
        Some(worker) => Ok(spawn(worker.sender().lease(), f)),
    })
}

/// Spawns `f` by `lease`. If the pool takes no more tasks, the handle says that it was cancelled.
pub(crate) fn spawn<F, T>(lease: &Lease, f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let job = Std(Job(Some(f)));
    if lease.config.max_blocking == 0 {
        return JoinHandle::cancelled(job);
    }
    Pool::spawn_joined(lease, job)
}

/// The task of one closure.
struct Job<F>(Option<F>);

// The closure is never pinned: it moves out to be called.
impl<F> Unpin for Job<F> {}

impl<F: FnOnce() -> T, T> Future for Job<F> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let run = || self.0.take().expect("polled after it was ready")();
        match ready!(poll_blocking_patient(cx, run)) {
            Ok(output) => Poll::Ready(output),
            // The pool is shutting down, and drops this task next.
            Err(_) => Poll::Pending,
        }
    }
}
