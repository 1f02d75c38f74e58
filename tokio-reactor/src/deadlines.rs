//! Waits of the reactor itself, for resources that back off.
//!
//! The reactor looks at a flag each turn, and at the list, under its lock, only if it is set.
//!
//! An earlier deadline that is added while the reactor decides how long to wait is not
//! overlooked: the flag is set before the reactor is unparked, and the reactor looks at the flag
//! only after it has told the doorbell that it may wait. No waiter is woken or dropped under the lock.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio_task::panics::Panics;
use tokio_task::{Caller, Waiter};

#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    /// Relaxed: the doorbell orders it, or the thread itself.
    any: AtomicBool,
    list: Mutex<List>,
}

#[derive(Debug, Default)]
struct List {
    /// In no order: there are as many as there are listeners that back off just now.
    waiters: Vec<(Deadline, Waiter)>,
    next: u64,
    closed: bool,
}

/// A moment, and a number to tell those of the same moment apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline(Instant, u64);

/// What an addition asks of the caller.
#[derive(Debug)]
#[must_use]
pub(crate) enum Added {
    /// The reactor knows an earlier one.
    Later(Deadline),
    /// Unpark the reactor.
    First(Deadline),
    /// The reactor is gone.
    Gone,
}

impl List {
    fn first(&self) -> Option<Deadline> {
        self.waiters.iter().map(|(deadline, _)| *deadline).min()
    }

    fn at(&self, deadline: Deadline) -> Option<usize> {
        self.waiters.iter().position(|(other, _)| *other == deadline)
    }
}

impl Deadlines {
    /// Has `waiter` woken at about `at`.
    pub(crate) fn add(&self, at: Instant, waiter: Waiter) -> Added {
        let mut list = self.list();
        if list.closed {
            drop(list);
            return Added::Gone;
        }
        let deadline = Deadline(at, list.next);
        list.next += 1;
        list.waiters.push((deadline, waiter));
        self.any.store(true, Relaxed);
        if list.first() == Some(deadline) {
            Added::First(deadline)
        } else {
            Added::Later(deadline)
        }
    }

    /// True if `deadline` is still to come and will wake `caller`.
    pub(crate) fn will_wake(&self, deadline: Deadline, caller: Caller<'_>) -> bool {
        // Comparing runs no foreign code.
        let list = self.list();
        list.at(deadline).is_some_and(|at| list.waiters[at].1.will_wake(caller))
    }

    /// Wakes nobody at `deadline`.
    pub(crate) fn remove(&self, deadline: Deadline) {
        let mut list = self.list();
        let waiter = list.at(deadline).map(|at| list.waiters.swap_remove(at));
        self.any.store(!list.waiters.is_empty(), Relaxed);
        drop(list);
        drop(waiter);
    }

    /// The earliest.
    #[inline]
    pub(crate) fn first(&self) -> Option<Instant> {
        if !self.any.load(Relaxed) {
            return None;
        }
        self.list().first().map(|deadline| deadline.0)
    }

    /// Wakes those that are due.
    #[inline]
    pub(crate) fn wake_due(&self, panics: &mut Panics) {
        if !self.any.load(Relaxed) {
            return;
        }
        let now = Instant::now();
        while let Some(waiter) = self.take_first(|at| at <= now) {
            panics.hold(|| waiter.wake());
        }
    }

    /// Takes no more.
    pub(crate) fn close(&self) {
        self.list().closed = true;
    }

    /// Wakes all, whether due or not.
    pub(crate) fn wake_all(&self, panics: &mut Panics) {
        while let Some(waiter) = self.take_first(|_| true) {
            panics.hold(|| waiter.wake());
        }
    }

    fn take_first(&self, due: impl FnOnce(Instant) -> bool) -> Option<Waiter> {
        let mut list = self.list();
        let first = list.first().filter(|first| due(first.0))?;
        let (_, waiter) = list.at(first).map(|at| list.waiters.swap_remove(at))?;
        self.any.store(!list.waiters.is_empty(), Relaxed);
        Some(waiter)
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
