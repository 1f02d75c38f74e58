//! Receiving one datagram into a buffer of one's own.

use crate::UnixDatagram;
use futures::{Future as Future01, Poll as Poll01};
use std::future::{Future, IntoFuture};
use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{to_futures01, Caller};

/// Receives one datagram; made by [`UnixDatagram::recv_dgram`].
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. It completes
/// with the socket, the buffer, how many bytes of the buffer the datagram has filled, and the
/// sender's path. What does not fit into the buffer is lost.
///
/// The path is empty if the sender's socket was not bound to one, and has replacement characters
/// where it is not UTF-8. [`UnixDatagram::recv_from`] gives the address as it is.
///
/// Dropping it drops the socket; [`into_parts`](Self::into_parts) gives it up without that.
///
/// # Errors
///
/// Those of the socket. Socket and buffer stay in the future: it may be polled again, to go on.
///
/// # Panics
///
/// If it is polled again after it completed.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct RecvDgram<T> {
    /// `None` once completed.
    parts: Option<Parts<T>>,
}

/// What a [`RecvDgram`] holds while it waits.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts<T> {
    /// The socket.
    pub socket: UnixDatagram,
    /// The buffer.
    pub buffer: T,
}

impl<T> RecvDgram<T> {
    pub(crate) fn new(socket: UnixDatagram, buffer: T) -> RecvDgram<T> {
        RecvDgram { parts: Some(Parts { socket, buffer }) }
    }

    /// Gives up receiving, and gives socket and buffer back.
    ///
    /// # Panics
    ///
    /// If it has completed.
    pub fn into_parts(self) -> Parts<T> {
        self.parts.expect("`RecvDgram` has completed and given its parts away")
    }
}

impl<T: AsMut<[u8]>> RecvDgram<T> {
    /// Completes when a datagram has come. The one definition, for either generation.
    ///
    /// # Panics
    ///
    /// If it completed before, or if it has to wait for `Caller::Futures01` outside a futures 0.1
    /// task.
    #[allow(clippy::type_complexity, reason = "the item of the 0.1 future, as it always was")]
    pub fn poll_with(
        &mut self,
        caller: Caller<'_>,
    ) -> Poll<io::Result<(UnixDatagram, T, usize, String)>> {
        let parts = self.parts.as_mut().expect("`RecvDgram` polled after it completed");
        let received = parts.socket.poll_recv_from_with(caller, parts.buffer.as_mut());
        let (len, from) = ready!(received)?;
        let Parts { socket, buffer } = self.parts.take().expect("looked at above");
        let path = from.as_pathname().map(|path| path.to_string_lossy().into_owned());
        Poll::Ready(Ok((socket, buffer, len, path.unwrap_or_default())))
    }
}

impl<T: AsMut<[u8]>> Future01 for RecvDgram<T> {
    type Item = (UnixDatagram, T, usize, String);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Self::Item, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl<T: AsMut<[u8]>> IntoFuture for RecvDgram<T> {
    type Output = io::Result<(UnixDatagram, T, usize, String)>;
    type IntoFuture = Receiving<T>;

    fn into_future(self) -> Receiving<T> {
        Receiving(self)
    }
}

/// A [`RecvDgram`] as a std `Future`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Receiving<T>(RecvDgram<T>);

impl<T> Unpin for Receiving<T> {}

impl<T: AsMut<[u8]>> Future for Receiving<T> {
    type Output = io::Result<(UnixDatagram, T, usize, String)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
