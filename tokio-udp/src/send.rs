//! Sending one datagram out of a buffer of one's own.

use crate::UdpSocket;
use futures::{Future as Future01, Poll as Poll01};
use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_io::framing::datagrams::whole;
use tokio_task::{to_futures01, Caller};

/// Sends one datagram; made by [`UdpSocket::send_dgram`].
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. It completes
/// with the socket and the buffer when the system has taken the datagram; whether it arrives, UDP
/// does not tell. Dropping it drops the socket.
///
/// # Errors
///
/// Those of the socket; the future may then be polled again, to try again.
///
/// # Panics
///
/// If it is polled again after it completed.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SendDgram<T> {
    /// `None` once completed.
    parts: Option<(UdpSocket, T)>,
    target: SocketAddr,
}

impl<T> SendDgram<T> {
    pub(crate) fn new(socket: UdpSocket, buffer: T, target: SocketAddr) -> SendDgram<T> {
        SendDgram { parts: Some((socket, buffer)), target }
    }
}

impl<T: AsRef<[u8]>> SendDgram<T> {
    /// Completes when the system has taken the datagram. The one definition, for either
    /// generation.
    ///
    /// # Panics
    ///
    /// If it completed before, or if it has to wait for `Caller::Futures01` outside a futures 0.1
    /// task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<(UdpSocket, T)>> {
        let (socket, buffer) = self.parts.as_ref().expect("`SendDgram` polled after it completed");
        let buffer = buffer.as_ref();
        let sent = ready!(socket.poll_send_to_with(caller, buffer, &self.target))?;
        whole(sent, buffer.len())?;
        Poll::Ready(Ok(self.parts.take().expect("looked at above")))
    }
}

impl<T: AsRef<[u8]>> Future01 for SendDgram<T> {
    type Item = (UdpSocket, T);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(UdpSocket, T), io::Error> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl<T: AsRef<[u8]>> IntoFuture for SendDgram<T> {
    type Output = io::Result<(UdpSocket, T)>;
    type IntoFuture = Sending<T>;

    fn into_future(self) -> Sending<T> {
        Sending(self)
    }
}

/// A [`SendDgram`] as a std `Future`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Sending<T>(SendDgram<T>);

impl<T> Unpin for Sending<T> {}

impl<T: AsRef<[u8]>> Future for Sending<T> {
    type Output = io::Result<(UdpSocket, T)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
