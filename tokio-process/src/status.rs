//! From a command to its exit status.

use crate::awaited::both_generations;
use crate::process::Process;
use crate::Child;
use std::io;
use std::process::ExitStatus;
use std::task::Poll;
use tokio_task::Caller;

/// The exit status of a process; made by
/// [`CommandExt::status_async`](crate::CommandExt::status_async).
///
/// A futures 0.1 `Future` that can be awaited. Dropping it kills the process.
///
/// # Errors
///
/// Those of waiting; see [`Child`].
///
/// # Panics
///
/// When it has to wait, if it is polled as a futures 0.1 future outside a futures 0.1 task.
#[derive(Debug)]
#[must_use = "a process whose status is dropped is killed"]
pub struct StatusAsync(Process);

impl StatusAsync {
    /// Closes the child's pipes.
    pub(crate) fn of(child: Child) -> Self {
        StatusAsync(child.into_process())
    }

    fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<ExitStatus>> {
        self.0.poll_exit(caller)
    }
}

both_generations!(StatusAsync, ExitStatus);
