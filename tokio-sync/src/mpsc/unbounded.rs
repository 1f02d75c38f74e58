//! A channel without a bound.

use super::chan::Chan;
use super::error::{UnboundedRecvError, UnboundedSendError, UnboundedTrySendError};
use crate::sync::Arc;
use futures::{Async, AsyncSink, Poll as Poll01, Sink as Sink01, StartSend, Stream as Stream01};
use futures_core::Stream;
use futures_sink::Sink;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_futures01, Caller};

/// A channel that takes as many values as there is memory for.
///
/// Sending never waits: a receiver that is slower than the senders lets the memory grow. If that
/// can be, use [`channel`](super::channel). Values come in the order in which they were sent.
///
/// ```
/// use tokio_sync::mpsc;
///
/// # futures03::executor::block_on(async {
/// let (mut tx, mut rx) = mpsc::unbounded_channel();
/// tx.try_send(1).unwrap();
/// drop(tx);
/// assert_eq!(rx.recv().await, Some(1));
/// assert_eq!(rx.recv().await, None);
/// # });
/// ```
pub fn unbounded_channel<T>() -> (UnboundedSender<T>, UnboundedReceiver<T>) {
    let chan = Arc::new(Chan::new());
    (UnboundedSender { chan: chan.clone() }, UnboundedReceiver { chan })
}

/// Sends values; made by [`unbounded_channel`]. A sink of both generations. Clones send into the
/// same channel.
pub struct UnboundedSender<T> {
    chan: Arc<Chan<T>>,
}

/// Receives values; made by [`unbounded_channel`]. A stream of both generations, which ends when
/// all senders are dropped, or after [`close`](Self::close), and all values are taken.
///
/// Dropping it drops the values that are in the channel, and senders fail from then on.
pub struct UnboundedReceiver<T> {
    chan: Arc<Chan<T>>,
}

impl<T> UnboundedSender<T> {
    /// Sends a value. It never waits.
    ///
    /// # Errors
    ///
    /// If the receiver has been closed or dropped. The error has the value.
    pub fn try_send(&mut self, message: T) -> Result<(), UnboundedTrySendError<T>> {
        self.chan.send(message).map_err(UnboundedTrySendError)
    }

    /// Whether the receiver has been closed or dropped. If not it may be at any moment.
    pub fn is_closed(&self) -> bool {
        self.chan.is_closed()
    }
}

impl<T> UnboundedReceiver<T> {
    /// Lets senders fail from now on. Values that are in the channel can still be received.
    pub fn close(&mut self) {
        self.chan.close();
    }

    /// The next value; `None` at the end. The one definition, for either generation.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    #[allow(unsafe_code)]
    pub fn poll_recv_with(&mut self, caller: Caller<'_>) -> Poll<Option<T>> {
        // SAFETY: this is the only receiver, borrowed mutably.
        unsafe { self.chan.poll_recv(caller, || false) }
    }

    /// Waits for the next value; `None` at the end. For async code.
    ///
    /// Dropping the future loses no value.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|cx| self.poll_recv_with(cx.into())).await
    }
}

impl<T> Clone for UnboundedSender<T> {
    fn clone(&self) -> Self {
        self.chan.add_sender();
        UnboundedSender { chan: self.chan.clone() }
    }
}

impl<T> Drop for UnboundedSender<T> {
    fn drop(&mut self) {
        self.chan.drop_sender();
    }
}

impl<T> Drop for UnboundedReceiver<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: this is the only receiver.
        unsafe { self.chan.drop_receiver() }
    }
}

impl<T> Stream01 for UnboundedReceiver<T> {
    type Item = T;
    type Error = UnboundedRecvError;

    fn poll(&mut self) -> Poll01<Option<T>, UnboundedRecvError> {
        to_futures01(self.poll_recv_with(Caller::Futures01).map(Ok))
    }
}

impl<T> Stream for UnboundedReceiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv_with(cx.into())
    }
}

/// Closing it does nothing: the channel closes when all senders are dropped.
impl<T> Sink01 for UnboundedSender<T> {
    type SinkItem = T;
    type SinkError = UnboundedSendError;

    fn start_send(&mut self, item: T) -> StartSend<T, UnboundedSendError> {
        self.try_send(item).map(|()| AsyncSink::Ready).map_err(|_| UnboundedSendError(()))
    }

    fn poll_complete(&mut self) -> Poll01<(), UnboundedSendError> {
        Ok(Async::Ready(()))
    }

    fn close(&mut self) -> Poll01<(), UnboundedSendError> {
        Ok(Async::Ready(()))
    }
}

/// Closing it does nothing: the channel closes when all senders are dropped.
impl<T> Sink<T> for UnboundedSender<T> {
    type Error = UnboundedSendError;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        match self.is_closed() {
            true => Poll::Ready(Err(UnboundedSendError(()))),
            false => Poll::Ready(Ok(())),
        }
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), Self::Error> {
        self.try_send(item).map_err(|_| UnboundedSendError(()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for UnboundedSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedSender")
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for UnboundedReceiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnboundedReceiver").finish_non_exhaustive()
    }
}
