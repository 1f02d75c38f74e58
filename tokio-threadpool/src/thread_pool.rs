//! A pool as its owner sees it: start, spawn, shut down.

use crate::builder::Builder;
use crate::lifecycle::Spawns;
use crate::pool::Pool;
use crate::spawn_blocking;
use crate::worker;
use crate::{Sender, Shutdown, SpawnHandle};
use futures::Future as Future01;
use std::fmt;
use std::sync::Arc;
use tokio_task::{Futures01Result, IntoBlockOn, IntoTask, JoinHandle, TaskKind};

/// A work-stealing thread pool that runs futures of both generations.
///
/// Dropping it shuts it down as [`ThreadPool::shutdown_now`] does and waits for that, unless it is
/// dropped on one of its own threads.
///
/// ```
/// use futures::Future;
/// use tokio_threadpool::ThreadPool;
///
/// let pool = ThreadPool::new();
/// pool.spawn(futures::future::lazy(|| Ok(println!("0.1")))); // returns `()`
/// let handle = pool.spawn(async { 42 }); // returns a `JoinHandle`
/// assert_eq!(handle.join().wait().unwrap(), 42);
/// pool.shutdown_on_idle().wait().unwrap();
/// ```
pub struct ThreadPool {
    /// None once a shutdown has been asked for.
    sender: Option<Sender>,
}

impl ThreadPool {
    /// A pool with the defaults of [`Builder::new`].
    ///
    /// # Panics
    ///
    /// If the system refuses a thread.
    pub fn new() -> ThreadPool {
        Builder::new().build()
    }

    pub(crate) fn new_with_pool(pool: Arc<Pool>) -> ThreadPool {
        ThreadPool { sender: Some(Sender::new(pool)) }
    }

    /// Spawns a future. For a futures 0.1 future this returns `()`, for a std future a
    /// [`JoinHandle`], which may be dropped freely.
    ///
    /// If the pool is shutting down on another thread's word, the future is dropped, and the
    /// handle says that it was cancelled.
    pub fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> G::Plain {
        let body = future.into_body();
        Pool::spawn::<G>(self.sender().lease(), body).unwrap_or_else(G::cancelled)
    }

    /// Spawns a futures 0.1 future and returns a handle to its result. Dropping the handle cancels
    /// the future.
    pub fn spawn_handle<F>(&self, future: F) -> SpawnHandle<F::Item, F::Error>
    where
        F: Future01 + Send + 'static,
        F::Item: Send + 'static,
        F::Error: Send + 'static,
    {
        let body = Futures01Result::new(future);
        SpawnHandle::new(Pool::spawn_joined(self.sender().lease(), body))
    }

    /// Runs `f`, which may block, as a task of the pool: as
    /// [`spawn_blocking`](crate::spawn_blocking()) does, which tells more.
    ///
    /// If the pool is shutting down on another thread's word, or allows no blocking, `f` is
    /// dropped, and the handle says that it was cancelled.
    pub fn spawn_blocking<F, T>(&self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        spawn_blocking::spawn(self.sender().lease(), f)
    }

    /// Spawns what a thread is going to block on. Serves both generations; the handle yields a
    /// 0.1 future's `Result`, or a std future's output.
    #[doc(hidden)]
    pub fn spawn_block_on<F, R: ?Sized, E: ?Sized>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: IntoBlockOn<R, E>,
    {
        Pool::spawn_joined(self.sender().lease(), future.into_body())
    }

    /// A handle that spawns, from any thread.
    pub fn sender(&self) -> &Sender {
        self.sender.as_ref().expect("there until a shutdown, which takes the pool")
    }

    /// A handle that spawns, from any thread.
    pub fn sender_mut(&mut self) -> &mut Sender {
        self.sender.as_mut().expect("there until a shutdown, which takes the pool")
    }

    /// Stops the pool when no task is left. Until then tasks may spawn, and so may senders.
    pub fn shutdown_on_idle(self) -> Shutdown {
        self.shut_down(|pool| pool.drain(Spawns::Accepted))
    }

    /// Stops the pool when no task is left. No task is taken from now on.
    pub fn shutdown(self) -> Shutdown {
        self.shut_down(|pool| pool.drain(Spawns::Refused))
    }

    /// Stops the pool now: each future is dropped, those that are being polled after that poll.
    pub fn shutdown_now(self) -> Shutdown {
        self.shut_down(Pool::stop)
    }

    fn shut_down(mut self, how: impl FnOnce(&Arc<Pool>)) -> Shutdown {
        let sender = self.sender.take().expect("there until a shutdown, which takes the pool");
        how(sender.pool());
        Shutdown::new(sender.pool().ended.clone())
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        let Some(sender) = self.sender.take() else { return };
        let pool = sender.pool();
        pool.stop();
        if !worker::with_any(|worker| worker.is_some_and(|w| Arc::ptr_eq(w.pool(), pool))) {
            pool.ended.wait();
        }
    }
}

impl Default for ThreadPool {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool").finish_non_exhaustive()
    }
}
