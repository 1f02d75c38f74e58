//! The tasks that wait for one direction of one source.
//!
//! The usual one has its place in a [`WaiterCell`], without a lock. Further ones stand in a list:
//! whom a registration displaces from the cell is put there, so that no task evicts another. A
//! flag in the slot's word says whether the list has to be looked at; it is set and cleared under
//! the list's lock. No waiter is cloned, woken or dropped under it.
//!
//! # Abandoned waits
//!
//! A task that stops waiting before there is an event, because its future lost a race, tells
//! nobody. Where each wait is of another task, the list would keep one dead task each until there
//! is an event. So a list that is full is emptied without an event: its tasks are woken. Who still
//! waits looks again and registers again; who does not is dropped.
//!
//! Each time there is room for some more after that. With a fixed room, more tasks than fit would
//! wake each other for ever; so they come to rest when there is room for all, after about `n`/32
//! such wakes each for `n` tasks, once in the life of a source. The price is that of `n` abandoned
//! waits without an event at most about 6·√`n` are kept.
//!
//! # Panics
//!
//! Waking and dropping a waiter is foreign code; its panics are held back until all have been
//! woken or dropped.

use crate::sync::{lock, AtomicU64, Mutex};
use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::Ordering::Relaxed;
use tokio_task::panics::Panics;
use tokio_task::{Caller, Waiter, WaiterCell};

#[derive(Debug)]
pub(crate) struct Waiters {
    cell: WaiterCell,
    /// Boxed, for most sources never have one.
    crowd: Mutex<Option<Box<Crowd>>>,
}

#[derive(Debug)]
struct Crowd {
    list: VecDeque<Waiter>,
    /// How many the list may hold.
    room: usize,
}

/// How many may wait in the list at first, and how many more each time that it was full.
const ROOM: usize = 16;

impl Default for Crowd {
    fn default() -> Self {
        Crowd { list: VecDeque::new(), room: ROOM }
    }
}

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
        crowd.as_ref().is_some_and(|crowd| crowd.list.iter().any(|w| w.will_wake(caller)))
    }

    /// Adds to the list, and sets `flag` in `word`. Returns the word of before.
    ///
    /// If the list is full, who was in it is woken and has to come back.
    pub(crate) fn add_to_crowd(
        &self,
        waiter: Waiter,
        word: &AtomicU64,
        flag: u64,
        panics: &mut Panics,
    ) -> u64 {
        let mut list = lock(&self.crowd);
        let crowd = list.get_or_insert_default();
        let mut full = VecDeque::new();
        if crowd.list.len() >= crowd.room {
            crowd.room += ROOM;
            full = mem::take(&mut crowd.list);
        }
        crowd.list.push_back(waiter);
        let before = word.fetch_or(flag, Relaxed);
        drop(list);
        for waiter in full {
            panics.hold(|| waiter.wake());
        }
        before
    }

    /// Wakes who stands in the list now, and clears `flag` in `word` when nobody is left.
    #[cold]
    pub(crate) fn wake_crowd(&self, word: &AtomicU64, flag: u64, panics: &mut Panics) {
        // Those who come back while this runs go to the end, and wait for the next event.
        let left = lock(&self.crowd).as_ref().map_or(0, |crowd| crowd.list.len());
        for _ in 0..left {
            let Some(waiter) = self.take_first(word, flag) else { return };
            panics.hold(|| waiter.wake());
        }
    }

    fn take_first(&self, word: &AtomicU64, flag: u64) -> Option<Waiter> {
        let mut list = lock(&self.crowd);
        let crowd = list.as_mut()?;
        let waiter = crowd.list.pop_front();
        if crowd.list.is_empty() {
            word.fetch_and(!flag, Relaxed);
        }
        waiter
    }

    /// Wakes all and keeps none, for good: the word says by now that nothing is to be waited for.
    ///
    /// Whoever is in the cell before the wake is woken by it, and whoever comes later sees the word.
    /// Whom they displaced is in the list, or will be woken by who puts it there: so nobody in
    /// the list may be dropped without a wake, by any thread that comes here.
    pub(crate) fn end(&self, panics: &mut Panics) {
        self.wake(panics);
        panics.hold(|| self.cell.clear());
        let crowd = lock(&self.crowd).take();
        for waiter in crowd.into_iter().flat_map(|crowd| crowd.list) {
            panics.hold(|| waiter.wake());
        }
    }

    /// Drops all waiters without waking them: their source is no more.
    pub(crate) fn clear(&self, panics: &mut Panics) {
        panics.hold(|| self.cell.clear());
        let crowd = lock(&self.crowd).take();
        for waiter in crowd.into_iter().flat_map(|crowd| crowd.list) {
            panics.hold(|| drop(waiter));
        }
    }
}
