//! The half that sets the value.

use super::error::SendError;
use super::shared::Shared;
use crate::sync::Arc;
use futures::{Async, AsyncSink, Poll as Poll01, Sink as Sink01, StartSend};
use futures_sink::Sink;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_futures01, Caller, Waiter};

/// Sets the value; made by [`channel`](super::channel). A sink of both generations.
///
/// When it is dropped the receivers see the last value, and then the end.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
    /// Room for those who are woken by a value, so that it is made once.
    wakes: Vec<Waiter>,
}

impl<T> Sender<T> {
    pub(super) fn new(shared: Arc<Shared<T>>) -> Self {
        Sender { shared, wakes: Vec::new() }
    }

    /// Replaces the value, and tells all receivers.
    ///
    /// It blocks while a receiver has the value borrowed (a [`Ref`](super::Ref)): for ever, if
    /// that is in this very task.
    ///
    /// # Errors
    ///
    /// If there are no receivers. The error has the value.
    pub fn broadcast(&mut self, value: T) -> Result<(), SendError<T>> {
        if !self.shared.has_receivers() {
            return Err(SendError(value));
        }
        self.shared.replace(value, &mut self.wakes);
        Ok(())
    }

    /// Ready once all receivers are dropped. For futures 0.1. It never fails.
    ///
    /// # Panics
    ///
    /// If it has to wait, outside a futures 0.1 task.
    #[allow(clippy::result_unit_err, reason = "the signature of 0.1")]
    pub fn poll_close(&mut self) -> Poll01<(), ()> {
        to_futures01(self.poll_close_with(Caller::Futures01).map(Ok))
    }

    /// [`poll_close`](Self::poll_close) for either generation.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_close_with(&mut self, caller: Caller<'_>) -> Poll<()> {
        if !self.shared.has_receivers() || self.shared.wait_tx(caller) {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Waits until all receivers are dropped. For async code.
    ///
    /// ```
    /// # futures03::executor::block_on(async {
    /// let (mut tx, rx) = tokio_sync::watch::channel(1);
    /// drop(rx);
    /// tx.closed().await;
    /// assert_eq!(tx.broadcast(2).unwrap_err().into_inner(), 2);
    /// # });
    /// ```
    pub async fn closed(&mut self) {
        poll_fn(|cx| self.poll_close_with(cx.into())).await;
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.shared.forget_tx();
        self.shared.close(&mut self.wakes);
    }
}

/// Each item is a [`broadcast`](Sender::broadcast). Closing it does nothing.
impl<T> Sink01 for Sender<T> {
    type SinkItem = T;
    type SinkError = SendError<T>;

    fn start_send(&mut self, item: T) -> StartSend<T, SendError<T>> {
        self.broadcast(item).map(|()| AsyncSink::Ready)
    }

    fn poll_complete(&mut self) -> Poll01<(), SendError<T>> {
        Ok(Async::Ready(()))
    }

    fn close(&mut self) -> Poll01<(), SendError<T>> {
        Ok(Async::Ready(()))
    }
}

/// Each item is a [`broadcast`](Sender::broadcast). Closing it does nothing.
impl<T> Sink<T> for Sender<T> {
    type Error = SendError<T>;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), Self::Error> {
        self.broadcast(item)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("has_receivers", &self.shared.has_receivers())
            .finish_non_exhaustive()
    }
}
