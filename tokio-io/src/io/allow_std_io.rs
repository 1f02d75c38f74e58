//! A blocking stream in disguise.

use crate::poll::nonblocking;
use crate::{AsyncRead, AsyncWrite};
use futures::Poll as Poll01;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_std, with_futures01};

/// Makes any `std::io` stream pass for an asynchronous one, in both generations.
///
/// Nothing becomes asynchronous by this: an operation that blocks still blocks the thread, and
/// with it all tasks of that thread. It is for streams that do not block for long, such as those
/// in memory and, where that is acceptable, files.
///
/// A stream that fails with `WouldBlock` must have registered the current futures 0.1 task, as
/// streams over those of this crate do; otherwise the task waits for ever.
///
/// ```
/// use futures::Future;
/// use tokio_io::io::{copy, AllowStdIo};
///
/// let (n, ..) = copy(&b"hello\n"[..], AllowStdIo::new(std::io::stdout())).wait().unwrap();
/// assert_eq!(n, 6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllowStdIo<T>(T);

impl<T> AllowStdIo<T> {
    /// Wraps `io`.
    pub fn new(io: T) -> Self {
        AllowStdIo(io)
    }

    /// The stream.
    pub fn get_ref(&self) -> &T {
        &self.0
    }

    /// The stream.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.0
    }

    /// Unwraps.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T: Read> Read for AllowStdIo<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [io::IoSliceMut<'_>]) -> io::Result<usize> {
        self.0.read_vectored(bufs)
    }
}

impl<T: Write> Write for AllowStdIo<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.write(buf)
    }

    fn write_vectored(&mut self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
        self.0.write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<T: Read> AsyncRead for AllowStdIo<T> {}

/// Shutting down flushes.
impl<T: Write> AsyncWrite for AllowStdIo<T> {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        self.poll_flush()
    }
}

/// The stream is never pinned.
impl<T> Unpin for AllowStdIo<T> {}

impl<T: Read> futures_io::AsyncRead for AllowStdIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        to_std(with_futures01(cx, || nonblocking(|| self.0.read(buf))))
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        to_std(with_futures01(cx, || nonblocking(|| self.0.read_vectored(bufs))))
    }
}

impl<T: Write> futures_io::AsyncWrite for AllowStdIo<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        to_std(with_futures01(cx, || nonblocking(|| self.0.write(buf))))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        to_std(with_futures01(cx, || nonblocking(|| self.0.write_vectored(bufs))))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        to_std(with_futures01(cx, || nonblocking(|| self.0.flush())))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}
