//! The half of a stream that reads.

use crate::io::WriteHalf;
use crate::poll::{or_would_block, settled};
use crate::split::Shared;
use crate::{AsyncRead, AsyncWrite};
use bytes::BufMut;
use futures::{Async, Poll as Poll01};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use tokio_task::Caller;

/// The half of a stream that reads; made by [`AsyncRead::split`].
///
/// It implements the read trait of each generation that the stream does. While the other half is
/// in the middle of an operation on another thread, polling answers `NotReady` and the task is
/// woken when the stream is free; it never fails with `WouldBlock`. Only the `std::io::Read`
/// spelling does, and it registers the current futures 0.1 task by the same rule.
///
/// Dropping a half closes nothing while the other one lives.
#[derive(Debug)]
pub struct ReadHalf<T> {
    shared: Arc<Shared<T>>,
}

impl<T> ReadHalf<T> {
    pub(crate) fn new(shared: Arc<Shared<T>>) -> Self {
        ReadHalf { shared }
    }

    pub(crate) fn into_shared(self) -> Arc<Shared<T>> {
        self.shared
    }
}

impl<T: AsyncRead + AsyncWrite> ReadHalf<T> {
    /// Puts the two halves together again.
    ///
    /// # Panics
    ///
    /// If `w` is not the other half of the same stream.
    #[track_caller]
    pub fn unsplit(self, w: WriteHalf<T>) -> T {
        Shared::join(self.shared, w.into_shared())
    }
}

impl<T: AsyncRead> io::Read for ReadHalf<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        or_would_block(self.poll_read(buf))
    }
}

impl<T: AsyncRead> AsyncRead for ReadHalf<T> {
    #[allow(unsafe_code, reason = "an `unsafe fn` of the trait")]
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        match self.shared.try_hold() {
            // SAFETY: reads go to the stream; the caller observes its answer.
            Some(io) => unsafe { io.prepare_uninitialized_buffer(buf) },
            None => {
                buf.fill(0);
                true
            }
        }
    }

    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        match self.shared.poll_hold(Caller::Futures01) {
            Poll::Ready(mut io) => settled(|| io.poll_read(buf)),
            Poll::Pending => Ok(Async::NotReady),
        }
    }

    fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        match self.shared.poll_hold(Caller::Futures01) {
            Poll::Ready(mut io) => settled(|| AsyncRead::read_buf(&mut *io, buf)),
            Poll::Pending => Ok(Async::NotReady),
        }
    }
}

impl<T: futures_io::AsyncRead + Unpin> futures_io::AsyncRead for ReadHalf<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut io = ready!(self.shared.poll_hold(cx.into()));
        Pin::new(&mut *io).poll_read(cx, buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut io = ready!(self.shared.poll_hold(cx.into()));
        Pin::new(&mut *io).poll_read_vectored(cx, bufs)
    }
}
