//! One's claim to a permit: none, a place in the queue, or the permit.

use super::{Closed, Permits, Refusal};
use std::future::Future;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{poll_proceed, Caller};

/// Whoever has one gives it up with [`release`](Self::release) before it drops it. All calls are
/// for the same permits.
#[derive(Debug, Default)]
pub(crate) enum Claim {
    #[default]
    None,
    /// Somewhere in the queue, or granted or refused and not looked at since.
    Waiting(usize),
    Held,
}

impl Claim {
    pub(crate) fn is_held(&self) -> bool {
        matches!(self, Claim::Held)
    }

    /// `Ready` when the permit is held.
    #[inline]
    pub(crate) fn poll_hold(
        &mut self,
        permits: &Permits,
        caller: Caller<'_>,
    ) -> Poll<Result<(), Closed>> {
        if self.is_held() {
            return Poll::Ready(Ok(()));
        }
        ready!(poll_proceed(caller));
        match self {
            Claim::None => match permits.try_take() {
                Ok(()) => *self = Claim::Held,
                Err(Refusal::Closed) => return Poll::Ready(Err(Closed)),
                Err(Refusal::NoPermits) => {
                    *self = permits.take_or_wait(caller)?;
                    if !self.is_held() {
                        return Poll::Pending;
                    }
                }
            },
            Claim::Waiting(place) => {
                let outcome = ready!(permits.poll_place(*place, caller));
                *self = if outcome.is_ok() { Claim::Held } else { Claim::None };
                return Poll::Ready(outcome);
            }
            Claim::Held => {}
        }
        Poll::Ready(Ok(()))
    }

    /// Holds the permit if that is possible now; a place in the queue is kept.
    #[inline]
    pub(crate) fn try_hold(&mut self, permits: &Permits) -> Result<(), Refusal> {
        let outcome = match self {
            Claim::Held => return Ok(()),
            Claim::None => permits.try_take(),
            Claim::Waiting(place) => permits.try_place(*place),
        };
        match outcome {
            Ok(()) => *self = Claim::Held,
            Err(Refusal::Closed) => *self = Claim::None,
            Err(Refusal::NoPermits) => {}
        }
        outcome
    }

    /// The permit passes to the caller.
    pub(crate) fn take(&mut self) {
        debug_assert!(self.is_held());
        *self = Claim::None;
    }

    /// Gives up the permit, or the place in the queue. True if there was a permit, known
    /// of or not.
    pub(crate) fn release(&mut self, permits: &Permits) -> bool {
        match std::mem::take(self) {
            Claim::None => false,
            Claim::Waiting(place) => permits.leave(place),
            Claim::Held => {
                permits.give(1);
                true
            }
        }
    }
}

/// Waits for a permit, which then belongs to the caller. Dropped earlier, it gives up its place,
/// or passes on what it was granted.
pub(crate) struct Acquire<'a> {
    permits: &'a Permits,
    claim: Claim,
}

impl<'a> Acquire<'a> {
    pub(crate) fn new(permits: &'a Permits) -> Self {
        Acquire { permits, claim: Claim::None }
    }
}

impl Future for Acquire<'_> {
    type Output = Result<(), Closed>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Closed>> {
        let this = &mut *self;
        ready!(this.claim.poll_hold(this.permits, cx.into()))?;
        this.claim.take();
        Poll::Ready(Ok(()))
    }
}

impl Drop for Acquire<'_> {
    fn drop(&mut self) {
        self.claim.release(self.permits);
    }
}
