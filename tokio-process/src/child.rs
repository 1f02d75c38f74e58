//! A child process and its pipes.

use crate::awaited::both_generations;
use crate::process::Process;
use crate::{ChildStderr, ChildStdin, ChildStdout, WaitWithOutput};
use std::future::poll_fn;
use std::io;
use std::process::{Command, ExitStatus};
use std::task::Poll;
use tokio_reactor::Handle;
use tokio_task::Caller;

/// A child process; made by [`CommandExt::spawn_async`](crate::CommandExt::spawn_async).
///
/// It is a futures 0.1 `Future` of the exit status, and can be awaited for it. To wait and keep
/// the child, async code has [`exit_status`](Child::exit_status).
///
/// **Dropping it kills the process**, unless it has ended or is [forgotten](Child::forget). A
/// process that nobody waits for any more is reaped in the background, so there are no zombies.
///
/// Only the ends of processes started here are collected: other children of this process, those of
/// `std::process` among them, are left alone.
///
/// Waiting does not close the pipes. A process that reads its standard input to the end only ends
/// when that is closed: take it from [`stdin`](Child::stdin) and drop it.
///
/// ```
/// use futures::Future;
/// use std::process::{Command, Stdio};
/// use tokio_process::CommandExt;
///
/// let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn_async()?;
/// let stdin = child.stdin().take().expect("piped");
/// let feed = tokio_io::io::write_all(stdin, b"meow"); // its end drops the pipe
/// let (_, output) = feed.map(drop).join(child.wait_with_output()).wait()?;
/// assert_eq!(output.stdout, b"meow");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// Of waiting: that the reactor it belongs to is gone, that there is none and none can be
/// started, and that the end of the process was collected by someone else (`ECHILD`), which also
/// happens when this process ignores `SIGCHLD`.
///
/// # Panics
///
/// When it has to wait, if it is polled as a futures 0.1 future outside a futures 0.1 task.
#[derive(Debug)]
#[must_use = "a child that is dropped is killed"]
pub struct Child {
    process: Process,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
}

impl Child {
    pub(crate) fn spawn(command: &mut Command, handle: &Handle) -> io::Result<Child> {
        // From here on, whatever fails kills and reaps the process.
        let mut process = Process::spawn(command, handle)?;
        let (stdin, stdout, stderr) = process.take_pipes();
        Ok(Child {
            stdin: stdin.map(|pipe| ChildStdin::of(pipe, handle)).transpose()?,
            stdout: stdout.map(|pipe| ChildStdout::of(pipe, handle)).transpose()?,
            stderr: stderr.map(|pipe| ChildStderr::of(pipe, handle)).transpose()?,
            process,
        })
    }

    /// The process's number in the system. It stays the same after the end, when the system may
    /// give it to another process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Kills the process: `SIGKILL` on Unix, `TerminateProcess` on Windows. Its end is still to be
    /// waited for. Does nothing if the end has been seen already.
    ///
    /// # Errors
    ///
    /// Those of the system, such as `PermissionDenied` for a process that has changed its user.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill()
    }

    /// Where the process reads its standard input from, if that is a pipe and was not taken.
    pub fn stdin(&mut self) -> &mut Option<ChildStdin> {
        &mut self.stdin
    }

    /// Where the process's standard output comes out, if that is a pipe and was not taken.
    pub fn stdout(&mut self) -> &mut Option<ChildStdout> {
        &mut self.stdout
    }

    /// Where the process's standard error comes out, if that is a pipe and was not taken.
    pub fn stderr(&mut self) -> &mut Option<ChildStderr> {
        &mut self.stderr
    }

    /// The exit status, if the process has ended. Does not wait; for either generation.
    ///
    /// # Errors
    ///
    /// If the end of the process was collected by someone else.
    pub fn try_exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.try_exit_status()
    }

    /// Waits for the end of the process, in async code, and keeps the child: so it can be killed
    /// later. Dropping the future changes nothing; calling this again gives the same status.
    ///
    /// (Not named `wait`: that is a method of futures 0.1's `Future`, which blocks the thread.)
    ///
    /// ```
    /// use std::process::Command;
    /// use tokio_process::CommandExt;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # futures03::executor::block_on(async {
    /// let mut child = Command::new("sleep").arg("1000").spawn_async()?;
    /// child.kill()?;
    /// let status = child.exit_status().await?;
    /// assert!(!status.success());
    /// # Ok(()) })
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of waiting; see [`Child`].
    pub async fn exit_status(&mut self) -> io::Result<ExitStatus> {
        poll_fn(|cx| self.poll_with(cx.into())).await
    }

    /// Waits for the end of the process. The one definition, for either generation. When it has
    /// been ready once, it stays so.
    ///
    /// # Errors
    ///
    /// Those of waiting; see [`Child`].
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<ExitStatus>> {
        self.process.poll_exit(caller)
    }

    /// Closes the standard input, and collects what the process writes to the pipes that have not
    /// been taken, until they end and the process has ended. Both pipes are read at the same time.
    ///
    /// Other processes that have inherited a pipe keep it open.
    pub fn wait_with_output(self) -> WaitWithOutput {
        drop(self.stdin);
        WaitWithOutput::new(self.process, self.stdout, self.stderr)
    }

    /// Drops this without killing the process, which runs on.
    ///
    /// The pipes are closed. When the process ends while this one still runs, it is reaped in the
    /// background: until then it keeps a descriptor, and one thread for all such processes.
    pub fn forget(self) {
        self.process.forget();
    }

    pub(crate) fn into_process(self) -> Process {
        self.process
    }
}

both_generations!(Child, ExitStatus);
