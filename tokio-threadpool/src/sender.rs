//! Spawning on a pool, from anywhere.

use crate::lease::Lease;
use crate::pool::Pool;
use crate::spawn_blocking;
use futures::future::{ExecuteError, ExecuteErrorKind};
use futures::Future as Future01;
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use tokio_executor::{Executor, SharedExecutor, SpawnError, TypedExecutor};
use tokio_task::{Boxed, IntoTask, JoinHandle, TaskKind};

/// Spawns futures of both generations on a pool, from any thread.
///
/// It does not keep the pool running: once the pool shuts down, spawning is an error.
///
/// ```
/// use tokio_threadpool::ThreadPool;
///
/// let pool = ThreadPool::new();
/// let sender = pool.sender().clone();
/// drop(pool);
/// assert!(sender.spawn(async {}).unwrap_err().is_shutdown());
/// ```
#[derive(Clone)]
pub struct Sender(Lease);

impl Sender {
    pub(crate) fn new(pool: Arc<Pool>) -> Sender {
        Sender(Lease::new(pool))
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.0
    }

    pub(crate) fn lease(&self) -> &Lease {
        &self.0
    }

    /// Spawns a future: `Ok(())` for a futures 0.1 future, `Ok` with a
    /// [`JoinHandle`] for a std one.
    ///
    /// # Errors
    ///
    /// If the pool is shutting down and takes no more tasks; the future is dropped.
    pub fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> Result<G::Plain, SpawnError> {
        Pool::spawn::<G>(&self.0, future.into_body()).map_err(|_| SpawnError::shutdown())
    }

    /// Runs `f`, which may block, as a task of the pool: as
    /// [`spawn_blocking`](crate::spawn_blocking()) does, which tells more.
    ///
    /// # Errors
    ///
    /// If the pool is shutting down and takes no more tasks, or allows no blocking; `f` is dropped.
    pub fn spawn_blocking<F, T>(&self, f: F) -> Result<JoinHandle<T>, SpawnError>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.0.status()?;
        if self.0.config.max_blocking == 0 {
            return Err(SpawnError::at_capacity());
        }
        Ok(spawn_blocking::spawn(&self.0, f))
    }

    /// As [`Sender::spawn_blocking`]. If the pool takes no more tasks, the handle says that `f` was
    /// cancelled; `f` comes back if the pool allows no blocking.
    #[doc(hidden)]
    pub fn spawn_blocking_or_return<F, T>(&self, f: F) -> Result<JoinHandle<T>, F>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if self.0.config.max_blocking == 0 {
            Err(f)
        } else {
            Ok(spawn_blocking::spawn(&self.0, f))
        }
    }

    /// Spawns what [`IntoTask`] has made of a future. If the pool takes no more tasks, it comes
    /// back.
    #[doc(hidden)]
    pub fn spawn_body<G: TaskKind>(&self, body: G::Body) -> Result<G::Plain, G::Body> {
        Pool::spawn::<G>(&self.0, body)
    }
}

impl SharedExecutor for Sender {
    fn spawn_boxed(&self, future: Boxed) -> Result<(), SpawnError> {
        self.spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.0.status()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Executor for Sender {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.spawn_boxed(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.0.status()
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        Some(self)
    }
}

impl Executor for &Sender {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.spawn_boxed(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.0.status()
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        Some(*self)
    }
}

impl<T> TypedExecutor<T> for Sender
where
    T: Future01<Item = (), Error = ()> + Send + 'static,
{
    fn spawn(&mut self, future: T) -> Result<(), SpawnError> {
        Sender::spawn(self, future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.0.status()
    }
}

impl<T> futures::future::Executor<T> for Sender
where
    T: Future01<Item = (), Error = ()> + Send + 'static,
{
    fn execute(&self, future: T) -> Result<(), ExecuteError<T>> {
        Pool::spawn::<T>(&self.0, tokio_task::Futures01::new(future))
            .map_err(|body| ExecuteError::new(ExecuteErrorKind::Shutdown, body.into_future()))
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(self.pool()).finish()
    }
}
