//! A byte stream of async code for futures 0.1.

use crate::poll::or_would_block;
use crate::{AsyncRead, AsyncWrite};
use futures::{try_ready, Async, Poll as Poll01};
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_futures01, StdAsFutures01};

/// A byte stream of `futures::io` as one of futures 0.1.
///
/// For 0.1 code, such as its combinators or a codec, over a stream that has only the traits of
/// `futures::io`. Its `shutdown` closes the inner stream. Its operations may be called only inside a
/// futures 0.1 task. It makes a waker when another task polls it than before; otherwise nothing is
/// allocated per poll.
///
/// ```
/// use futures::Future;
/// use futures03::io::Cursor;
/// use tokio_io::{io::read_to_end, StdIoAsFutures01};
///
/// let stream = StdIoAsFutures01::new(Cursor::new("hello"));
/// let (_, bytes) = read_to_end(stream, Vec::new()).wait()?;
/// assert_eq!(bytes, b"hello");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct StdIoAsFutures01<S> {
    stream: StdAsFutures01<S>,
    /// It has been closed: once, since `futures::io` does not promise that twice is harmless.
    closed: bool,
}

impl<S> StdIoAsFutures01<S> {
    /// Wraps `stream`, which must belong to the std generation. It is pinned in a box.
    pub fn new(stream: S) -> Self {
        StdIoAsFutures01 { stream: StdAsFutures01::new(stream), closed: false }
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        self.stream.get_ref()
    }

    /// The stream.
    pub fn get_mut(&mut self) -> &mut S
    where
        S: Unpin,
    {
        self.stream.get_mut()
    }

    /// The stream.
    pub fn into_inner(self) -> S
    where
        S: Unpin,
    {
        self.stream.into_inner()
    }
}

impl<S> StdIoAsFutures01<S> {
    fn poll_with<T>(
        &mut self,
        mut op: impl FnMut(Pin<&mut S>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll01<T, io::Error> {
        loop {
            match to_futures01(self.stream.enter(&mut op)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // To 0.1 it would mean that the task is going to be woken, which nobody promised.
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Err(io::Error::other(error));
                }
                poll => return poll,
            }
        }
    }
}

impl<S: futures_io::AsyncRead> Read for StdIoAsFutures01<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        or_would_block(self.poll_read(buf))
    }
}

impl<S: futures_io::AsyncRead> AsyncRead for StdIoAsFutures01<S> {
    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        self.poll_with(|stream, cx| stream.poll_read(cx, buf))
    }
}

impl<S: futures_io::AsyncWrite> Write for StdIoAsFutures01<S> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(self.poll_write(buf))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_would_block(self.poll_flush())
    }
}

impl<S: futures_io::AsyncWrite> AsyncWrite for StdIoAsFutures01<S> {
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        self.poll_with(|stream, cx| stream.poll_write(cx, buf))
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        self.poll_with(|stream, cx| stream.poll_flush(cx))
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        if !self.closed {
            try_ready!(self.poll_with(|stream, cx| stream.poll_close(cx)));
            self.closed = true;
        }
        Ok(Async::Ready(()))
    }
}

impl<S: fmt::Debug> fmt::Debug for StdIoAsFutures01<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StdIoAsFutures01").field(self.get_ref()).finish()
    }
}
