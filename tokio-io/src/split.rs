//! Two halves of one stream, for two tasks of either generation.
//!
//! # The lock
//!
//! The halves share the stream under a mutex that is only ever tried. It is held for one operation
//! of the stream, which does not block; so it is found taken only when both halves are polled at
//! the same moment on two threads. Then:
//!
//! | the half that finds it taken | the half that holds it |
//! |---|---|
//! | registers its caller in `waiter` | unlocks |
//! | tries once more; `Pending` if that fails | wakes `waiter` |
//!
//! No wake is lost: registering and waking are both read-modify-writes of the waiter cell's word,
//! so one comes first. If registering does, the wake finds the caller. If the wake does, the
//! unlock before it is seen by the second try, which then fails only if the other half has locked
//! again, and that will be followed by a wake of its own. `model.rs` checks this, and fails
//! without the second try, and when the holder wakes before it unlocks.
//!
//! One cell is enough, as only the half that does not hold the lock can be waiting. A half whose
//! second try succeeds leaves its caller in the cell; it is woken once for nothing.
//!
//! Whatever takes the lock has to wake afterwards, formatting included: all go through [`Held`].
//! A panic of the stream unlocks and wakes as well, and poisons nothing: the stream is as usable
//! as its author left it.

use crate::io::{ReadHalf, WriteHalf};
use crate::sync::{Mutex, MutexGuard};
use crate::{AsyncRead, AsyncWrite};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, PoisonError, TryLockError};
use std::task::Poll;
use tokio_task::{Caller, WaiterCell};

#[cfg(all(test, tokio_loom))]
mod model;

pub(crate) fn split<T: AsyncRead + AsyncWrite>(io: T) -> (ReadHalf<T>, WriteHalf<T>) {
    let shared = Arc::new(Shared::new(io));
    (ReadHalf::new(shared.clone()), WriteHalf::new(shared))
}

/// The stream, and room for the half that waits for it.
pub(crate) struct Shared<T> {
    io: Mutex<T>,
    waiter: WaiterCell,
}

impl<T> Shared<T> {
    fn new(io: T) -> Self {
        Shared { io: Mutex::new(io), waiter: WaiterCell::new() }
    }

    /// The stream, or `caller` will be woken when it is free.
    pub(crate) fn poll_hold(&self, caller: Caller<'_>) -> Poll<Held<'_, T>> {
        if let Some(held) = self.try_hold() {
            return Poll::Ready(held);
        }
        if let Some(displaced) = self.waiter.register(caller) {
            // Left behind by a second try that succeeded. Woken for nothing, at worst.
            displaced.wake();
        }
        self.try_hold().map_or(Poll::Pending, Poll::Ready)
    }

    pub(crate) fn try_hold(&self) -> Option<Held<'_, T>> {
        let io = match self.io.try_lock() {
            Ok(io) => io,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(Held { io: Some(io), waiter: &self.waiter })
    }

    /// The stream, from the two halves that share it.
    ///
    /// # Panics
    ///
    /// If the halves do not belong together.
    #[track_caller]
    pub(crate) fn join(one: Arc<Self>, other: Arc<Self>) -> T {
        assert!(Arc::ptr_eq(&one, &other), "`unsplit` of halves of two different streams");
        drop(other);
        let shared = Arc::into_inner(one).expect("a split has two halves");
        shared.io.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.try_hold() {
            Some(io) => T::fmt(&io, f),
            None => f.write_str("<in use by the other half>"),
        }
    }
}

/// The right to use the stream. Dropping it unlocks, and then wakes the half that waits.
pub(crate) struct Held<'a, T> {
    /// `Some` until dropped.
    io: Option<MutexGuard<'a, T>>,
    waiter: &'a WaiterCell,
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.io.as_ref().expect("held until dropped")
    }
}

impl<T> DerefMut for Held<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.io.as_mut().expect("held until dropped")
    }
}

impl<T> Drop for Held<'_, T> {
    fn drop(&mut self) {
        self.io = None;
        self.waiter.wake();
    }
}
