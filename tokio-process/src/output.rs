//! All that a process writes, and how it ended.

use crate::awaited::both_generations;
use crate::process::Process;
use crate::{ChildStderr, ChildStdout};
use std::io;
use std::mem;
use std::process::Output;
use std::task::{ready, Poll};
use tokio_task::Caller;

/// All that a process writes, and its exit status; made by
/// [`Child::wait_with_output`](crate::Child::wait_with_output).
///
/// A futures 0.1 `Future` that can be awaited. Both pipes are read at the same time, so a process
/// that fills both does not hang. Dropping it kills the process, and loses what was read.
///
/// # Errors
///
/// Those of waiting (see [`Child`](crate::Child)), and those of reading. The process is killed
/// when the future is dropped.
///
/// # Panics
///
/// When it has to wait, if it is polled as a futures 0.1 future outside a futures 0.1 task.
#[derive(Debug)]
#[must_use = "a process whose output is dropped is killed"]
pub struct WaitWithOutput {
    process: Process,
    stdout: Collected<ChildStdout>,
    stderr: Collected<ChildStderr>,
}

impl WaitWithOutput {
    pub(crate) fn new(
        process: Process,
        stdout: Option<ChildStdout>,
        stderr: Option<ChildStderr>,
    ) -> Self {
        let (stdout, stderr) = (Collected::from(stdout), Collected::from(stderr));
        WaitWithOutput { process, stdout, stderr }
    }

    fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<Output>> {
        // All three are polled before any is waited for.
        let stdout = self.stdout.poll_ended(caller, ChildStdout::poll_read_with)?;
        let stderr = self.stderr.poll_ended(caller, ChildStderr::poll_read_with)?;
        let status = ready!(self.process.poll_exit(caller))?;
        ready!(stdout);
        ready!(stderr);
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        Poll::Ready(Ok(Output { status, stdout, stderr }))
    }
}

both_generations!(WaitWithOutput, Output);

/// What came out of a pipe so far.
#[derive(Debug)]
struct Collected<P> {
    /// `None` when it has ended, or there never was one.
    pipe: Option<P>,
    bytes: Vec<u8>,
}

impl<P> Collected<P> {
    /// Reads to the end of the pipe, then closes it.
    fn poll_ended(
        &mut self,
        caller: Caller<'_>,
        read: impl Fn(&mut P, Caller<'_>, &mut [u8]) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        while let Some(pipe) = &mut self.pipe {
            let filled = self.bytes.len();
            self.bytes.resize(filled + AT_ONCE, 0);
            let read = read(pipe, caller, &mut self.bytes[filled..]);
            let n = if let Poll::Ready(Ok(n)) = read { n } else { 0 };
            self.bytes.truncate(filled + n);
            if ready!(read)? == 0 {
                self.pipe = None;
            }
        }
        Poll::Ready(Ok(()))
    }

    fn take(&mut self) -> Vec<u8> {
        mem::take(&mut self.bytes)
    }
}

impl<P> From<Option<P>> for Collected<P> {
    fn from(pipe: Option<P>) -> Self {
        Collected { pipe, bytes: Vec::new() }
    }
}

/// As much as a pipe holds on most systems is 64 KiB; zeroing as much for each read would not pay.
const AT_ONCE: usize = 16 * 1024;

/// All that a process writes, and its exit status; made by
/// [`CommandExt::output_async`](crate::CommandExt::output_async).
///
/// As [`WaitWithOutput`], and it also reports why the process could not be started.
///
/// # Errors
///
/// Those of starting (see [`spawn_async`](crate::CommandExt::spawn_async)), of waiting and of
/// reading.
///
/// # Panics
///
/// If it is polled again after it has reported that the process could not be started; and as
/// [`WaitWithOutput`].
#[derive(Debug)]
#[must_use = "a process whose output is dropped is killed"]
pub struct OutputAsync(Result<WaitWithOutput, Option<io::Error>>);

impl OutputAsync {
    pub(crate) fn of(started: io::Result<WaitWithOutput>) -> Self {
        OutputAsync(started.map_err(Some))
    }

    fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<Output>> {
        match &mut self.0 {
            Ok(output) => output.poll_with(caller),
            Err(error) => {
                Poll::Ready(Err(error.take().expect("`OutputAsync` polled after it failed")))
            }
        }
    }
}

both_generations!(OutputAsync, Output);
