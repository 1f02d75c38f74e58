//! Why an executor did not take a task.

use std::error::Error;
use std::fmt;

/// Why a task could not be spawned. The future that was to be spawned has been dropped.
///
/// Executors make one with [`SpawnError::shutdown`] or [`SpawnError::at_capacity`]. Both
/// generations of futures get the same errors.
///
/// ```
/// use tokio_executor::{DefaultExecutor, Executor, SpawnError};
///
/// // No executor has been set for this thread.
/// let error: SpawnError = DefaultExecutor::current().status().unwrap_err();
/// assert!(error.is_shutdown());
/// ```
pub struct SpawnError(Kind);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Shutdown,
    AtCapacity,
    NoExecutor,
    Busy,
}

impl SpawnError {
    /// The executor has shut down and will never take a task again.
    pub fn shutdown() -> Self {
        SpawnError(Kind::Shutdown)
    }

    /// The executor cannot take a task now, and may take one later.
    pub fn at_capacity() -> Self {
        SpawnError(Kind::AtCapacity)
    }

    /// No executor is set for this thread.
    pub(crate) fn no_executor() -> Self {
        SpawnError(Kind::NoExecutor)
    }

    /// The executor is in exclusive use further down this thread's stack.
    pub(crate) fn busy() -> Self {
        SpawnError(Kind::Busy)
    }

    /// Whether there is no running executor: it has shut down, or none is set for this thread.
    /// Trying again is of no use.
    pub fn is_shutdown(&self) -> bool {
        matches!(self.0, Kind::Shutdown | Kind::NoExecutor)
    }

    /// Whether the executor could not take the task at that moment: it was full, or it was in the
    /// middle of taking another task on the same thread (see [`Executor::shared`]). Trying again
    /// later may succeed.
    ///
    /// [`Executor::shared`]: crate::Executor::shared
    pub fn is_at_capacity(&self) -> bool {
        matches!(self.0, Kind::AtCapacity | Kind::Busy)
    }
}

impl fmt::Debug for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SpawnError").field(&self.0).finish()
    }
}

impl fmt::Display for SpawnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Shutdown => "the executor has shut down and takes no more tasks",
            Kind::AtCapacity => "the executor is at capacity: spawn again when a task has ended",
            Kind::NoExecutor => {
                "no executor is set for this thread: spawn from inside a running executor (a task, \
                 or the closure of `with_default`), or through the executor's own handle"
            }
            Kind::Busy => {
                "the executor is taking another task: a destructor or the executor itself spawned \
                 from inside its `spawn`"
            }
        })
    }
}

impl Error for SpawnError {}
