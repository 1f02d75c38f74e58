//! The half that sends.

use super::slot::Slot;
use crate::sync::Arc;
use futures::Poll as Poll01;
use std::fmt;
use std::future::poll_fn;
use std::task::Poll;
use tokio_task::{to_futures01, Caller};

/// Sends one value; made by [`channel`](super::channel).
///
/// Dropped without sending, it lets the receiver fail.
pub struct Sender<T> {
    slot: Arc<Slot<T>>,
}

impl<T> Sender<T> {
    pub(super) fn new(slot: Arc<Slot<T>>) -> Self {
        Sender { slot }
    }

    /// Sends the value. It does not wait; that it is sent does not mean that it is received.
    ///
    /// # Errors
    ///
    /// The value comes back if the receiver has been closed or dropped.
    #[allow(unsafe_code)]
    pub fn send(self, t: T) -> Result<(), T> {
        // SAFETY: there is one sender, which this consumes, and `end` is called as it is dropped.
        unsafe { self.slot.send(t) }
    }

    /// Ready once the receiver has been closed or dropped, so that nobody wants the value. For
    /// futures 0.1. It never fails.
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
    #[allow(unsafe_code)]
    pub fn poll_close_with(&mut self, caller: Caller<'_>) -> Poll<()> {
        // SAFETY: there is one sender.
        if unsafe { self.slot.wait_tx(caller) } {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Waits until the receiver has been closed or dropped. For async code.
    ///
    /// ```
    /// # futures03::executor::block_on(async {
    /// let (mut tx, rx) = tokio_sync::oneshot::channel::<u8>();
    /// drop(rx);
    /// tx.closed().await;
    /// assert_eq!(tx.send(1), Err(1));
    /// # });
    /// ```
    pub async fn closed(&mut self) {
        poll_fn(|cx| self.poll_close_with(cx.into())).await;
    }

    /// Whether the receiver has been closed or dropped. If not it may be at any moment.
    pub fn is_closed(&self) -> bool {
        self.slot.is_closed()
    }
}

impl<T> Drop for Sender<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: there is one sender.
        unsafe { self.slot.forget_tx() };
        self.slot.end();
    }
}

impl<T: fmt::Debug> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("is_closed", &self.is_closed()).finish_non_exhaustive()
    }
}
