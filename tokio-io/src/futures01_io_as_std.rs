//! A byte stream of futures 0.1 for async code.

use crate::poll::settled;
use crate::{AsyncRead, AsyncWrite};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_std, Futures01AsStd};

/// A byte stream of futures 0.1 as one of `futures::io`.
///
/// For generic async code, over a stream that has only the traits of 0.1: one of a library that has not
/// moved on. The sockets of this family have both and need no adapter. Closing it calls the inner stream's
/// `shutdown`. Nothing is allocated per poll.
///
/// ```
/// use futures03::io::AsyncReadExt;
/// use tokio_io::Futures01IoAsStd;
///
/// let mut stream = Futures01IoAsStd::new(&b"hello"[..]);
/// let mut text = String::new();
/// futures03::executor::block_on(stream.read_to_string(&mut text))?;
/// assert_eq!(text, "hello");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Futures01IoAsStd<S>(Futures01AsStd<S>);

impl<S> Futures01IoAsStd<S> {
    /// Wraps `stream`, which must belong to futures 0.1.
    pub fn new(stream: S) -> Self {
        Futures01IoAsStd(Futures01AsStd::new(stream))
    }

    /// The stream.
    pub fn get_ref(&self) -> &S {
        self.0.get_ref()
    }

    /// The stream.
    pub fn get_mut(&mut self) -> &mut S {
        self.0.get_mut()
    }

    /// The stream.
    pub fn into_inner(self) -> S {
        self.0.into_inner()
    }
}

impl<S> Unpin for Futures01IoAsStd<S> {}

impl<S: AsyncRead> futures_io::AsyncRead for Futures01IoAsStd<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        to_std(self.0.enter(cx, |stream| settled(|| stream.poll_read(buf))))
    }
}

impl<S: AsyncWrite> futures_io::AsyncWrite for Futures01IoAsStd<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        to_std(self.0.enter(cx, |stream| settled(|| stream.poll_write(buf))))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        to_std(self.0.enter(cx, |stream| settled(|| stream.poll_flush())))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        to_std(self.0.enter(cx, |stream| settled(|| stream.shutdown())))
    }
}

impl<S: fmt::Debug> fmt::Debug for Futures01IoAsStd<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Futures01IoAsStd").field(self.get_ref()).finish()
    }
}
