//! Pipes on a reactor.

use mio::unix::pipe::{Receiver, Sender};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::process::ChildStdin;
use std::task::Poll;
use tokio_reactor::{Direction, Handle, LateBound, LateSource};
use tokio_task::Caller;

pub(crate) struct PipeReader(LateBound<ReadEnd>);

impl PipeReader {
    pub(crate) fn new(pipe: impl Into<OwnedFd>, handle: &Handle) -> io::Result<Self> {
        let pipe = pipe.into();
        make_nonblocking(&pipe)?;
        LateBound::with_handle(ReadEnd(pipe), handle).map(PipeReader)
    }

    pub(crate) fn poll_read(
        &mut self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_stream_io(caller, Direction::Read, buf.len(), |mut pipe| pipe.read(buf))
    }
}

pub(crate) struct PipeWriter(LateBound<WriteEnd>);

impl PipeWriter {
    pub(crate) fn new(pipe: ChildStdin, handle: &Handle) -> io::Result<Self> {
        let pipe = OwnedFd::from(pipe);
        make_nonblocking(&pipe)?;
        LateBound::with_handle(WriteEnd(pipe), handle).map(PipeWriter)
    }

    pub(crate) fn poll_write(&mut self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_stream_io(caller, Direction::Write, buf.len(), |mut pipe| pipe.write(buf))
    }

    /// What is written is in the pipe.
    pub(crate) fn poll_flush(&mut self, _: Caller<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// This end only: the process's own end is another open file.
fn make_nonblocking(pipe: &OwnedFd) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(pipe, true)?)
}

/// A pipe that comes to its reactor with the first poll.
macro_rules! end {
    ($name:ident, $source:ident) => {
        struct $name(OwnedFd);

        impl LateSource for $name {
            type Source = $source;

            fn into_source(self) -> $source {
                $source::from(self.0)
            }

            fn from_source(source: $source) -> Self {
                $name(source.into())
            }
        }
    };
}

end!(ReadEnd, Receiver);
end!(WriteEnd, Sender);

impl AsRawFd for PipeReader {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl AsRawFd for PipeWriter {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}
