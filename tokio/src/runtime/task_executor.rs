//! Spawning on a runtime, from anywhere.

use futures::future::ExecuteError;
use futures::Future;
use tokio_executor::{Executor, SharedExecutor, SpawnError, TypedExecutor};
use tokio_task::{Boxed, IntoTask, TaskKind};
use tokio_threadpool::Sender;

/// Spawns futures of both generations on a runtime, from any thread. Made by
/// [`Runtime::executor`](super::Runtime::executor). It does not keep the runtime running.
///
/// ```
/// let runtime = tokio::runtime::Runtime::new().unwrap();
/// let executor = runtime.executor();
/// std::thread::spawn(move || executor.spawn(async {})).join().unwrap();
/// # drop(runtime);
/// ```
#[derive(Clone, Debug)]
pub struct TaskExecutor {
    inner: Sender,
}

impl TaskExecutor {
    pub(super) fn new(inner: Sender) -> Self {
        TaskExecutor { inner }
    }

    /// Spawns a future. For a futures 0.1 future this returns `()`, for a std future a
    /// [`JoinHandle`](crate::task::JoinHandle), which may be dropped freely.
    ///
    /// If the runtime has shut down, the future is dropped, and the handle says that the task was
    /// cancelled; to be told, use the [`Executor`] trait.
    pub fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> G::Plain {
        self.inner.spawn_body::<G>(future.into_body()).unwrap_or_else(G::cancelled)
    }
}

impl<T> futures::future::Executor<T> for TaskExecutor
where
    T: Future<Item = (), Error = ()> + Send + 'static,
{
    fn execute(&self, future: T) -> Result<(), ExecuteError<T>> {
        self.inner.execute(future)
    }
}

impl Executor for TaskExecutor {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.inner.spawn_boxed(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        Executor::status(&self.inner)
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        Some(&self.inner)
    }
}

impl<T> TypedExecutor<T> for TaskExecutor
where
    T: Future<Item = (), Error = ()> + Send + 'static,
{
    fn spawn(&mut self, future: T) -> Result<(), SpawnError> {
        self.inner.spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        Executor::status(&self.inner)
    }
}
