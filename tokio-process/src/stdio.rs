//! The three pipes of a process, in the I/O traits of both generations.

use crate::sys::{PipeReader, PipeWriter};
use futures::Poll as Poll01;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::process;
use std::task::{ready, Context, Poll};
use tokio_reactor::Handle;
use tokio_task::{to_futures01, Caller};

/// A poll in the shape of `std::io`, where "wait" is an error.
fn or_would_block<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}

/// The standard input of a process, to write to; of [`Child::stdin`](crate::Child::stdin).
///
/// futures 0.1 uses [`tokio_io::AsyncWrite`] (and `std::io::Write`, which fails with `WouldBlock`
/// where a 0.1 task would wait), std [`futures_io::AsyncWrite`].
///
/// The process reads the end of its input when this is dropped, or closed: by 0.1's `shutdown` or
/// std's `close`. Writing to a process that has ended or has closed its end fails with
/// `BrokenPipe`, as Rust programs ignore `SIGPIPE` from their start.
///
/// On Windows a thread writes what was taken over: an error may show up at a later write or at
/// the flush, and dropping this leaves what was taken over to be written. A write within one poll
/// happens or not: dropping a future that waits loses nothing.
pub struct ChildStdin {
    /// `None` once closed.
    pipe: Option<PipeWriter>,
}

impl ChildStdin {
    pub(crate) fn of(pipe: process::ChildStdin, handle: &Handle) -> io::Result<Self> {
        Ok(ChildStdin { pipe: Some(PipeWriter::new(pipe, handle)?) })
    }

    fn pipe(&mut self) -> io::Result<&mut PipeWriter> {
        let closed = || io::Error::new(ErrorKind::BrokenPipe, "the standard input was closed");
        self.pipe.as_mut().ok_or_else(closed)
    }

    /// Writes some bytes from the start of `buf`, and returns how many. The one definition of
    /// writing, for either generation.
    ///
    /// # Errors
    ///
    /// `BrokenPipe` if the process reads no more, or this is closed. Never `WouldBlock`.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task; so do all functions
    /// that take a caller.
    pub fn poll_write_with(&mut self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.pipe()?.poll_write(caller, buf)
    }

    /// Waits until all that was written is in the pipe, which on Unix it is at once.
    ///
    /// # Errors
    ///
    /// As [`poll_write_with`](Self::poll_write_with).
    pub fn poll_flush_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        self.pipe()?.poll_flush(caller)
    }

    /// Flushes, then closes this end of the pipe. Closing once more does nothing.
    ///
    /// # Errors
    ///
    /// Those of flushing; the pipe is closed then as well.
    pub fn poll_close_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        if self.pipe.is_none() {
            return Poll::Ready(Ok(()));
        }
        let flushed = ready!(self.poll_flush_with(caller));
        self.pipe = None;
        Poll::Ready(flushed)
    }
}

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
///
/// # Panics
///
/// If it has to wait outside a futures 0.1 task.
impl Write for ChildStdin {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(self.poll_write_with(Caller::Futures01, buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_would_block(self.poll_flush_with(Caller::Futures01))
    }
}

impl tokio_io::AsyncWrite for ChildStdin {
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_write_with(Caller::Futures01, buf))
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        to_futures01(self.poll_flush_with(Caller::Futures01))
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        to_futures01(self.poll_close_with(Caller::Futures01))
    }
}

impl futures_io::AsyncWrite for ChildStdin {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_with(cx.into(), buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush_with(cx.into())
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_close_with(cx.into())
    }
}

impl fmt::Debug for ChildStdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildStdin").finish_non_exhaustive()
    }
}

/// What a process writes, to be read.
macro_rules! output {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// futures 0.1 uses [`tokio_io::AsyncRead`] (and `std::io::Read`, which fails with
        /// `WouldBlock` where a 0.1 task would wait), std [`futures_io::AsyncRead`]. The end comes
        /// when the process, and all that have inherited the pipe from it, have closed it.
        ///
        /// Dropping it closes the pipe. A read happens within one poll or not at all: dropping a
        /// future that waits loses nothing. On Windows a thread reads ahead; it lives until the
        /// pipe ends.
        pub struct $name {
            pipe: PipeReader,
        }

        impl $name {
            pub(crate) fn of(pipe: process::$name, handle: &Handle) -> io::Result<Self> {
                Ok($name { pipe: PipeReader::new(pipe, handle)? })
            }

            /// Reads up to `buf.len()` bytes; 0 for a non-empty `buf` is the end. The one
            /// definition of reading, for either generation.
            ///
            /// # Errors
            ///
            /// Those of the system. Never `WouldBlock`.
            ///
            /// # Panics
            ///
            /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
            pub fn poll_read_with(
                &mut self,
                caller: Caller<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.pipe.poll_read(caller, buf)
            }
        }

        /// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
        ///
        /// # Panics
        ///
        /// If it has to wait outside a futures 0.1 task.
        impl Read for $name {
            fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
                or_would_block(self.poll_read_with(Caller::Futures01, buf))
            }
        }

        impl tokio_io::AsyncRead for $name {
            fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
                to_futures01(self.poll_read_with(Caller::Futures01, buf))
            }
        }

        impl futures_io::AsyncRead for $name {
            fn poll_read(
                mut self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut [u8],
            ) -> Poll<io::Result<usize>> {
                self.poll_read_with(cx.into(), buf)
            }
        }

        #[cfg(unix)]
        impl AsRawFd for $name {
            fn as_raw_fd(&self) -> RawFd {
                self.pipe.as_raw_fd()
            }
        }

        #[cfg(windows)]
        impl AsRawHandle for $name {
            fn as_raw_handle(&self) -> RawHandle {
                self.pipe.as_raw_handle()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

output! {
    /// The standard output of a process; of [`Child::stdout`](crate::Child::stdout).
    ChildStdout
}

output! {
    /// The standard error of a process; of [`Child::stderr`](crate::Child::stderr).
    ChildStderr
}

#[cfg(unix)]
use std::os::fd::{AsRawFd, RawFd};
#[cfg(windows)]
use std::os::windows::io::{AsRawHandle, RawHandle};

/// -1 once it is closed.
#[cfg(unix)]
impl AsRawFd for ChildStdin {
    fn as_raw_fd(&self) -> RawFd {
        self.pipe.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }
}

/// Null once it is closed.
#[cfg(windows)]
impl AsRawHandle for ChildStdin {
    fn as_raw_handle(&self) -> RawHandle {
        self.pipe.as_ref().map_or(std::ptr::null_mut(), AsRawHandle::as_raw_handle)
    }
}
