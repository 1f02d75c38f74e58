//! A stream in two owned halves, for two tasks of either generation.

use crate::TcpStream;
use bytes::{Buf, BufMut};
use futures::{Async, Poll as Poll01};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio_io::{AsyncRead as AsyncRead01, AsyncWrite as AsyncWrite01};

pub(crate) fn split(stream: TcpStream) -> (OwnedReadHalf, OwnedWriteHalf) {
    let stream = Arc::new(stream);
    (OwnedReadHalf { stream: stream.clone() }, OwnedWriteHalf { stream, on_drop: OnDrop::Finish })
}

/// The reading half of a stream; made by [`TcpStream::into_split`].
///
/// Implements the reading traits of both generations as [`TcpStream`] does. `as_ref` gives the
/// stream, for its options and addresses. The connection closes when both halves are dropped.
pub struct OwnedReadHalf {
    stream: Arc<TcpStream>,
}

/// The writing half of a stream; made by [`TcpStream::into_split`].
///
/// Implements the writing traits of both generations. **Dropping it shuts down the sending side**,
/// so that the peer sees the end of the stream while the other half still reads; so does closing
/// it, by `futures_io`'s `close` or by 0.1's `AsyncWrite::shutdown`. (The latter does nothing on a
/// whole [`TcpStream`].) [`forget`](Self::forget) drops it without that.
pub struct OwnedWriteHalf {
    stream: Arc<TcpStream>,
    on_drop: OnDrop,
}

#[derive(PartialEq)]
enum OnDrop {
    /// Shut down the sending side.
    Finish,
    Leave,
}

impl OwnedReadHalf {
    /// Makes a stream of its two halves again.
    ///
    /// # Errors
    ///
    /// If they are halves of different streams; both come back in the error.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let addr = listener.local_addr()?;
    /// # futures03::executor::block_on(async {
    /// let (reader, writer) = tokio_tcp::TcpStream::connect(&addr).await?.into_split();
    /// let stream = reader.reunite(writer).expect("of one stream");
    /// # drop(stream);
    /// # Ok(()) })
    /// # }
    /// ```
    pub fn reunite(self, writer: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        if !Arc::ptr_eq(&self.stream, &writer.stream) {
            return Err(ReuniteError { reader: self, writer });
        }
        writer.forget();
        Ok(Arc::try_unwrap(self.stream).expect("a stream has two halves"))
    }
}

impl OwnedWriteHalf {
    /// Drops this half and leaves the sending side open, until the reading half is dropped too.
    pub fn forget(mut self) {
        self.on_drop = OnDrop::Leave;
    }

    /// As [`OwnedReadHalf::reunite`].
    ///
    /// # Errors
    ///
    /// If they are halves of different streams; both come back in the error.
    pub fn reunite(self, reader: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        reader.reunite(self)
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        if self.on_drop == OnDrop::Finish {
            // Fails if the connection is gone, and then the peer knows.
            let _ = self.stream.finish_writing();
        }
    }
}

impl AsRef<TcpStream> for OwnedReadHalf {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}

impl AsRef<TcpStream> for OwnedWriteHalf {
    fn as_ref(&self) -> &TcpStream {
        &self.stream
    }
}

impl Read for OwnedReadHalf {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self.stream).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self.stream).read_vectored(bufs)
    }
}

impl AsyncRead01 for OwnedReadHalf {
    #[allow(unsafe_code)]
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        // SAFETY: the caller keeps the same contract.
        unsafe { self.stream.prepare_uninitialized_buffer(buf) }
    }

    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        AsyncRead01::poll_read(&mut &*self.stream, buf)
    }

    fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        AsyncRead01::read_buf(&mut &*self.stream, buf)
    }
}

impl futures_io::AsyncRead for OwnedReadHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_read_with(cx.into(), buf)
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_read_vectored_with(cx.into(), bufs)
    }
}

impl Write for OwnedWriteHalf {
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
impl AsyncWrite01 for OwnedWriteHalf {
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
impl futures_io::AsyncWrite for OwnedWriteHalf {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_write_with(cx.into(), buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream.poll_write_vectored_with(cx.into(), bufs)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream.finish_writing())
    }
}

impl fmt::Debug for OwnedReadHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedReadHalf").field(&self.stream).finish()
    }
}

impl fmt::Debug for OwnedWriteHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnedWriteHalf").field(&self.stream).finish()
    }
}

/// The two halves given to `reunite` are not of one stream.
#[derive(Debug)]
pub struct ReuniteError {
    /// The reading half, as it was given.
    pub reader: OwnedReadHalf,
    /// The writing half, as it was given.
    pub writer: OwnedWriteHalf,
}

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot reunite the halves of different streams")
    }
}

impl std::error::Error for ReuniteError {}
