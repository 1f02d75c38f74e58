//! Sending one datagram out of a buffer of one's own.

use crate::delivery::Delivery;
use crate::{address, UnixDatagram};
use futures::{Future as Future01, Poll as Poll01};
use std::future::{Future, IntoFuture};
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_io::framing::datagrams::whole;
use tokio_task::{to_futures01, Caller};

/// Sends one datagram; made by [`UnixDatagram::send_dgram`].
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. It completes
/// with the socket and the buffer when the datagram is in the receiver's queue. Dropping it drops
/// the socket.
///
/// # Errors
///
/// `NotFound`, `ConnectionRefused` and others, as of [`UnixDatagram::send_to`]; the future may then be polled again, to try again.
///
/// # Panics
///
/// If it is polled again after it completed.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SendDgram<T, P> {
    /// `None` once completed.
    parts: Option<(UnixDatagram, T)>,
    target: P,
    delivery: Delivery,
}

impl<T, P> SendDgram<T, P> {
    pub(crate) fn new(socket: UnixDatagram, buffer: T, target: P) -> SendDgram<T, P> {
        SendDgram { parts: Some((socket, buffer)), target, delivery: Delivery::new() }
    }
}

impl<T: AsRef<[u8]>, P: AsRef<Path>> SendDgram<T, P> {
    /// Completes when the datagram is in the receiver's queue. The one definition, for either
    /// generation.
    ///
    /// # Panics
    ///
    /// If it completed before, or if it has to wait for `Caller::Futures01` outside a futures 0.1
    /// task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<(UnixDatagram, T)>> {
        let (socket, buffer) = self.parts.as_ref().expect("`SendDgram` polled after it completed");
        let buffer = buffer.as_ref();
        let target = address::of_path(self.target.as_ref())?;
        let sent = ready!(self.delivery.poll_with(caller, socket, buffer, &target))?;
        whole(sent, buffer.len())?;
        Poll::Ready(Ok(self.parts.take().expect("looked at above")))
    }
}

impl<T: AsRef<[u8]>, P: AsRef<Path>> Future01 for SendDgram<T, P> {
    type Item = (UnixDatagram, T);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(UnixDatagram, T), io::Error> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl<T: AsRef<[u8]>, P: AsRef<Path>> IntoFuture for SendDgram<T, P> {
    type Output = io::Result<(UnixDatagram, T)>;
    type IntoFuture = Sending<T, P>;

    fn into_future(self) -> Sending<T, P> {
        Sending(self)
    }
}

/// A [`SendDgram`] as a std `Future`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Sending<T, P>(SendDgram<T, P>);

impl<T, P> Unpin for Sending<T, P> {}

impl<T: AsRef<[u8]>, P: AsRef<Path>> Future for Sending<T, P> {
    type Output = io::Result<(UnixDatagram, T)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
