//! Spawning on a runtime of another thread.

use futures::future::{ExecuteError, ExecuteErrorKind};
use futures::Future;
use tokio_executor::{SpawnError, TypedExecutor};
use tokio_task::{Futures01, IntoTask, TaskKind};

/// Spawns futures of both generations on a [`Runtime`](super::Runtime), from any thread. It does not
/// keep the runtime alive.
///
/// ```
/// use tokio::runtime::current_thread::Runtime;
///
/// let mut runtime = Runtime::new()?;
/// let handle = runtime.handle();
/// let spawner = std::thread::spawn(move || handle.spawn(async { 42 }).unwrap());
/// let task = spawner.join().unwrap();
/// assert_eq!(runtime.block_on(task).unwrap(), 42);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Handle(tokio_current_thread::Handle);

impl Handle {
    pub(super) fn new(executor: tokio_current_thread::Handle) -> Self {
        Handle(executor)
    }

    /// Spawns a future: `Ok(())` for a futures 0.1 future, `Ok` with a
    /// [`JoinHandle`](crate::task::JoinHandle) for a std one.
    ///
    /// # Errors
    ///
    /// If the runtime has been dropped; then the future is dropped here.
    pub fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> Result<G::Plain, SpawnError> {
        self.0.spawn(future)
    }

    /// Whether a spawn would succeed, at this moment.
    ///
    /// # Errors
    ///
    /// If the runtime has been dropped.
    pub fn status(&self) -> Result<(), SpawnError> {
        self.0.status()
    }
}

impl<T> futures::future::Executor<T> for Handle
where
    T: Future<Item = (), Error = ()> + Send + 'static,
{
    fn execute(&self, future: T) -> Result<(), ExecuteError<T>> {
        self.0
            .spawn_body::<T>(Futures01::new(future))
            .map_err(|body| ExecuteError::new(ExecuteErrorKind::Shutdown, body.into_future()))
    }
}

impl<T> TypedExecutor<T> for Handle
where
    T: Future<Item = (), Error = ()> + Send + 'static,
{
    fn spawn(&mut self, future: T) -> Result<(), SpawnError> {
        Handle::spawn(self, future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        Handle::status(self)
    }
}
