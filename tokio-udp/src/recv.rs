//! Receiving one datagram into a buffer of one's own.

use crate::UdpSocket;
use futures::{Future as Future01, Poll as Poll01};
use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{to_futures01, Caller};

/// Receives one datagram; made by [`UdpSocket::recv_dgram`].
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. It completes
/// with the socket, the buffer, how many bytes of the buffer the datagram has filled, and who
/// sent it. What does not fit into the buffer is lost.
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
    pub socket: UdpSocket,
    /// The buffer.
    pub buffer: T,
}

impl<T> RecvDgram<T> {
    pub(crate) fn new(socket: UdpSocket, buffer: T) -> RecvDgram<T> {
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
    ) -> Poll<io::Result<(UdpSocket, T, usize, SocketAddr)>> {
        let parts = self.parts.as_mut().expect("`RecvDgram` polled after it completed");
        let received = parts.socket.poll_recv_from_with(caller, parts.buffer.as_mut());
        let (len, from) = ready!(received)?;
        let Parts { socket, buffer } = self.parts.take().expect("looked at above");
        Poll::Ready(Ok((socket, buffer, len, from)))
    }
}

impl<T: AsMut<[u8]>> Future01 for RecvDgram<T> {
    type Item = (UdpSocket, T, usize, SocketAddr);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Self::Item, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl<T: AsMut<[u8]>> IntoFuture for RecvDgram<T> {
    type Output = io::Result<(UdpSocket, T, usize, SocketAddr)>;
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
    type Output = io::Result<(UdpSocket, T, usize, SocketAddr)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
