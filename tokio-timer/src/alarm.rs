//! When the driver has to wake up, as it and those who register waits agree on it.
//!
//! # The word
//!
//! ```text
//!     63 .. 1: nanoseconds        0
//! ┌───────────────────────────┬────────┐
//! │  first known, or `NEVER`  │ ASLEEP │
//! └───────────────────────────┴────────┘
//! ```
//!
//! | operation | by | does |
//! |---|---|---|
//! | `lower` | who files a wait before all others of its shard, with that shard's lock | the minimum of the word and its moment, not `ASLEEP` |
//! | `take` | the driver, before it looks into the shards | `NEVER` |
//! | `settle` | the driver, when it has looked into all | the minimum of the word and what it found |
//! | `lie_down` | the driver | `ASLEEP`, if the word is still what it looked at |
//! | `get_up` | the driver | not `ASLEEP` |
//!
//! # Ordering
//!
//! All are read-modify-writes of one word, so all are `Relaxed`: they come in one order, and what
//! they announce is found under the locks of the shards.
//!
//! # No wait is overlooked
//!
//! A wait is filed under its shard's lock, and the driver looks into the shard under that lock
//! after `take`. If it was filed before the look, the driver finds it. If after, the lock puts
//! `take` before `lower`, and nothing but a later `take`, with looks of its own, raises the word
//! again. Either way the word is at most the wait's moment when `settle` is over. (A wait that is
//! not the first of its shard relies on the one that is: that one's `lower` is over when its lock
//! is free.)
//!
//! And the driver does not sleep past it: `lower` comes before `lie_down`, which then fails; or
//! after, and finds `ASLEEP` and says that the driver must be unparked. The next `lower` finds
//! `ASLEEP` gone; but the unpark of the one that removed it comes, and the driver looks at the word
//! before it sleeps again. `shared/model.rs` checks this.

use crate::sync::{AtomicBool, AtomicU64};
use std::sync::atomic::Ordering::Relaxed;

#[derive(Debug)]
pub(crate) struct Alarm {
    word: AtomicU64,
    /// The first wait of a shard was cancelled: the word is earlier than it has to be. A hint.
    stale: AtomicBool,
}

/// No wait.
pub(crate) const NEVER: u64 = u64::MAX >> 1;

const ASLEEP: u64 = 1;

impl Alarm {
    pub(crate) fn new() -> Self {
        Alarm { word: AtomicU64::new(NEVER << 1), stale: AtomicBool::new(false) }
    }

    /// There is a wait until `due`. True if the driver must be unparked.
    #[inline]
    #[must_use]
    pub(crate) fn lower(&self, due: u64) -> bool {
        let before = self.word.fetch_min(due << 1, Relaxed);
        due << 1 < before && before & ASLEEP != 0
    }

    /// The first moment that is known, or `NEVER`.
    #[inline]
    pub(crate) fn first(&self) -> u64 {
        self.word.load(Relaxed) >> 1
    }

    /// The driver is about to look into all shards.
    pub(crate) fn take(&self) {
        self.word.swap(NEVER << 1, Relaxed);
    }

    /// The driver has looked into all shards.
    pub(crate) fn settle(&self, first: u64) {
        self.word.fetch_min(first.min(NEVER) << 1, Relaxed);
    }

    /// The driver wants to sleep until `first`. False if that is too late by now.
    #[must_use]
    pub(crate) fn lie_down(&self, first: u64) -> bool {
        let seen = first << 1;
        self.word.compare_exchange(seen, seen | ASLEEP, Relaxed, Relaxed).is_ok()
    }

    pub(crate) fn get_up(&self) {
        self.word.fetch_and(!ASLEEP, Relaxed);
    }

    /// The word may be earlier than it has to be.
    #[inline]
    pub(crate) fn make_stale(&self) {
        if !self.stale.load(Relaxed) {
            self.stale.store(true, Relaxed);
        }
    }

    /// Whether it may be, since the last time.
    pub(crate) fn take_stale(&self) -> bool {
        self.stale.load(Relaxed) && self.stale.swap(false, Relaxed)
    }
}
