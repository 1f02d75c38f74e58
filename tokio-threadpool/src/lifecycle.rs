//! Whether the pool takes tasks, and when it is idle.
//!
//! # The word
//!
//! ```text
//!  63 ............................ 2   1 ..... 0
//! ┌─────────────────────────────────┬───────────┐
//! │ tasks spawned from outside      │ stage     │
//! └─────────────────────────────────┴───────────┘
//! ```
//!
//! | stage | meaning | spawning |
//! |---|---|---|
//! | `RUNNING` | | yes |
//! | `DRAINING` | stops as soon as no task is left (`shutdown_on_idle`) | yes |
//! | `CLOSING` | the same (`shutdown`) | refused |
//! | `STOPPED` | the workers drop what is left and end | refused |
//!
//! | from | `drain` | `close` | `stop` |
//! |---|---|---|---|
//! | `RUNNING` | `DRAINING` or `CLOSING` | | `STOPPED` |
//! | `DRAINING`, `CLOSING` | – | `STOPPED` if nothing is left | `STOPPED` |
//! | `STOPPED` | – | – | – |
//!
//! # Counting
//!
//! Each worker counts, in a [`Count`] of its own and without read-modify-writes, the tasks that it
//! spawned and those that it completed. All other threads share the count in the word for spawns,
//! and one for completions. The pool is idle when the sums are equal.
//!
//! The sums cannot be read at one moment. So `close` reads the completions first, then the spawns.
//! Let C be the set of completions that it read. The spawn of each task in C happened before its
//! completion, so it is read too; and so is every spawn that a task in C made, since it was made
//! before that task completed. If the sums are equal, the spawns that were read are exactly those
//! of C: every task that was spawned by then is complete, and none of them left a child behind.
//! What may still come is a spawn from outside. It changes the word, and then the exchange by
//! which `close` sets `STOPPED` fails.
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `Count::add`: store | Release | `close`: loads | who reads a completion sees the spawns before it |
//! | `outside_completed`: add | Release | `close`: load | as above |
//! | `spawn_outside`: add | AcqRel | `close`, `stop`: exchange | a spawn is refused, or counted before the pool stops |
//! | `drain`, `stop`: read-modify-write | AcqRel | `stage`: load | who sees the stage sees what led to it |
//! | `close`: exchange | AcqRel | as above | as above |
//! | `stage` | Acquire | `drain`, `stop`, `close` | as above |
//!
//! Two workers that each complete one of the last two tasks both look afterwards, when they lie
//! down; the lock of the sleepers puts one of them last, and that one sees both completions.

use crate::sync::{load_exclusive, AtomicUsize};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Release};

#[cfg(all(test, tokio_loom))]
mod model;

/// How far the pool is on its way to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Running,
    Draining,
    Closing,
    Stopped,
}

/// Whether a pool that is to stop when it is idle still takes tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spawns {
    Accepted,
    Refused,
}

/// What one worker counts. Only the thread that has the worker's core changes it.
#[derive(Debug)]
pub(crate) struct Count {
    spawned: AtomicUsize,
    completed: AtomicUsize,
}

#[derive(Debug)]
pub(crate) struct Lifecycle {
    word: AtomicUsize,
    outside_completed: AtomicUsize,
}

const STAGE: usize = 0b11;
const RUNNING: usize = 0b00;
const DRAINING: usize = 0b01;
const CLOSING: usize = 0b10;
const STOPPED: usize = 0b11;
const SPAWN: usize = 0b100;

impl Count {
    pub(crate) fn new() -> Self {
        Count { spawned: AtomicUsize::new(0), completed: AtomicUsize::new(0) }
    }

    #[inline]
    pub(crate) fn spawned(&self) {
        Self::add(&self.spawned);
    }

    #[inline]
    pub(crate) fn completed(&self) {
        Self::add(&self.completed);
    }

    #[inline]
    fn add(count: &AtomicUsize) {
        count.store(load_exclusive(count).wrapping_add(1), Release);
    }
}

impl Lifecycle {
    pub(crate) fn new() -> Self {
        Lifecycle { word: AtomicUsize::new(RUNNING), outside_completed: AtomicUsize::new(0) }
    }

    #[inline]
    pub(crate) fn stage(&self) -> Stage {
        Self::stage_of(self.word.load(Acquire))
    }

    fn stage_of(word: usize) -> Stage {
        match word & STAGE {
            RUNNING => Stage::Running,
            DRAINING => Stage::Draining,
            CLOSING => Stage::Closing,
            _ => Stage::Stopped,
        }
    }

    /// Counts a task that a thread without a core spawns. False if the pool takes none any more:
    /// then the caller counts it as completed, and lets a worker look again, since one may have
    /// looked in between and not found the pool idle.
    #[must_use]
    pub(crate) fn spawn_outside(&self) -> bool {
        Self::stage_of(self.word.fetch_add(SPAWN, AcqRel)) <= Stage::Draining
    }

    /// Counts a task that came to its end on a thread without a core.
    pub(crate) fn completed_outside(&self) {
        self.outside_completed.fetch_add(1, Release);
    }

    /// The pool is to stop when it is idle.
    pub(crate) fn drain(&self, spawns: Spawns) {
        let stage = match spawns {
            Spawns::Accepted => DRAINING,
            Spawns::Refused => CLOSING,
        };
        let _ = self.word.fetch_update(AcqRel, Acquire, |word| {
            (word & STAGE == RUNNING).then_some(word | stage)
        });
    }

    /// The pool is to stop now.
    pub(crate) fn stop(&self) {
        self.word.fetch_or(STOPPED, AcqRel);
    }

    /// Stops a draining pool if it is idle. True if this call did.
    pub(crate) fn close<'a>(&self, counts: impl Iterator<Item = &'a Count> + Clone) -> bool {
        let completed = self.completed(counts.clone());
        let word = self.word.load(Acquire);
        if !matches!(Self::stage_of(word), Stage::Draining | Stage::Closing) {
            return false;
        }
        let spawned = Self::spawned(word, counts);
        // The count in the word has two bits less than the others.
        spawned.wrapping_sub(completed) << 2 == 0
            && self.word.compare_exchange(word, word | STOPPED, AcqRel, Acquire).is_ok()
    }

    /// Whether every task that was spawned has come to its end. Final once the pool has stopped
    /// and no worker polls.
    pub(crate) fn is_idle<'a>(&self, counts: impl Iterator<Item = &'a Count> + Clone) -> bool {
        let completed = self.completed(counts.clone());
        let spawned = Self::spawned(self.word.load(Acquire), counts);
        spawned.wrapping_sub(completed) << 2 == 0
    }

    fn completed<'a>(&self, counts: impl Iterator<Item = &'a Count>) -> usize {
        counts
            .map(|count| count.completed.load(Acquire))
            .fold(self.outside_completed.load(Acquire), usize::wrapping_add)
    }

    fn spawned<'a>(word: usize, counts: impl Iterator<Item = &'a Count>) -> usize {
        counts.map(|count| count.spawned.load(Acquire)).fold(word >> 2, usize::wrapping_add)
    }
}
