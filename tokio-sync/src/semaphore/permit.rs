//! One permit of a semaphore: in a place of one's own, or for as long as a value lives.

use super::{AcquireError, Semaphore, TryAcquireError};
use crate::permits::{Claim, Permits};
use crate::sync::Arc;
use futures::Poll as Poll01;
use std::fmt;
use std::task::Poll;
use tokio_task::{to_futures01, Caller};

/// A place for one permit: empty, waiting, or holding it.
///
/// It is not tied to a semaphore; the same one is to be passed to each call. What it holds it does
/// **not** give back by itself: that is [`release`](Self::release). A permit that is dropped while
/// it waits leaves the queue, and passes on what it was granted without knowing; one that is
/// dropped while it holds is lost, as by [`forget`](Self::forget).
///
/// ```
/// use futures::{future, Future};
/// use tokio_sync::semaphore::{Permit, Semaphore};
///
/// let semaphore = Semaphore::new(1);
/// let mut permit = Permit::new();
/// future::poll_fn(|| permit.poll_acquire(&semaphore)).wait().unwrap();
/// assert!(permit.is_acquired());
/// permit.release(&semaphore);
/// assert_eq!(semaphore.available_permits(), 1);
/// ```
pub struct Permit {
    claim: Claim,
    /// Whose queue the claim stands in.
    waits_for: Option<Arc<Permits>>,
}

impl Permit {
    /// An empty one.
    pub fn new() -> Permit {
        Permit { claim: Claim::None, waits_for: None }
    }

    /// Whether it holds a permit. One that was granted counts once it has been asked for again.
    pub fn is_acquired(&self) -> bool {
        self.claim.is_held()
    }

    /// Takes a permit, or waits for one. Ready at once if it holds one. For futures 0.1.
    ///
    /// # Errors
    ///
    /// If the semaphore is closed.
    ///
    /// # Panics
    ///
    /// If it has to wait, outside a futures 0.1 task.
    pub fn poll_acquire(&mut self, semaphore: &Semaphore) -> Poll01<(), AcquireError> {
        to_futures01(self.poll_acquire_with(Caller::Futures01, semaphore))
    }

    /// [`poll_acquire`](Self::poll_acquire) for either generation.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_acquire_with(
        &mut self,
        caller: Caller<'_>,
        semaphore: &Semaphore,
    ) -> Poll<Result<(), AcquireError>> {
        self.leave_another(semaphore);
        let poll = self.claim.poll_hold(&semaphore.permits, caller);
        self.waits_for = match self.claim {
            Claim::Waiting(_) => self.waits_for.take().or_else(|| Some(semaphore.permits.clone())),
            _ => None,
        };
        poll.map_err(|_closed| AcquireError::new())
    }

    /// Takes a permit if there is one. A place in the queue is kept if there is not.
    ///
    /// # Errors
    ///
    /// If there is none, or if the semaphore is closed.
    pub fn try_acquire(&mut self, semaphore: &Semaphore) -> Result<(), TryAcquireError> {
        self.leave_another(semaphore);
        let outcome = self.claim.try_hold(&semaphore.permits);
        if !matches!(self.claim, Claim::Waiting(_)) {
            self.waits_for = None;
        }
        outcome.map_err(TryAcquireError::from)
    }

    /// Gives the permit back, if it holds one; leaves the queue, if it waits.
    pub fn release(&mut self, semaphore: &Semaphore) {
        match self.waits_for.take() {
            Some(queue) => self.claim.release(&queue),
            None => self.claim.release(&semaphore.permits),
        };
    }

    /// Becomes empty without giving the permit back: the semaphore has one less from now on.
    /// Leaves the queue, if it waits.
    pub fn forget(&mut self) {
        match self.waits_for.take() {
            Some(queue) => {
                self.claim.release(&queue);
            }
            None => self.claim = Claim::None,
        }
    }

    /// Leaves the queue of a semaphore that is not this one.
    fn leave_another(&mut self, semaphore: &Semaphore) {
        if let Some(queue) = self.waits_for.take_if(|queue| !Arc::ptr_eq(queue, &semaphore.permits))
        {
            self.claim.release(&queue);
        }
    }
}

impl Default for Permit {
    fn default() -> Self {
        Permit::new()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.forget();
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("is_acquired", &self.is_acquired()).finish_non_exhaustive()
    }
}

/// A permit that is given back when it is dropped; made by [`Semaphore::acquire`].
#[must_use = "the permit is given back when this is dropped"]
pub struct SemaphorePermit<'a> {
    permits: &'a Permits,
}

impl<'a> SemaphorePermit<'a> {
    pub(super) fn new(permits: &'a Permits) -> Self {
        SemaphorePermit { permits }
    }

    /// Does not give the permit back: the semaphore has one less from now on.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for SemaphorePermit<'_> {
    fn drop(&mut self) {
        self.permits.give(1);
    }
}

impl fmt::Debug for SemaphorePermit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SemaphorePermit").finish_non_exhaustive()
    }
}
