//! The tasks that wait for one direction of one source.
//!
//! The usual one has its place in a [`WaiterCell`], without a lock. Further ones stand in a list:
//! whom a registration displaces from the cell is put there, so that no task evicts another. A
//! flag in the slot's word says whether the list has to be looked at; it is set and cleared under
//! the list's lock. No waiter is cloned, woken or dropped under it.
//!
//! Waking and dropping a waiter is foreign code; its panics are held back until all have been
//! woken or dropped.

use crate::panics::Panics;
use crate::sync::{lock, AtomicU64, Mutex};
use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use tokio_task::{Caller, Waiter, WaiterCell};

#[derive(Debug)]
pub(crate) struct Waiters {
    cell: WaiterCell,
    /// Boxed, for most sources never have one.
    crowd: Mutex<Option<Box<Crowd>>>,
}

#[derive(Debug, Default)]
struct Crowd(VecDeque<Waiter>);

impl Waiters {
    pub(crate) fn new() -> Self {
        Waiters { cell: WaiterCell::new(), crowd: Mutex::new(None) }
    }

    /// Puts `caller` into the cell. Returns a different task that it displaced.
    #[must_use]
    pub(crate) fn register(&self, caller: Caller<'_>) -> Option<Waiter> {
        self.cell.register(caller)
    }

    /// Wakes the task in the cell.
    #[inline]
    pub(crate) fn wake(&self, panics: &mut Panics) {
        panics.hold(|| self.cell.wake());
    }

    /// True if `caller` stands in the list.
    pub(crate) fn has_in_crowd(&self, caller: Caller<'_>) -> bool {
        // Comparing runs no foreign code.
        let crowd = lock(&self.crowd);
        crowd.as_ref().is_some_and(|crowd| crowd.0.iter().any(|w| w.will_wake(caller)))
    }

    /// Adds to the list, and sets `flag` in `word`. Returns the word of before.
    pub(crate) fn add_to_crowd(&self, waiter: Waiter, word: &AtomicU64, flag: u64) -> u64 {
        let mut crowd = lock(&self.crowd);
        crowd.get_or_insert_default().0.push_back(waiter);
        word.fetch_or(flag, Relaxed)
    }

    /// Wakes who stands in the list now, and clears `flag` in `word` when nobody is left.
    #[cold]
    pub(crate) fn wake_crowd(&self, word: &AtomicU64, flag: u64, panics: &mut Panics) {
        // Those who come back while this runs go to the end, and wait for the next event.
        let left = lock(&self.crowd).as_ref().map_or(0, |crowd| crowd.0.len());
        for _ in 0..left {
            let Some(waiter) = self.take_first(word, flag) else { return };
            panics.hold(|| waiter.wake());
        }
    }

    fn take_first(&self, word: &AtomicU64, flag: u64) -> Option<Waiter> {
        let mut list = lock(&self.crowd);
        let crowd = list.as_mut()?;
        let waiter = crowd.0.pop_front();
        if crowd.0.is_empty() {
            word.fetch_and(!flag, Relaxed);
        }
        waiter
    }

    /// Drops all waiters without waking them.
    pub(crate) fn clear(&self, panics: &mut Panics) {
        panics.hold(|| self.cell.clear());
        let crowd = lock(&self.crowd).take();
        for waiter in crowd.into_iter().flat_map(|crowd| crowd.0) {
            panics.hold(|| drop(waiter));
        }
    }
}
