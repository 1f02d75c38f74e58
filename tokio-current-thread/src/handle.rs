//! Spawning from other threads.

use crate::door::Door;
use std::any::Any;
use std::fmt;
use std::sync::Arc;
use tokio_executor::{Executor, SharedExecutor, SpawnError};
use tokio_task::{Boxed, IntoTask, TaskKind};

/// Spawns futures of both generations on a [`CurrentThread`](crate::CurrentThread), from any thread.
/// It does not keep the executor alive.
///
/// ```
/// use tokio_current_thread::CurrentThread;
///
/// let mut executor = CurrentThread::new();
/// let handle = executor.handle();
/// let spawner = std::thread::spawn(move || handle.spawn(async { 42 }).unwrap());
/// let answer = spawner.join().unwrap();
/// assert_eq!(executor.block_on(answer).unwrap().unwrap(), 42);
/// ```
#[derive(Clone)]
pub struct Handle(Arc<Door>);

impl Handle {
    pub(crate) fn new(door: Arc<Door>) -> Self {
        Handle(door)
    }

    /// Spawns a future: `Ok(())` for a futures 0.1 future, `Ok` with a
    /// [`JoinHandle`](tokio_task::JoinHandle) for a std one.
    ///
    /// # Errors
    ///
    /// If the executor has been dropped; then the future is dropped here.
    ///
    /// ```
    /// let handle = tokio_current_thread::CurrentThread::new().handle();
    /// assert!(handle.spawn(async {}).unwrap_err().is_shutdown());
    /// ```
    pub fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> Result<G::Plain, SpawnError> {
        self.spawn_body::<G>(future.into_body()).map_err(|_| SpawnError::shutdown())
    }

    /// Spawns what [`IntoTask`] has made of a future. If the executor has been dropped, it comes
    /// back.
    #[doc(hidden)]
    pub fn spawn_body<G: TaskKind>(&self, body: G::Body) -> Result<G::Plain, G::Body> {
        self.0.spawn::<G>(body)
    }

    /// Whether a spawn would succeed, at this moment.
    ///
    /// # Errors
    ///
    /// If the executor has been dropped.
    pub fn status(&self) -> Result<(), SpawnError> {
        self.0.status()
    }
}

/// For who makes it the default of another thread.
impl SharedExecutor for Handle {
    fn spawn_boxed(&self, future: Boxed) -> Result<(), SpawnError> {
        Handle::spawn(self, future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        Handle::status(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Executor for Handle {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        Handle::spawn(self, future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        Handle::status(self)
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        Some(self)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").field("door", &self.0).finish()
    }
}
