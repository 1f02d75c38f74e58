//! Starting a command.

use crate::{Child, OutputAsync, StatusAsync};
use std::io;
use std::process::{Command, Stdio};
use tokio_reactor::Handle;

/// Starts a [`std::process::Command`] without blocking until it ends.
///
/// The process is started by std, in the call: environment, directory, arguments and pipes are
/// what the `Command` says. Everything else is for either generation; see the methods.
///
/// Without a handle, the child belongs to the reactor of the runtime that polls it first. With
/// one, to the reactor of that; on Windows no reactor is needed and the handle is ignored.
pub trait CommandExt {
    /// Starts the process.
    ///
    /// Its standard streams are inherited, unless the command says otherwise:
    /// `Stdio::piped()` gives the pipes of [`Child`].
    ///
    /// ```
    /// use std::process::Command;
    /// use tokio_process::CommandExt;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # futures03::executor::block_on(async {
    /// let child = Command::new("true").spawn_async()?;
    /// assert!(child.await?.success());
    /// # Ok(()) })
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no such program, and other errors of the system: no more processes,
    /// no more descriptors. Nothing is left behind then. If the process could be started, but not
    /// be watched, it is killed.
    fn spawn_async(&mut self) -> io::Result<Child> {
        self.spawn_async_with_handle(&Handle::default())
    }

    /// The same, on the reactor of `handle`.
    ///
    /// # Errors
    ///
    /// Those of [`spawn_async`](CommandExt::spawn_async), and that the reactor is gone.
    fn spawn_async_with_handle(&mut self, handle: &Handle) -> io::Result<Child>;

    /// Starts the process; the future gives its exit status. Dropping the future kills the
    /// process.
    ///
    /// Its standard streams are inherited, unless the command says otherwise; where that is a
    /// pipe, this end of it is closed at once.
    ///
    /// ```
    /// use futures::Future;
    /// use std::process::Command;
    /// use tokio_process::CommandExt;
    ///
    /// let status = Command::new("false").status_async()?.wait()?;
    /// assert_eq!(status.code(), Some(1));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`spawn_async`](CommandExt::spawn_async).
    fn status_async(&mut self) -> io::Result<StatusAsync> {
        self.status_async_with_handle(&Handle::default())
    }

    /// The same, on the reactor of `handle`.
    ///
    /// # Errors
    ///
    /// Those of [`spawn_async`](CommandExt::spawn_async), and that the reactor is gone.
    fn status_async_with_handle(&mut self, handle: &Handle) -> io::Result<StatusAsync>;

    /// Starts the process; the future gives all that it writes and its exit status. Dropping the
    /// future kills the process.
    ///
    /// Standard output and standard error are piped, whatever the command said before. Standard
    /// input is as the command says, by default that of this process: unlike
    /// [`Command::output`], which gives it nothing to read. There is no limit to what is
    /// collected.
    ///
    /// ```
    /// use std::process::Command;
    /// use tokio_process::CommandExt;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # futures03::executor::block_on(async {
    /// let output = Command::new("echo").arg("hello").output_async().await?;
    /// assert_eq!(output.stdout, b"hello\n");
    /// # Ok(()) })
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// By the future: those of [`spawn_async`](CommandExt::spawn_async), and those of reading.
    fn output_async(&mut self) -> OutputAsync {
        self.output_async_with_handle(&Handle::default())
    }

    /// The same, on the reactor of `handle`.
    ///
    /// # Errors
    ///
    /// By the future: those of [`output_async`](CommandExt::output_async), and that the reactor
    /// is gone.
    fn output_async_with_handle(&mut self, handle: &Handle) -> OutputAsync;
}

impl CommandExt for Command {
    fn spawn_async_with_handle(&mut self, handle: &Handle) -> io::Result<Child> {
        Child::spawn(self, handle)
    }

    fn status_async_with_handle(&mut self, handle: &Handle) -> io::Result<StatusAsync> {
        Child::spawn(self, handle).map(StatusAsync::of)
    }

    fn output_async_with_handle(&mut self, handle: &Handle) -> OutputAsync {
        self.stdout(Stdio::piped()).stderr(Stdio::piped());
        OutputAsync::of(Child::spawn(self, handle).map(Child::wait_with_output))
    }
}
