//! The half of a stream that writes.

use crate::io::ReadHalf;
use crate::poll::{or_would_block, settled};
use crate::split::{Held, Shared};
use crate::{AsyncRead, AsyncWrite};
use bytes::Buf;
use futures::{Async, Poll as Poll01};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use tokio_task::Caller;

/// The half of a stream that writes; made by [`AsyncRead::split`].
///
/// It implements the write trait of each generation that the stream does. While the other half is
/// in the middle of an operation on another thread, polling answers `NotReady` and the task is
/// woken when the stream is free; it never fails with `WouldBlock`. Only the `std::io::Write`
/// spelling does, and it registers the current futures 0.1 task by the same rule.
///
/// Dropping a half closes nothing while the other one lives; [`AsyncWrite::shutdown`] does.
#[derive(Debug)]
pub struct WriteHalf<T> {
    shared: Arc<Shared<T>>,
}

impl<T> WriteHalf<T> {
    pub(crate) fn new(shared: Arc<Shared<T>>) -> Self {
        WriteHalf { shared }
    }

    pub(crate) fn into_shared(self) -> Arc<Shared<T>> {
        self.shared
    }

    fn poll_held01<R>(
        &self,
        mut op: impl FnMut(&mut Held<'_, T>) -> Poll01<R, io::Error>,
    ) -> Poll01<R, io::Error> {
        match self.shared.poll_hold(Caller::Futures01) {
            Poll::Ready(mut io) => settled(|| op(&mut io)),
            Poll::Pending => Ok(Async::NotReady),
        }
    }
}

impl<T: AsyncRead + AsyncWrite> WriteHalf<T> {
    /// Puts the two halves together again.
    ///
    /// # Panics
    ///
    /// If `r` is not the other half of the same stream.
    #[track_caller]
    pub fn unsplit(self, r: ReadHalf<T>) -> T {
        Shared::join(self.shared, r.into_shared())
    }
}

impl<T: AsyncWrite> io::Write for WriteHalf<T> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(self.poll_write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_would_block(self.poll_flush())
    }
}

impl<T: AsyncWrite> AsyncWrite for WriteHalf<T> {
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        self.poll_held01(|io| io.poll_write(buf))
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        self.poll_held01(|io| io.poll_flush())
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        self.poll_held01(|io| io.shutdown())
    }

    fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        self.poll_held01(|io| io.write_buf(buf))
    }
}

impl<T: futures_io::AsyncWrite + Unpin> futures_io::AsyncWrite for WriteHalf<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut io = ready!(self.shared.poll_hold(cx.into()));
        Pin::new(&mut *io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut io = ready!(self.shared.poll_hold(cx.into()));
        Pin::new(&mut *io).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut io = ready!(self.shared.poll_hold(cx.into()));
        Pin::new(&mut *io).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut io = ready!(self.shared.poll_hold(cx.into()));
        Pin::new(&mut *io).poll_close(cx)
    }
}
