//! A channel with a bound.

use super::chan::Chan;
use super::error::{RecvError, SendError, TrySendError};
use crate::permits::{Claim, Permits, Refusal};
use crate::sync::Arc;
use futures::{Async, AsyncSink, Poll as Poll01, Sink as Sink01, StartSend, Stream as Stream01};
use futures_core::Stream;
use futures_sink::Sink;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{to_futures01, Caller};

/// A channel with room for `buffer` values.
///
/// Values come in the order in which they were sent. When it is full senders wait for room: first
/// come, first served. Room for the values is made as they come, some at a time, and kept.
///
/// # Panics
///
/// If `buffer` is 0.
///
/// # Examples
///
/// Async code imports `futures::SinkExt` (futures 0.3) for `send`; `recv` needs no import.
///
/// ```
/// use futures03::SinkExt;
/// use tokio_sync::mpsc;
///
/// # futures03::executor::block_on(async {
/// let (mut tx, mut rx) = mpsc::channel(10);
/// tx.send(1).await.unwrap();
/// drop(tx);
/// assert_eq!(rx.recv().await, Some(1));
/// assert_eq!(rx.recv().await, None);
/// # });
/// ```
///
/// futures 0.1 imports its traits.
///
/// ```
/// use futures::{Future, Sink, Stream};
/// use tokio_sync::mpsc;
///
/// let (tx, rx) = mpsc::channel(10);
/// tx.send(1).wait().unwrap();
/// assert_eq!(rx.collect().wait().unwrap(), [1]);
/// ```
pub fn channel<T>(buffer: usize) -> (Sender<T>, Receiver<T>) {
    assert!(buffer > 0, "a bounded channel needs room for one value at least");
    let bound = buffer.min(Permits::MAX);
    let shared = Arc::new(Shared { chan: Chan::new(), room: Permits::new(bound), bound });
    (Sender { shared: shared.clone(), claim: Claim::None }, Receiver { shared })
}

/// Whoever sends needs a permit for the room of one value; whoever receives gives it back.
struct Shared<T> {
    chan: Chan<T>,
    room: Permits,
    /// How much room there is in all.
    bound: usize,
}

/// Sends values; made by [`channel`]. A sink of both generations. Clones send into the same
/// channel.
///
/// A sender whose [`poll_ready`](Self::poll_ready) was ready holds room for one value, until it
/// sends or is dropped. One that was told to wait keeps its place in the queue, also if nobody asks
/// again: then the room that it is granted lies idle until it is used or dropped.
pub struct Sender<T> {
    shared: Arc<Shared<T>>,
    claim: Claim,
}

/// Receives values; made by [`channel`]. A stream of both generations, which ends when all
/// senders are dropped, or after [`close`](Self::close), and all values are taken.
///
/// Dropping it drops the values that are in the channel, and senders fail from then on.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
}

impl<T> Sender<T> {
    /// Ready when there is room for one value, which is then kept for this sender. For futures
    /// 0.1.
    ///
    /// # Errors
    ///
    /// If the receiver has been closed or dropped.
    ///
    /// # Panics
    ///
    /// If it has to wait, outside a futures 0.1 task.
    pub fn poll_ready(&mut self) -> Poll01<(), SendError> {
        to_futures01(self.poll_ready_with(Caller::Futures01))
    }

    /// [`poll_ready`](Self::poll_ready) for either generation.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_ready_with(&mut self, caller: Caller<'_>) -> Poll<Result<(), SendError>> {
        self.claim.poll_hold(&self.shared.room, caller).map_err(|_closed| SendError(()))
    }

    /// Waits for room for one value, so that the next [`try_send`](Self::try_send) finds it. For
    /// async code; the method `send` is that of the trait `SinkExt`.
    ///
    /// Dropping the future gives up its place in the queue.
    ///
    /// # Errors
    ///
    /// If the receiver has been closed or dropped.
    ///
    /// ```
    /// # futures03::executor::block_on(async {
    /// let (mut tx, mut rx) = tokio_sync::mpsc::channel(1);
    /// tx.ready().await?;
    /// tx.try_send(1).expect("there is room");
    /// assert_eq!(rx.recv().await, Some(1));
    /// # Ok::<_, tokio_sync::mpsc::error::SendError>(()) }).unwrap();
    /// ```
    pub async fn ready(&mut self) -> Result<(), SendError> {
        let waiting = Waiting(self);
        poll_fn(|cx| waiting.0.poll_ready_with(cx.into())).await
    }

    /// Sends a value, if there is room.
    ///
    /// # Errors
    ///
    /// If there is none, or if the receiver has been closed or dropped. The error has the value.
    pub fn try_send(&mut self, message: T) -> Result<(), TrySendError<T>> {
        match self.claim.try_hold(&self.shared.room) {
            Ok(()) => {}
            Err(Refusal::NoPermits) => return Err(TrySendError::full(message)),
            Err(Refusal::Closed) => return Err(TrySendError::closed(message)),
        }
        match self.shared.chan.send(message) {
            Ok(()) => {
                // The room is the value's now.
                self.claim.take();
                Ok(())
            }
            Err(message) => Err(TrySendError::closed(message)),
        }
    }

    /// Whether the receiver has been closed or dropped. If not it may be at any moment.
    pub fn is_closed(&self) -> bool {
        self.shared.room.is_closed()
    }

    fn give_up(&mut self) {
        if self.claim.release(&self.shared.room) {
            // A receiver that is closed waits for all room to come back.
            self.shared.chan.wake_receiver();
        }
    }
}

/// Gives up the sender's place in the queue if it is dropped while the sender waits.
struct Waiting<'a, T>(&'a mut Sender<T>);

impl<T> Drop for Waiting<'_, T> {
    fn drop(&mut self) {
        if !self.0.claim.is_held() {
            self.0.give_up();
        }
    }
}

impl<T> Receiver<T> {
    /// Lets senders fail from now on. Values that are in the channel can still be received; so
    /// can those of senders that hold room.
    pub fn close(&mut self) {
        self.shared.room.close();
    }

    /// The next value; `None` at the end. The one definition, for either generation.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    #[allow(unsafe_code)]
    pub fn poll_recv_with(&mut self, caller: Caller<'_>) -> Poll<Option<T>> {
        let Shared { chan, room, bound } = &*self.shared;
        // SAFETY: this is the only receiver, borrowed mutably.
        let value = ready!(unsafe { chan.poll_recv(caller, || room.is_closed_with(*bound)) });
        if value.is_some() {
            room.give(1);
        }
        Poll::Ready(value)
    }

    /// Waits for the next value; `None` at the end. For async code.
    ///
    /// Dropping the future loses no value.
    pub async fn recv(&mut self) -> Option<T> {
        poll_fn(|cx| self.poll_recv_with(cx.into())).await
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.shared.chan.add_sender();
        Sender { shared: self.shared.clone(), claim: Claim::None }
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.give_up();
        self.shared.chan.drop_sender();
    }
}

impl<T> Drop for Receiver<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        self.close();
        // SAFETY: this is the only receiver.
        unsafe { self.shared.chan.drop_receiver() }
    }
}

impl<T> Stream01 for Receiver<T> {
    type Item = T;
    type Error = RecvError;

    fn poll(&mut self) -> Poll01<Option<T>, RecvError> {
        to_futures01(self.poll_recv_with(Caller::Futures01).map(Ok))
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.poll_recv_with(cx.into())
    }
}

/// Closing it does nothing: the channel closes when all senders are dropped.
impl<T> Sink01 for Sender<T> {
    type SinkItem = T;
    type SinkError = SendError;

    fn start_send(&mut self, item: T) -> StartSend<T, SendError> {
        if self.poll_ready_with(Caller::Futures01)?.is_pending() {
            return Ok(AsyncSink::NotReady(item));
        }
        self.try_send(item).map(|()| AsyncSink::Ready).map_err(|_| SendError(()))
    }

    fn poll_complete(&mut self) -> Poll01<(), SendError> {
        Ok(Async::Ready(()))
    }

    fn close(&mut self) -> Poll01<(), SendError> {
        Ok(Async::Ready(()))
    }
}

/// Closing it does nothing: the channel closes when all senders are dropped.
///
/// # Panics
///
/// `start_send` without room: it is for after a `poll_ready` that was `Ready`.
impl<T> Sink<T> for Sender<T> {
    type Error = SendError;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        self.poll_ready_with(cx.into())
    }

    fn start_send(mut self: Pin<&mut Self>, item: T) -> Result<(), SendError> {
        self.try_send(item).map_err(|error| {
            assert!(!error.is_full(), "`start_send` without a `poll_ready` that was `Ready`");
            SendError(())
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Poll::Ready(Ok(()))
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender")
            .field("available_capacity", &self.shared.room.available())
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
