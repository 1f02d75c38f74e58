//! [`AsyncWrite`]: where bytes go.

use crate::poll::nonblocking;
use bytes::Buf;
use futures::{try_ready, Async, Poll as Poll01};
use std::io::{self, Write};

/// A sink of bytes that never blocks the thread; the futures 0.1 generation.
///
/// It is a [`Write`] with one more promise: when `write` or `flush` fails with `WouldBlock`, or a
/// `poll_*` function answers `Ok(Async::NotReady)`, then **the current futures 0.1 task is
/// registered** and will be woken when it is worth trying again. So these functions may be called
/// only inside a futures 0.1 task, unless the stream is known to be ready.
///
/// The std generation's trait is `futures_io::AsyncWrite`; the streams of this family implement
/// both.
///
/// ```
/// use futures::Async;
/// use std::io::Cursor;
/// use tokio_io::AsyncWrite;
///
/// let mut stream = Cursor::new(Vec::new());
/// assert_eq!(stream.poll_write(b"hello").unwrap(), Async::Ready(5));
/// assert!(stream.shutdown().unwrap().is_ready());
/// assert_eq!(stream.into_inner(), b"hello");
/// ```
pub trait AsyncWrite: Write {
    /// Writes some of `buf`.
    ///
    /// `Ready(n)`: the first `n` bytes were taken, perhaps into a buffer of the stream; 0 means
    /// that the stream takes no more, or that `buf` is empty. `NotReady`: nothing was taken and
    /// the current task will be woken.
    ///
    /// The provided implementation calls `write`, again if that was `Interrupted`.
    ///
    /// # Errors
    ///
    /// What `write` fails with, `WouldBlock` and `Interrupted` excepted.
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        nonblocking(|| self.write(buf))
    }

    /// Passes on what the stream holds back in buffers.
    ///
    /// `Ready`: everything taken so far has reached its destination, as far as this stream can
    /// tell. `NotReady`: not yet; the current task will be woken, and has to call this again.
    ///
    /// The provided implementation calls `flush`, again if that was `Interrupted`.
    ///
    /// # Errors
    ///
    /// What `flush` fails with, `WouldBlock` and `Interrupted` excepted.
    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        nonblocking(|| self.flush())
    }

    /// Flushes, then tells the other side that no more bytes follow.
    ///
    /// `Ready`: all that is done, as a TCP half-close or a TLS `close_notify` is; do not write any
    /// more. `NotReady`: not yet; the current task will be woken, and has to call this again. Once
    /// ready it stays so: calling it again is harmless. Reading remains possible where the stream
    /// has two directions.
    ///
    /// A stream without such a farewell answers `Ready` once it is flushed. A wrapper does its own
    /// part first and then calls `shutdown` of what it wraps.
    ///
    /// # Errors
    ///
    /// Any error of the flush or of the stream.
    fn shutdown(&mut self) -> Poll01<(), io::Error>;

    /// Writes some of `buf` and advances it past what was taken.
    ///
    /// `Ready(n)`: `n` bytes were taken; 0 means that the stream takes no more, or that `buf` has
    /// nothing left. `NotReady`: nothing was taken and the current task will be woken.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use tokio_io::AsyncWrite;
    ///
    /// let mut message = Cursor::new("hello");
    /// let mut stream = Cursor::new(Vec::new());
    /// stream.write_buf(&mut message).unwrap();
    /// assert_eq!(stream.into_inner(), b"hello");
    /// assert_eq!(message.position(), 5);
    /// ```
    ///
    /// # Errors
    ///
    /// As [`poll_write`](AsyncWrite::poll_write).
    fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll01<usize, io::Error>
    where
        Self: Sized,
    {
        if !buf.has_remaining() {
            return Ok(Async::Ready(0));
        }
        let n = try_ready!(self.poll_write(buf.bytes()));
        buf.advance(n);
        Ok(Async::Ready(n))
    }
}

impl<T: ?Sized + AsyncWrite> AsyncWrite for &mut T {
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        (**self).poll_write(buf)
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        (**self).poll_flush()
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        (**self).shutdown()
    }
}

impl<T: ?Sized + AsyncWrite> AsyncWrite for Box<T> {
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        (**self).poll_write(buf)
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        (**self).poll_flush()
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        (**self).shutdown()
    }
}

/// Shutting down writes out the buffer first.
impl<T: AsyncWrite> AsyncWrite for io::BufWriter<T> {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        try_ready!(self.poll_flush());
        self.get_mut().shutdown()
    }
}

impl AsyncWrite for io::Cursor<&mut [u8]> {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }
}

impl AsyncWrite for io::Cursor<Vec<u8>> {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }
}

impl AsyncWrite for io::Cursor<Box<[u8]>> {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }
}

impl AsyncWrite for io::Sink {
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }
}
