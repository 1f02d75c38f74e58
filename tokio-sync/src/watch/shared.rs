//! What sender and receivers share: the value, its version, and who waits.
//!
//! # The word
//!
//! ```text
//!                                   2        1         0
//! ┌─────────────────────────────────┬─────────┬────────┐
//! │ version of the value            │ WAITING │ CLOSED │
//! └─────────────────────────────────┴─────────┴────────┘
//! ```
//!
//! | event | word | under |
//! |---|---|---|
//! | replace | version + 1, without `WAITING` | the value's write lock |
//! | look | read | the value's read lock |
//! | wait | `WAITING`, unless there is a version that was not seen | the lock of the watchers |
//! | the sender is dropped | `CLOSED` | – |
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | replace: exchange | Release | look, without the lock; `wait` | who sees the version takes the read lock after it |
//! | close: set `CLOSED` | Release | as above | who sees the closing sees what led to it |
//! | look, without the lock: load | Acquire | replace, close | as above |
//! | look, under the read lock: load | Relaxed | – | the lock orders value and version |
//! | `wait`: set `WAITING` | Acquire | replace, close | as above |
//! | receivers: one less; are there any | Release; Acquire | each other | who sees that there is none sees what they did |
//!
//! (That a replacement is released, no model can show: a lock of loom is always the newest.)
//!
//! # Nobody waits for a version that is there
//!
//! `WAITING` is set in one operation that also says which version there is; a receiver waits only
//! if it has seen that one. So a replacement that comes later finds `WAITING`. It then takes the
//! lock of the watchers, which the receiver holds from before it set the bit until its task is in
//! its place.
//!
//! # Nobody sees a version twice, nor misses the last
//!
//! The version changes under the write lock, and a receiver reads it under the read lock: it is
//! that of the value that the receiver sees. So the receiver knows exactly what it has seen.

#[cfg(all(test, tokio_loom))]
mod model;

use super::watchers::Watchers;
use crate::sync::{lock, AtomicUsize, Mutex, RwLock, RwLockReadGuard};
use crate::wakes::wake_all;
use std::mem;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use tokio_task::{Caller, Waiter, WaiterCell};

pub(super) struct Shared<T> {
    word: AtomicUsize,
    value: RwLock<T>,
    watchers: Mutex<Watchers>,
    receivers: AtomicUsize,
    /// The sender's task, if it waits until there is no receiver.
    tx: WaiterCell,
}

const CLOSED: usize = 0b01;
const WAITING: usize = 0b10;
const VERSION: usize = 0b100;

/// The version that a receiver has seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Version(usize);

impl Version {
    fn of(word: usize) -> Self {
        Version(word & !(VERSION - 1))
    }

    /// The one before the first.
    pub(super) fn none() -> Self {
        Version::of(usize::MAX)
    }
}

/// What a receiver finds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Look {
    New,
    Seen,
    /// The last one has been seen.
    Ended,
}

impl Look {
    fn at(word: usize, seen: Version) -> Self {
        if Version::of(word) != seen {
            Look::New
        } else if word & CLOSED != 0 {
            Look::Ended
        } else {
            Look::Seen
        }
    }
}

impl<T> Shared<T> {
    /// With one receiver.
    pub(super) fn new(value: T) -> Self {
        Shared {
            word: AtomicUsize::new(0),
            value: RwLock::new(value),
            watchers: Mutex::new(Watchers::new()),
            receivers: AtomicUsize::new(1),
            tx: WaiterCell::new(),
        }
    }

    /// Whether there is a version that is not the one `seen`.
    pub(super) fn look(&self, seen: Version) -> Look {
        Look::at(self.word.load(Acquire), seen)
    }

    /// The value, and which one it is.
    pub(super) fn read(&self) -> (RwLockReadGuard<'_, T>, Version) {
        // Nothing panics under the write lock.
        let value = self.value.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let version = Version::of(self.word.load(Relaxed));
        (value, version)
    }

    /// Puts the caller into its place, unless there is something to see.
    pub(super) fn wait(
        &self,
        seen: Version,
        place: &mut Option<usize>,
        caller: Caller<'_>,
    ) -> Look {
        // Only a second poll of the same wait finds the task in its place.
        if place.is_some() && lock(&self.watchers).knows(*place, caller) {
            return self.look(seen);
        }
        let mut waiter = Some(Waiter::from(caller));
        let mut watchers = lock(&self.watchers);
        let look = Look::at(self.word.fetch_or(WAITING, Acquire), seen);
        if look == Look::Seen {
            watchers.put(place, &mut waiter);
        }
        drop(watchers);
        look
    }

    /// Replaces the value, and wakes those who wait for that. `wakes` is empty, and kept for its
    /// memory.
    pub(super) fn replace(&self, value: T, wakes: &mut Vec<Waiter>) {
        let mut current = self.value.write().unwrap_or_else(|poisoned| poisoned.into_inner());
        let before = mem::replace(&mut *current, value);
        let mut seen = self.word.load(Relaxed);
        while let Err(now) = self.word.compare_exchange_weak(
            seen,
            (seen & !WAITING).wrapping_add(VERSION),
            Release,
            Relaxed,
        ) {
            seen = now;
        }
        drop(current);
        if seen & WAITING != 0 {
            self.wake_watchers(wakes);
        }
        // Foreign code: now that nothing is locked and nobody waits.
        drop(before);
    }

    /// There will be no other value.
    pub(super) fn close(&self, wakes: &mut Vec<Waiter>) {
        self.word.fetch_or(CLOSED, Release);
        self.wake_watchers(wakes);
    }

    fn wake_watchers(&self, wakes: &mut Vec<Waiter>) {
        lock(&self.watchers).take(wakes);
        wake_all(wakes.drain(..));
    }

    pub(super) fn add_receiver(&self) {
        self.receivers.fetch_add(1, Relaxed);
    }

    pub(super) fn drop_receiver(&self, place: Option<usize>) {
        if let Some(place) = place {
            let waiter = lock(&self.watchers).remove(place);
            drop(waiter);
        }
        if self.receivers.fetch_sub(1, Release) == 1 {
            self.tx.wake();
        }
    }

    pub(super) fn has_receivers(&self) -> bool {
        self.receivers.load(Acquire) > 0
    }

    /// Registers the sender's task, and looks once more whether there are receivers.
    pub(super) fn wait_tx(&self, caller: Caller<'_>) -> bool {
        drop(self.tx.register(caller));
        !self.has_receivers()
    }

    /// Lets go of the sender's task.
    pub(super) fn forget_tx(&self) {
        self.tx.clear();
    }
}
