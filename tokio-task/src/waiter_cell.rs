//! Room for one parked task, in which the task stays between wakes.
//!
//! # The word
//!
//! ```text
//!     3          2          1            0
//! ┌──────────┬────────┬─────────────┬─────────┐
//! │ CLEARING │ WAKING │ REGISTERING │  ARMED  │
//! └──────────┴────────┴─────────────┴─────────┘
//! ```
//!
//! | bits | meaning | who may touch the waiter |
//! |---|---|---|
//! | 0 | empty, or a waiter that was woken and stays for the next time | nobody |
//! | `ARMED` | the waiter wants the next wake | nobody |
//! | `REGISTERING` | the waiter is being stored | the registering thread |
//! | `WAKING` | the waiter is being woken | the first thread that set it |
//! | `CLEARING` | the waiter is being dropped | the first thread that set it |
//! | `REGISTERING` with `WAKING` or `CLEARING` | a wake (a clear) came meanwhile; the registering thread does it | the registering thread |
//! | `WAKING` with `CLEARING` | a clear came meanwhile; the waking thread does it | the waking thread |
//!
//! # Transitions
//!
//! | from | `register`, `put` | `wake`, `take` | `clear` |
//! |---|---|---|---|
//! | free, `ARMED` or not | `REGISTERING`, store, then `ARMED` | `WAKING`, wake (hand out) if armed, then 0 | `CLEARING`, drop, then 0 |
//! | busy | the newcomer is woken at once and asks again | sets `WAKING`; the holder sees to it | sets `CLEARING`; the holder sees to it |
//!
//! Nobody ever waits for a holder, so the foreign code that a holder runs (cloning, waking and
//! dropping a waiter) may come back here.
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `register`: exchange to `REGISTERING` | Acquire | the release of the last holder | the waiter is whole; what led to an earlier wake is seen by the caller's next look |
//! | `register`: load, and the exchange when it fails | Relaxed | – | a hint: who finds the cell busy is woken and asks again |
//! | `register`: exchange to `ARMED` | Release | `wake`, `clear` | who wakes gets the waiter whole |
//! | `register`: the same when it fails | Relaxed | – | the waiter is the caller's own, and is woken |
//! | `wake`, `take`: set bit | AcqRel | `register` | the waiter is whole; who registers after this sees what led to the wake |
//! | `clear`: set bit | Relaxed | – | it publishes nothing; the load in `release` acquires |
//! | `release`: load | Acquire | the release of the last holder | who clears gets the waiter whole |
//! | `release`: exchange to 0 | Release, Relaxed when it fails | the next holder | the next holder gets the waiter whole |
//!
//! # No wake is lost
//!
//! A user of the cell changes its condition, then calls `wake`; a task calls `register`, then
//! looks at the condition again. Both start with a read-modify-write of the one word, so one
//! comes first. If `register` is first, `wake` finds it armed or busy, and either wakes the
//! waiter or leaves that to the registering thread. If `wake` is first, `register` acquires what
//! it released, and the second look sees the condition; if `wake` still holds the word, the
//! caller is woken at once and looks again. `model.rs` checks this.

use crate::sync::{AtomicUsize, UnsafeCell};
use crate::{Caller, Waiter};
use std::fmt;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

#[cfg(all(test, tokio_loom))]
mod model;

/// Holds one parked task of either generation.
///
/// The waiter stays in place when it is woken, so that a task which waits again and again is
/// stored once. Registering allocates nothing. No method blocks.
///
/// ```
/// use std::task::Waker;
/// use tokio_task::{Caller, WaiterCell};
///
/// let cell = WaiterCell::new();
/// cell.register(Caller::Std(Waker::noop())); // then look at the condition again
/// cell.wake();
/// ```
pub struct WaiterCell {
    state: AtomicUsize,
    waiter: UnsafeCell<Option<Waiter>>,
}

// SAFETY: `waiter` is touched only by the one thread that the state word names (the table in the
// module's docs); a `Waiter` is `Send`.
unsafe impl Sync for WaiterCell {}
// SAFETY: as above; owning the cell is owning the waiter.
unsafe impl Send for WaiterCell {}

impl std::panic::UnwindSafe for WaiterCell {}
impl std::panic::RefUnwindSafe for WaiterCell {}

const ARMED: usize = 0b0001;
const REGISTERING: usize = 0b0010;
const WAKING: usize = 0b0100;
const CLEARING: usize = 0b1000;
const BUSY: usize = REGISTERING | WAKING | CLEARING;

impl WaiterCell {
    /// An empty cell.
    #[cfg(not(tokio_loom))]
    pub const fn new() -> Self {
        WaiterCell { state: AtomicUsize::new(0), waiter: UnsafeCell::new(None) }
    }

    /// An empty cell.
    #[cfg(tokio_loom)]
    pub fn new() -> Self {
        WaiterCell { state: AtomicUsize::new(0), waiter: UnsafeCell::new(None) }
    }

    /// Makes `caller` the one to wake. Look at the condition once more after this.
    ///
    /// A different task that was still waiting here is returned, so that two tasks which share a
    /// resource do not evict each other: wake it, or keep it where the next wake finds it and
    /// then look at the condition.
    ///
    /// If another thread is busy with this cell, `caller` is woken at once instead, and will come
    /// back.
    ///
    /// # Panics
    ///
    /// For `Caller::Futures01` outside a futures 0.1 task; the cell stays as it was.
    #[inline]
    pub fn register(&self, caller: Caller<'_>) -> Option<Waiter> {
        self.store(caller)
    }

    /// [`register`](Self::register) for a task that is not the one being polled now.
    pub fn put(&self, waiter: Waiter) -> Option<Waiter> {
        self.store(waiter)
    }

    fn store<N: Newcomer>(&self, newcomer: N) -> Option<Waiter> {
        let mut seen = self.state.load(Relaxed);
        loop {
            if seen & BUSY != 0 {
                newcomer.wake();
                return None;
            }
            match self.state.compare_exchange_weak(seen, REGISTERING, Acquire, Relaxed) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        // Released when dropped, also by a panic in the clone below.
        let mut hold = Registering { cell: self, then: seen & ARMED };
        let replaced = self.waiter.with_mut(|waiter| {
            // SAFETY: the exchange made this thread the holder.
            let waiter = unsafe { &mut *waiter };
            match waiter {
                Some(known) if newcomer.is(known) => None,
                _ => waiter.replace(newcomer.into_waiter()),
            }
        });
        let mut displaced = Displaced { waiter: replaced, armed: seen & ARMED != 0 };
        hold.then = ARMED;
        drop(hold);
        // One that was woken before is needed by nobody. It is dropped here, where this thread
        // holds nothing.
        displaced.waiter.take().filter(|_| displaced.armed)
    }

    /// Wakes the task that registered since the last wake, if any.
    pub fn wake(&self) {
        let seen = self.state.fetch_or(WAKING, AcqRel);
        if seen & BUSY != 0 {
            return;
        }
        // Released when dropped, also by a panic in the foreign waker.
        let _hold = Holding(self);
        if seen & ARMED != 0 {
            self.wake_held();
        }
    }

    /// Takes the task that registered since the last wake, for the caller to wake.
    ///
    /// `None` if there is none, and also if another thread is busy with this cell: that thread
    /// then wakes the task.
    pub fn take(&self) -> Option<Waiter> {
        let seen = self.state.fetch_or(WAKING, AcqRel);
        if seen & BUSY != 0 {
            return None;
        }
        let _hold = Holding(self);
        if seen & ARMED == 0 {
            return None;
        }
        self.waiter.with_mut(|waiter| {
            // SAFETY: nobody was busy, so this thread is the holder.
            unsafe { &mut *waiter }.take()
        })
    }

    /// Empties the cell without waking anyone.
    pub fn clear(&self) {
        if self.state.fetch_or(CLEARING, Relaxed) & BUSY == 0 {
            self.release();
        }
    }

    /// Wakes the waiter. Only for the holder.
    fn wake_held(&self) {
        self.waiter.with(|waiter| {
            // SAFETY: only the holder calls this.
            if let Some(waiter) = unsafe { &*waiter } {
                waiter.wake_by_ref();
            }
        });
    }

    /// Gives up the cell after a wake or a clear, with nobody armed.
    fn release(&self) {
        let mut seen = self.state.load(Acquire);
        let mut dropped = None;
        loop {
            if seen & CLEARING != 0 && dropped.is_none() {
                self.waiter.with_mut(|waiter| {
                    // SAFETY: only the holder calls this.
                    dropped = unsafe { &mut *waiter }.take();
                });
            }
            match self.state.compare_exchange_weak(seen, 0, Release, Relaxed) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        // Foreign code, and this thread holds nothing any more.
        drop(dropped);
    }
}

/// A task that is to be stored in a cell.
trait Newcomer {
    fn wake(self);
    /// Whether it is the one that is known already.
    fn is(&self, known: &Waiter) -> bool;
    fn into_waiter(self) -> Waiter;
}

impl Newcomer for Caller<'_> {
    fn wake(self) {
        Caller::wake(self);
    }

    fn is(&self, known: &Waiter) -> bool {
        known.will_wake(*self)
    }

    fn into_waiter(self) -> Waiter {
        self.into()
    }
}

impl Newcomer for Waiter {
    fn wake(self) {
        Waiter::wake(self);
    }

    /// Two owned waiters are not compared: it is stored, and the other one dropped.
    fn is(&self, _known: &Waiter) -> bool {
        false
    }

    fn into_waiter(self) -> Waiter {
        self
    }
}

/// This thread stores a waiter; dropping this gives the cell up.
struct Registering<'a> {
    cell: &'a WaiterCell,
    /// `ARMED` or 0.
    then: usize,
}

impl Drop for Registering<'_> {
    fn drop(&mut self) {
        let state = &self.cell.state;
        let Err(seen) = state.compare_exchange(REGISTERING, self.then, Release, Relaxed) else {
            return;
        };
        let _hold = Holding(self.cell);
        if seen & WAKING != 0 && self.then == ARMED {
            self.cell.wake_held();
        }
    }
}

/// Another task's waiter on its way to the caller; woken if the caller's own waker panics first.
struct Displaced {
    waiter: Option<Waiter>,
    armed: bool,
}

impl Drop for Displaced {
    fn drop(&mut self) {
        if let Some(waiter) = self.waiter.take().filter(|_| self.armed) {
            waiter.wake();
        }
    }
}

/// This thread holds the cell; dropping this gives it up.
struct Holding<'a>(&'a WaiterCell);

impl Drop for Holding<'_> {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Default for WaiterCell {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WaiterCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaiterCell").finish_non_exhaustive()
    }
}
