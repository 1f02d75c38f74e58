//! The queue of a channel: any number of threads push, one pops. A list of blocks.
//!
//! ```text
//!   head (the receiver's)                         tail: position, block
//!     │                                             │
//!     ▼                                             ▼
//! ┌─────────────────────┐  next  ┌─────────────────────┐
//! │ · · · v v v v v … v ├───────▶│ v v ? v             │
//! └─────────────────────┘        └─────────────────────┘
//!   popped   ready                    ? taken by a sender that has not written yet
//! ```
//!
//! # The words
//!
//! The tail's position counts places from the beginning, in laps of `LAP`: `CAPACITY` places of a
//! block, and one position at which the next block is being put in place. Bit 0 is `CLOSED`.
//! A place is `EMPTY`, `AWAITED` or `READY`.
//!
//! | who | may touch |
//! |---|---|
//! | the sender that moved the position past a place | that value, until it marks the place `READY` |
//! | the sender that moved the position to the end of a block | `next`, and the tail's block, until it moves the position to the next lap |
//! | the receiver | the head; a value whose place is `READY`, until it moves the head past it; a block all of whose values it has taken |
//!
//! # Transitions
//!
//! | event | what happens |
//! |---|---|
//! | push | position + 1, the value is written, the place is marked `READY`; if it was `AWAITED` the receiver is woken |
//! | push into the last place | the next block is put in place in between: `next`, the tail's block, position + 1 |
//! | push that finds the end of a block | waits until the sender before it has put the next block in place: three stores |
//! | pop | the first place is `READY`: the value is taken, the place is `EMPTY` again |
//! | pop of the last value of a block | the head goes to `next`; the block is kept as a spare, or freed |
//! | wait | the first place goes from `EMPTY` to `AWAITED` |
//! | close | `CLOSED`: the position does not move any more, but for what is written above |
//!
//! So the receiver waits for exactly one place, and the one sender that fills it wakes it. Other
//! senders touch nothing of the receiver's. A sender that was stopped before it wrote hides the
//! values behind its own; it loses nothing, and the receiver does not spin.
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | push: load of the position, the exchange when it fails | Acquire | the move to the next lap | the tail's block is not older than the position |
//! | push: load of the tail's block | Acquire | its store | the block is whole; a newer block means that the exchange fails |
//! | push: exchange of the position | Relaxed | – | the two loads have ordered all it needs; the mark publishes the value |
//! | push: store of the tail's block | Release | its load | as above |
//! | push: move to the next lap | Release | load of the position | as above |
//! | push: swap to `READY` | Release | pop | the receiver gets the value, and `next`, whole |
//! | pop: load of the mark | Acquire | push | as above |
//! | wait: exchange to `AWAITED` | Relaxed | – | pop looks again; the receiver's cell orders the rest, see below |
//! | pop: `EMPTY` again | Relaxed | – | the spare's Release publishes it |
//! | spare: exchange from null, and swap | Release, Acquire | each other | whoever takes it finds it empty |
//! | close: set; `is_drained`: load | Relaxed | – | positions alone are compared; the handshake with the receiver is its cell's |
//!
//! That the tail's block is stored by Release and loaded by Acquire, no model can show: the load of
//! the position has ordered what is in the block. It forbids that a sender takes a place by an
//! exchange whose effect led to the very block it loaded before (loom makes no such loops).
//!
//! The receiver registers in its cell before it marks a place, and the sender wakes the cell after
//! it saw the mark. Could the wake still come first in the cell? Then the registration would have
//! acquired it (`WaiterCell`), hence the swap before it, and the mark, coming after the swap, could
//! not have been seen by it.
//!
//! # A block is never touched after it was freed
//!
//! A sender touches a block only between its successful exchange and its marking `READY` a place in
//! it. The exchange succeeds only while the position is what was loaded before the block was; a
//! block that was loaded too late belongs to a later lap, and the exchange, being ordered after the
//! store of that block, fails; one that was loaded early is current, since the position was
//! acquired first. The receiver frees a block after all its places were `READY`: every sender that
//! may touch it has marked its place as its last deed, and `next` was set before the last mark.
//! (The position has 63 bits; where `usize` has 32, a sender would have to be stopped for 2^31
//! pushes exactly.)

#[cfg(all(test, tokio_loom))]
mod model;

use super::block::{Block, AWAITED, CAPACITY, EMPTY, LAP, READY};
use crate::sync::{AtomicPtr, AtomicUsize, Backoff, UnsafeCell};
use crossbeam_utils::CachePadded;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// The receiver is the one thread that may call the functions marked unsafe.
pub(super) struct Queue<T> {
    tail: CachePadded<Tail<T>>,
    head: CachePadded<UnsafeCell<Head<T>>>,
    /// Blocks that were emptied, for the senders.
    spares: [AtomicPtr<Block<T>>; SPARES],
}

struct Tail<T> {
    position: AtomicUsize,
    block: AtomicPtr<Block<T>>,
}

struct Head<T> {
    position: usize,
    block: *mut Block<T>,
}

/// What a push found.
#[derive(Debug, PartialEq)]
#[must_use]
pub(super) enum Receiver {
    /// The receiver waits for this very value: wake it.
    Waits,
    /// It does not.
    Busy,
}

const CLOSED: usize = 1;
const ONE: usize = 2;
const SPARES: usize = if cfg!(tokio_loom) { 1 } else { 4 };

// SAFETY: each value is touched by one thread at a time (the table in the module's docs), and
// goes from a sender's to the receiver's: it is `Send`. The head is the receiver's alone, which
// is what the unsafe functions ask for.
unsafe impl<T: Send> Sync for Queue<T> {}
// SAFETY: it owns the values and the blocks.
unsafe impl<T: Send> Send for Queue<T> {}

impl<T> std::panic::UnwindSafe for Queue<T> {}
impl<T> std::panic::RefUnwindSafe for Queue<T> {}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        let block = Box::into_raw(Block::new());
        Queue {
            tail: CachePadded::new(Tail {
                position: AtomicUsize::new(0),
                block: AtomicPtr::new(block),
            }),
            head: CachePadded::new(UnsafeCell::new(Head { position: 0, block })),
            spares: std::array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
        }
    }

    /// Appends a value, or gives it back if the queue is closed.
    pub(super) fn push(&self, value: T) -> Result<Receiver, T> {
        let tail = &*self.tail;
        let mut fresh = None;
        let backoff = Backoff::new();
        let mut position = tail.position.load(Acquire);
        loop {
            if position & CLOSED != 0 {
                self.keep(fresh);
                return Err(value);
            }
            let place = position / ONE % LAP;
            if place == CAPACITY {
                backoff.snooze();
                position = tail.position.load(Acquire);
                continue;
            }
            let block = tail.block.load(Acquire);
            let is_last = place + 1 == CAPACITY;
            if is_last && fresh.is_none() {
                fresh = Some(self.spare());
            }
            if let Err(now) = tail.position.compare_exchange_weak(
                position,
                position.wrapping_add(ONE),
                Relaxed,
                Acquire,
            ) {
                position = now;
                continue;
            }
            // SAFETY: the exchange gave this thread the place, so that the block is not freed
            // before the place is marked.
            let block = unsafe { &*block };
            if is_last {
                let next = Box::into_raw(fresh.take().expect("made above"));
                block.next.with_mut(|link| {
                    // SAFETY: whoever has the last place is the only one to touch `next`.
                    unsafe { *link = next };
                });
                tail.block.store(next, Release);
                // Not a store: `CLOSED` may have been set meanwhile.
                tail.position.fetch_add(ONE, Release);
            }
            self.keep(fresh);
            block.values[place].with_mut(|room| {
                // SAFETY: the place is this thread's, and nothing is in it.
                unsafe { *room = MaybeUninit::new(value) };
            });
            return match block.marks[place].swap(READY, Release) {
                AWAITED => Ok(Receiver::Waits),
                _ => Ok(Receiver::Busy),
            };
        }
    }

    /// The first value, if it is ready.
    ///
    /// # Safety
    ///
    /// Only for the receiver.
    #[inline]
    pub(super) unsafe fn pop(&self) -> Option<T> {
        self.head.with_mut(|head| {
            // SAFETY: the head is the receiver's, who calls this.
            let head = unsafe { &mut *head };
            let place = head.position % LAP;
            // SAFETY: the head's block is freed by this function alone, below.
            let block = unsafe { &*head.block };
            if block.marks[place].load(Acquire) != READY {
                return None;
            }
            let value = block.values[place].with(|value| {
                // SAFETY: the place is `READY`: the value is here, and the receiver's.
                unsafe { (*value).assume_init_read() }
            });
            block.marks[place].store(EMPTY, Relaxed);
            head.position = head.position.wrapping_add(1);
            if place + 1 == CAPACITY {
                let emptied = head.block;
                head.position = head.position.wrapping_add(1);
                // SAFETY: `next` was set before the last place was marked.
                head.block = block.next.with(|next| unsafe { *next });
                // SAFETY: made by `Box`; no sender touches it any more, nor does the head.
                self.keep(Some(unsafe { Box::from_raw(emptied) }));
            }
            Some(value)
        })
    }

    /// Asks the sender that fills the first place to wake the receiver. False if it has filled it
    /// already: pop again.
    ///
    /// # Safety
    ///
    /// Only for the receiver.
    pub(super) unsafe fn wait(&self) -> bool {
        self.head.with(|head| {
            // SAFETY: the head is the receiver's, who calls this.
            let head = unsafe { &*head };
            // SAFETY: the head's block is freed by `pop` alone.
            let block = unsafe { &*head.block };
            let mark = &block.marks[head.position % LAP];
            match mark.compare_exchange(EMPTY, AWAITED, Relaxed, Relaxed) {
                Ok(_) => true,
                Err(seen) => seen == AWAITED,
            }
        })
    }

    /// Whether it is closed, and every value that was pushed has been popped.
    ///
    /// # Safety
    ///
    /// Only for the receiver.
    pub(super) unsafe fn is_drained(&self) -> bool {
        let position = self.tail.position.load(Relaxed);
        // SAFETY: the head is the receiver's, who calls this.
        let head = self.head.with(|head| unsafe { (*head).position });
        position == head.wrapping_mul(ONE) | CLOSED
    }

    /// Takes no value any more. Those that are here, and those that are being written, can still
    /// be popped.
    pub(super) fn close(&self) {
        self.tail.position.fetch_or(CLOSED, Relaxed);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.tail.position.load(Relaxed) & CLOSED != 0
    }

    fn spare(&self) -> Box<Block<T>> {
        for spare in &self.spares {
            if !spare.load(Relaxed).is_null() {
                let block = spare.swap(ptr::null_mut(), Acquire);
                if !block.is_null() {
                    // SAFETY: made by `Box`, and whoever swaps it out owns it.
                    return unsafe { Box::from_raw(block) };
                }
            }
        }
        Block::new()
    }

    /// Keeps an empty block for a sender, or frees it.
    #[inline]
    fn keep(&self, block: Option<Box<Block<T>>>) {
        if let Some(block) = block {
            self.keep_or_free(block);
        }
    }

    fn keep_or_free(&self, block: Box<Block<T>>) {
        let block = Box::into_raw(block);
        for spare in &self.spares {
            if spare.load(Relaxed).is_null()
                && spare.compare_exchange(ptr::null_mut(), block, Release, Relaxed).is_ok()
            {
                return;
            }
        }
        // SAFETY: made by `Box`, and nobody was given it.
        drop(unsafe { Box::from_raw(block) });
    }
}

impl<T> Drop for Queue<T> {
    fn drop(&mut self) {
        // SAFETY: nobody else is left.
        while let Some(value) = unsafe { self.pop() } {
            drop(value);
        }
        self.head.with_mut(|head| {
            // SAFETY: made by `Box`, and empty by now.
            drop(unsafe { Box::from_raw((*head).block) });
        });
        for spare in &self.spares {
            let block = spare.swap(ptr::null_mut(), Acquire);
            if !block.is_null() {
                // SAFETY: made by `Box`, and taken out.
                drop(unsafe { Box::from_raw(block) });
            }
        }
    }
}
