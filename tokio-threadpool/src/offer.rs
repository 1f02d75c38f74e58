//! Cores whose thread is in `blocking`, open to whoever needs them.
//!
//! Most closures are over before another thread would have woken up. So the thread that blocks does
//! not hand its core over; it lays it open in the worker's slot, and takes it back when the closure
//! is over, unless somebody has taken it meanwhile.
//!
//! # States of a slot
//!
//! | slot | the core belongs to |
//! |---|---|
//! | empty | a thread (which may sleep), or the list of orphans in `backup` |
//! | full | nobody: the first to take it |
//!
//! # Transitions
//!
//! | | event | from | to | owes |
//! |---|---|---|---|---|
//! | `put` | a task blocks | empty | full | a look at who is there: see below |
//! | `take` | the closure is over | full | empty | |
//! | `take` | the closure is over | empty | empty | the thread goes on without a core, then waits for one |
//! | `take` | a rescuer | full | empty | the core goes to a thread that waits, or a new one |
//!
//! A slot may be filled again by the next thread that works for the core, while the first still
//! blocks. The first may then take it: like any other rescuer, since only who takes a core has it.
//!
//! # Who rescues
//!
//! | who | when |
//! |---|---|
//! | the thread that blocks, before its closure; it keeps the core if there is no thread for it and nobody else works (`backup`) | nobody sleeps, or the pool has stopped |
//! | a worker that starts to work | nobody sleeps any more |
//! | a standby, or who stands in for it | the worker's tick stood still for a standby period |
//! | `Pool::stop` | the pool stops |
//!
//! Tasks that are queued when a thread blocks, and tasks that are injected while one does, wake a
//! sleeper, which steals them; the core is not needed for that.
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | the slot: put, take | AcqRel (`AtomicCell`) | each other | who takes the core sees what was done with it |
//! | `put`: `fence(SeqCst)` after the slot | SeqCst | the fences in `Sleep::is_all_awake_now`, `Sleep::is_all_asleep`, `Pool::stop` | see the proof |
//! | `count` | Relaxed | – | the fences order it |
//!
//! # No core is left while there is nobody to look for it
//!
//! If a core lies open, some worker sleeps, and so one stands by. Assume that the last sleeper gets
//! up while a thread blocks. The thread put the core, passed its fence, and then asked whether all
//! are awake. The sleeper was taken from the count, passed its fence, and then asked for open
//! cores. One of the fences comes first. If the thread's does, the sleeper sees the core, and
//! rescues it. If the sleeper's does, the thread sees that all are awake, and rescues it itself.
//! The same holds between `put` and the look at the injector on one side, and `push` and the look
//! at `any` on the other; and between `put` and the look at the stage, and `stop` and its look at
//! the slots. `model.rs` checks the first two, and `schedules/` the third, but for its fences.

use crate::sync::{fence, AtomicUsize, Slot};
use crossbeam_utils::CachePadded;
use std::fmt;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

#[cfg(all(test, tokio_loom))]
mod model;

/// A slot for each worker's core.
pub(crate) struct Offers<T> {
    /// At least as many as there are full slots.
    count: CachePadded<AtomicUsize>,
    slots: Box<[CachePadded<Slot<T>>]>,
}

impl<T> Offers<T> {
    pub(crate) fn new(workers: usize) -> Self {
        let slots = (0..workers).map(|_| CachePadded::new(Slot::new())).collect();
        Offers { count: CachePadded::new(AtomicUsize::new(0)), slots }
    }

    /// Lays the core of `worker` open. The caller then looks whether anybody is there to rescue it.
    pub(crate) fn put(&self, worker: usize, core: T) {
        // Counted first, so that the count never falls below zero.
        self.count.fetch_add(1, Relaxed);
        let before = self.slots[worker].put(core);
        debug_assert!(before.is_none(), "one core has two owners");
        fence(SeqCst);
    }

    /// Takes the core of `worker`, if it lies open.
    pub(crate) fn take(&self, worker: usize) -> Option<T> {
        let core = self.slots[worker].take();
        if core.is_some() {
            self.count.fetch_sub(1, Relaxed);
        }
        core
    }

    /// Whether a core may lie open. Sees every `put` whose fence came before one that the caller
    /// has passed.
    #[inline]
    pub(crate) fn any(&self) -> bool {
        self.count.load(Relaxed) != 0
    }

    /// Takes all cores that lie open, one after the other.
    pub(crate) fn take_each(&self) -> impl Iterator<Item = T> + '_ {
        let workers = if self.any() { self.slots.len() } else { 0 };
        (0..workers).filter_map(|worker| self.take(worker))
    }
}

impl<T> fmt::Debug for Offers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offers").field("count", &self.count).finish_non_exhaustive()
    }
}
