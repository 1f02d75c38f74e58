//! The half that receives.

use super::error::{RecvError, TryRecvError};
use super::slot::{Look, Slot};
use crate::sync::Arc;
use futures::{Future as Future01, Poll as Poll01};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{poll_proceed, to_futures01, Caller};

/// Receives one value; made by [`channel`](super::channel).
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. Where a
/// std future is kept and polled by hand, as in `select!`, take `(&mut rx).into_future()`: it
/// leaves the receiver where it is.
///
/// # Errors
///
/// If the sender is dropped without sending, or if [`close`](Self::close) came first.
///
/// # Panics
///
/// If it is polled again after it completed.
#[must_use = "futures do nothing unless polled"]
pub struct Receiver<T> {
    /// `None` once completed.
    slot: Option<Arc<Slot<T>>>,
}

impl<T> Receiver<T> {
    pub(super) fn new(slot: Arc<Slot<T>>) -> Self {
        Receiver { slot: Some(slot) }
    }

    /// Wants no value any more, unless it has been sent already: that one can still be received.
    pub fn close(&mut self) {
        if let Some(slot) = &self.slot {
            slot.close();
        }
    }

    /// The value, if it has come; that completes the receiver.
    ///
    /// # Errors
    ///
    /// If it has not come yet, or if it never will. An error does not complete the receiver.
    #[allow(unsafe_code)]
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let Some(slot) = &self.slot else { return Err(TryRecvError::closed()) };
        match slot.look() {
            Look::Empty => Err(TryRecvError::empty()),
            Look::Closed => Err(TryRecvError::closed()),
            Look::Done => {
                // SAFETY: there is one receiver, and it saw `Done`.
                let value = unsafe { slot.take() }.ok_or_else(TryRecvError::closed)?;
                self.let_go();
                Ok(value)
            }
        }
    }

    /// Completes when the value has come. The one definition, for either generation.
    ///
    /// # Panics
    ///
    /// If it completed before, or if it has to wait for `Caller::Futures01` outside a futures 0.1
    /// task.
    #[allow(unsafe_code)]
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<Result<T, RecvError>> {
        let slot = self.slot.as_ref().expect("`Receiver` polled after it completed");
        ready!(poll_proceed(caller));
        let mut look = slot.look();
        if look == Look::Empty {
            // SAFETY: there is one receiver.
            look = unsafe { slot.wait_rx(caller) };
        }
        match look {
            Look::Empty => Poll::Pending,
            Look::Done => Poll::Ready(self.complete()),
            Look::Closed => {
                self.let_go();
                Poll::Ready(Err(RecvError(())))
            }
        }
    }

    /// Only after `Look::Done`.
    #[allow(unsafe_code)]
    fn complete(&mut self) -> Result<T, RecvError> {
        let slot = self.let_go().expect("looked at just now");
        // SAFETY: there is one receiver, and it saw `Done`.
        unsafe { slot.take() }.ok_or(RecvError(()))
    }

    #[allow(unsafe_code)]
    fn let_go(&mut self) -> Option<Arc<Slot<T>>> {
        let slot = self.slot.take()?;
        // SAFETY: there is one receiver.
        unsafe { slot.forget_rx() };
        Some(slot)
    }
}

impl<T> Drop for Receiver<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        self.close();
        if let Some(slot) = self.let_go() {
            if slot.look() == Look::Done {
                // Now, and not when the sender lets go of the memory.
                // SAFETY: there is one receiver, and it saw `Done`.
                drop(unsafe { slot.take() });
            }
        }
    }
}

impl<T> Future01 for Receiver<T> {
    type Item = T;
    type Error = RecvError;

    fn poll(&mut self) -> Poll01<T, RecvError> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl<T> IntoFuture for Receiver<T> {
    type Output = Result<T, RecvError>;
    type IntoFuture = Receiving<Receiver<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Receiving(self)
    }
}

impl<'a, T> IntoFuture for &'a mut Receiver<T> {
    type Output = Result<T, RecvError>;
    type IntoFuture = Receiving<&'a mut Receiver<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Receiving(self)
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("is_complete", &self.slot.is_none())
            .finish_non_exhaustive()
    }
}

/// A [`Receiver`], or one that is borrowed, as a std `Future`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Receiving<R>(R);

impl<R> Unpin for Receiving<R> {}

impl<T> Future for Receiving<Receiver<T>> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}

impl<T> Future for Receiving<&mut Receiver<T>> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
