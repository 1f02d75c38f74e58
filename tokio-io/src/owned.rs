//! A stream that works through references, in two owned halves, for two tasks of either generation.

use crate::{AsyncRead as AsyncRead01, AsyncWrite as AsyncWrite01};
use bytes::{Buf, BufMut};
use futures::{Async, Poll as Poll01};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio_task::panics::Panics;

/// A stream whose sending side can be shut down while others use it.
pub trait FinishWriting {
    /// Shuts down the sending side, without waiting: the peer sees the end of the stream after
    /// what was written so far. A connection that is gone already is as good.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    fn finish_writing(&self) -> io::Result<()>;
}

/// Splits a stream into halves that can go to different tasks, of either generation.
///
/// For streams that work through references, as sockets do: unlike those of
/// [`AsyncRead::split`](AsyncRead01::split), these halves take no lock.
pub fn into_split<S: FinishWriting>(stream: S) -> (OwnedReadHalf<S>, OwnedWriteHalf<S>) {
    let stream = Arc::new(stream);
    (OwnedReadHalf { stream: stream.clone() }, OwnedWriteHalf { stream, on_drop: OnDrop::Finish })
}

/// The reading half of a stream; made by the `into_split` of a socket.
///
/// Implements the reading traits of both generations as the stream does. `as_ref` gives the
/// stream, for its options and addresses. The connection closes when both halves are dropped.
pub struct OwnedReadHalf<S> {
    stream: Arc<S>,
}

/// The writing half of a stream; made by the `into_split` of a socket.
///
/// Implements the writing traits of both generations. **Dropping it shuts down the sending side**,
/// so that the peer sees the end of the stream while the other half still reads; so does closing
/// it, by `futures_io`'s `close` or by 0.1's `AsyncWrite::shutdown`. (The latter does nothing on a
/// whole socket.) [`forget`](Self::forget) drops it without that.
pub struct OwnedWriteHalf<S: FinishWriting> {
    stream: Arc<S>,
    on_drop: OnDrop,
}

#[derive(PartialEq)]
enum OnDrop {
    /// Shut down the sending side.
    Finish,
    Leave,
}

impl<S: FinishWriting> OwnedReadHalf<S> {
    /// Makes a stream of its two halves again.
    ///
    /// # Errors
    ///
    /// If they are halves of different streams; both come back in the error.
    pub fn reunite(self, writer: OwnedWriteHalf<S>) -> Result<S, ReuniteError<S>> {
        if !Arc::ptr_eq(&self.stream, &writer.stream) {
            return Err(ReuniteError { reader: self, writer });
        }
        writer.forget();
        Ok(Arc::into_inner(self.stream).expect("a stream has two halves"))
    }
}

impl<S: FinishWriting> OwnedWriteHalf<S> {
    /// Drops this half and leaves the sending side open, until the reading half is dropped too.
    pub fn forget(mut self) {
        self.on_drop = OnDrop::Leave;
    }

    /// As [`OwnedReadHalf::reunite`].
    ///
    /// # Errors
    ///
    /// If they are halves of different streams; both come back in the error.
    pub fn reunite(self, reader: OwnedReadHalf<S>) -> Result<S, ReuniteError<S>> {
        reader.reunite(self)
    }
}

impl<S: FinishWriting> Drop for OwnedWriteHalf<S> {
    fn drop(&mut self) {
        if self.on_drop == OnDrop::Finish {
            // A waker of somebody who waited may panic, and this may run while another panic unwinds.
            let mut panics = Panics::none();
            panics.hold(|| {
                // Fails if the connection is gone, and then the peer knows.
                let _ = self.stream.finish_writing();
            });
            let _ = panics.swallow();
        }
    }
}

impl<S> AsRef<S> for OwnedReadHalf<S> {
    fn as_ref(&self) -> &S {
        &self.stream
    }
}

impl<S: FinishWriting> AsRef<S> for OwnedWriteHalf<S> {
    fn as_ref(&self) -> &S {
        &self.stream
    }
}

impl<S> Read for OwnedReadHalf<S>
where
    for<'a> &'a S: Read,
{
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self.stream).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self.stream).read_vectored(bufs)
    }
}

impl<S> AsyncRead01 for OwnedReadHalf<S>
where
    for<'a> &'a S: AsyncRead01,
{
    #[allow(unsafe_code)]
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        // SAFETY: the caller keeps the same contract.
        unsafe { (&*self.stream).prepare_uninitialized_buffer(buf) }
    }

    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        AsyncRead01::poll_read(&mut &*self.stream, buf)
    }

    fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        AsyncRead01::read_buf(&mut &*self.stream, buf)
    }
}

impl<S> futures_io::AsyncRead for OwnedReadHalf<S>
where
    for<'a> &'a S: futures_io::AsyncRead,
{
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_read(cx, buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_read_vectored(cx, bufs)
    }
}

impl<S: FinishWriting> Write for OwnedWriteHalf<S>
where
    for<'a> &'a S: Write,
{
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self.stream).write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self.stream).write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `shutdown` shuts down the sending side.
impl<S: FinishWriting> AsyncWrite01 for OwnedWriteHalf<S>
where
    for<'a> &'a S: AsyncWrite01,
{
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        AsyncWrite01::poll_write(&mut &*self.stream, buf)
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        self.stream.finish_writing().map(Async::Ready)
    }

    fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        AsyncWrite01::write_buf(&mut &*self.stream, buf)
    }
}

/// `poll_close` shuts down the sending side.
impl<S: FinishWriting> futures_io::AsyncWrite for OwnedWriteHalf<S>
where
    for<'a> &'a S: futures_io::AsyncWrite,
{
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut &*self.stream).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.finish_writing())
    }
}

impl<S: fmt::Debug> fmt::Debug for OwnedReadHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedReadHalf").field(&self.stream).finish()
    }
}

impl<S: FinishWriting + fmt::Debug> fmt::Debug for OwnedWriteHalf<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedWriteHalf").field(&self.stream).finish()
    }
}

/// The two halves given to `reunite` are not of one stream.
#[derive(Debug)]
pub struct ReuniteError<S: FinishWriting> {
    /// The reading half, as it was given.
    pub reader: OwnedReadHalf<S>,
    /// The writing half, as it was given.
    pub writer: OwnedWriteHalf<S>,
}

impl<S: FinishWriting> fmt::Display for ReuniteError<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot reunite the halves of different streams")
    }
}

impl<S: FinishWriting + fmt::Debug> std::error::Error for ReuniteError<S> {}
