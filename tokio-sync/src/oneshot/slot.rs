//! What the two halves share: room for the value and for a waiter of each, and the word that says
//! whose they are.
//!
//! # The word
//!
//! ```text
//!       3            2          1        0
//! ┌────────────┬────────────┬────────┬────────┐
//! │ TX_WAITING │ RX_WAITING │ CLOSED │  DONE  │
//! └────────────┴────────────┴────────┴────────┘
//! ```
//!
//! | bits | meaning | who may touch what |
//! |---|---|---|
//! | no `DONE` | the sender has not decided | the sender: the value |
//! | `DONE` | it has sent the value, or was dropped and there is none | the receiver: the value |
//! | `CLOSED` | the receiver wants no value that has not been sent | – |
//! | no `RX_WAITING` | the receiver does not wait | the receiver: its waiter |
//! | `RX_WAITING` | its waiter is in place | the receiver may look at it |
//! | `RX_WAITING` when `DONE` was set | it is to be woken | both may look at it, until the memory goes |
//! | `TX_WAITING`, likewise with `CLOSED` | the sender waits for that | likewise |
//!
//! # Transitions
//!
//! | event | word | then |
//! |---|---|---|
//! | send | the value is written, then `DONE`, unless `CLOSED` | the receiver is woken if it waits |
//! | the sender is dropped | `DONE` | as above |
//! | the receiver waits | its waiter is stored, then `RX_WAITING` | takes the value if `DONE` came first |
//! | the receiver waits in another task, or goes away | without `RX_WAITING` | if `DONE` came first bit and waiter stay where they are, else the waiter is the receiver's again |
//! | close | `CLOSED` | the sender is woken if it waits |
//! | the sender waits for that, waits elsewhere, goes away | likewise with `TX_WAITING` | likewise with `CLOSED` |
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | set `DONE`, set `CLOSED` | AcqRel | `look`, `wait`; `wait` | the other side gets the value whole, and sees what led to the end; the waiter is found whole |
//! | `send`: load, and the exchange when it fails | Relaxed | – | who is refused drops the sender, and `end` acquires |
//! | `look`, `is_closed`: load | Acquire | set `DONE`, set `CLOSED` | as in the first row |
//! | `wait`: set `*_WAITING` | AcqRel | set `DONE`, set `CLOSED` | both ways of the first row |
//! | `take_back`: load | Acquire | set `DONE`, set `CLOSED` | the value is whole |
//! | `take_back`: exchange that clears `*_WAITING` | Relaxed | – | nobody else has touched the waiter; if it fails, the load is next |
//! | `end`, `close`, `forget`: load | Relaxed | – | its own bit, or a hint: the exchange decides |
//!
//! # Nothing is touched by both
//!
//! The value: the sender touches it only before the one exchange that sets `DONE`, which fails if
//! there is `CLOSED`, and then `DONE` is set only after the sender took the value back. The receiver
//! touches it only after it has seen `DONE`.
//!
//! A waiter: its owner writes it only while its bit is not set, and clears the bit only by an
//! exchange that succeeds only before the end. Then no later end finds the bit, and nobody else looks.
//! If the end came first the owner leaves bit and waiter alone. Whoever is last drops what is
//! left with the memory.

#[cfg(all(test, tokio_loom))]
mod model;

use crate::sync::{AtomicUsize, UnsafeCell};
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use tokio_task::{Caller, Waiter};

pub(super) struct Slot<T> {
    state: AtomicUsize,
    value: UnsafeCell<Option<T>>,
    /// Here while `RX_WAITING` is set.
    rx: UnsafeCell<MaybeUninit<Waiter>>,
    /// Here while `TX_WAITING` is set.
    tx: UnsafeCell<MaybeUninit<Waiter>>,
}

// SAFETY: the value is touched by one half at a time, as the module's docs say, and passes from
// the one to the other: it is `Send`. A waiter is `Send` and `Sync`, and written by one half while
// the other does not look.
#[allow(unsafe_code)]
unsafe impl<T: Send> Sync for Slot<T> {}
const _: fn() = || {
    fn both<T: Send + Sync>() {}
    both::<Waiter>();
};
// SAFETY: it owns the value.
#[allow(unsafe_code)]
unsafe impl<T: Send> Send for Slot<T> {}

impl<T> std::panic::UnwindSafe for Slot<T> {}
impl<T> std::panic::RefUnwindSafe for Slot<T> {}

const DONE: usize = 0b0001;
const CLOSED: usize = 0b0010;
const RX_WAITING: usize = 0b0100;
const TX_WAITING: usize = 0b1000;

/// What the receiver sees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Look {
    /// Nothing has come yet.
    Empty,
    /// The sender is done: the value is the receiver's, if there is one.
    Done,
    /// Nothing has come, and nothing will.
    Closed,
}

impl Look {
    fn at(state: usize) -> Look {
        match (state & DONE != 0, state & CLOSED != 0) {
            (true, _) => Look::Done,
            (false, true) => Look::Closed,
            (false, false) => Look::Empty,
        }
    }
}

impl<T> Slot<T> {
    pub(super) fn new() -> Self {
        Slot {
            state: AtomicUsize::new(0),
            value: UnsafeCell::new(None),
            rx: UnsafeCell::new(MaybeUninit::uninit()),
            tx: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Passes the value to the receiver, or gives it back if the receiver wants none.
    ///
    /// # Safety
    ///
    /// Only for the sender, once, and not after [`end`](Self::end).
    #[allow(unsafe_code)]
    pub(super) unsafe fn send(&self, value: T) -> Result<(), T> {
        let mut seen = self.state.load(Relaxed);
        if seen & CLOSED != 0 {
            return Err(value);
        }
        self.value.with_mut(|place| {
            // SAFETY: there is no `DONE` yet, so it is the sender's, who calls this.
            unsafe { *place = Some(value) };
        });
        while seen & CLOSED == 0 {
            match self.state.compare_exchange_weak(seen, seen | DONE, AcqRel, Relaxed) {
                Ok(_) => {
                    if seen & RX_WAITING != 0 {
                        wake(&self.rx);
                    }
                    return Ok(());
                }
                Err(now) => seen = now,
            }
        }
        self.value.with_mut(|place| {
            // SAFETY: as above: the exchange failed.
            let value = unsafe { (*place).take() };
            Err(value.expect("stored by this call"))
        })
    }

    /// The sender is dropped. After a `send` this does nothing.
    pub(super) fn end(&self) {
        if self.state.load(Relaxed) & DONE == 0 {
            let seen = self.state.fetch_or(DONE, AcqRel);
            if seen & RX_WAITING != 0 {
                wake(&self.rx);
            }
        }
    }

    pub(super) fn look(&self) -> Look {
        Look::at(self.state.load(Acquire))
    }

    /// Registers the receiver's task, and looks once more.
    ///
    /// # Safety
    ///
    /// Only for the receiver.
    #[allow(unsafe_code)]
    pub(super) unsafe fn wait_rx(&self, caller: Caller<'_>) -> Look {
        // SAFETY: the waiter is the receiver's, who calls this.
        Look::at(unsafe { self.wait(&self.rx, RX_WAITING, DONE, caller) })
    }

    /// Takes the value; `None` if the sender sent none.
    ///
    /// # Safety
    ///
    /// Only for the receiver, after it saw [`Look::Done`].
    #[allow(unsafe_code)]
    pub(super) unsafe fn take(&self) -> Option<T> {
        self.value.with_mut(|place| {
            // SAFETY: there is `DONE`, so it is the receiver's, who calls this.
            unsafe { (*place).take() }
        })
    }

    /// The receiver wants no value that has not been sent.
    pub(super) fn close(&self) {
        if self.state.load(Relaxed) & (CLOSED | DONE) == 0 {
            let seen = self.state.fetch_or(CLOSED, AcqRel);
            if seen & TX_WAITING != 0 {
                wake(&self.tx);
            }
        }
    }

    /// Lets go of the receiver's task.
    ///
    /// # Safety
    ///
    /// Only for the receiver.
    #[allow(unsafe_code)]
    pub(super) unsafe fn forget_rx(&self) {
        // SAFETY: the waiter is the receiver's, who calls this.
        unsafe { self.forget(&self.rx, RX_WAITING, DONE) }
    }

    /// Lets go of the sender's task.
    ///
    /// # Safety
    ///
    /// Only for the sender.
    #[allow(unsafe_code)]
    pub(super) unsafe fn forget_tx(&self) {
        // SAFETY: the waiter is the sender's, who calls this.
        unsafe { self.forget(&self.tx, TX_WAITING, CLOSED) }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.load(Acquire) & CLOSED != 0
    }

    /// Registers the sender's task, and looks once more whether it is closed.
    ///
    /// # Safety
    ///
    /// Only for the sender.
    #[allow(unsafe_code)]
    pub(super) unsafe fn wait_tx(&self, caller: Caller<'_>) -> bool {
        // SAFETY: the waiter is the sender's, who calls this.
        unsafe { self.wait(&self.tx, TX_WAITING, CLOSED, caller) & CLOSED != 0 }
    }

    /// Puts `caller` into its place, unless `end` has come. The state after that.
    ///
    /// # Safety
    ///
    /// Only for the owner of `waiter`, which `waiting` is the bit of.
    #[allow(unsafe_code)]
    unsafe fn wait(
        &self,
        waiter: &UnsafeCell<MaybeUninit<Waiter>>,
        waiting: usize,
        end: usize,
        caller: Caller<'_>,
    ) -> usize {
        let seen = self.state.load(Acquire);
        if seen & end != 0 {
            return seen;
        }
        let mut known = None;
        if seen & waiting != 0 {
            let same = waiter.with(|waiter| {
                // SAFETY: the bit is set, so it is here; the other side may look, and does not
                // write; and the owner is this thread.
                unsafe { (*waiter).assume_init_ref() }.will_wake(caller)
            });
            if same {
                return seen;
            }
        }
        // Foreign code, which may panic: before anything is changed.
        let newcomer = Waiter::from(caller);
        if seen & waiting != 0 {
            // SAFETY: only the owner calls this.
            match unsafe { self.take_back(waiter, waiting, end) } {
                Ok(waiter) => known = Some(waiter),
                Err(seen) => return seen,
            }
        }
        waiter.with_mut(|waiter| {
            // SAFETY: the bit is not set, so that only the owner touches it.
            unsafe { *waiter = MaybeUninit::new(newcomer) };
        });
        let seen = self.state.fetch_or(waiting, AcqRel);
        drop(known);
        seen
    }

    /// Takes the waiter out, and clears its bit; not if `end` has come, as the other side may be
    /// about to wake it.
    ///
    /// # Safety
    ///
    /// Only for the owner of `waiter`, which `waiting` is the bit of, and which is set.
    #[allow(unsafe_code)]
    unsafe fn take_back(
        &self,
        waiter: &UnsafeCell<MaybeUninit<Waiter>>,
        waiting: usize,
        end: usize,
    ) -> Result<Waiter, usize> {
        loop {
            let seen = self.state.load(Acquire);
            if seen & end != 0 {
                return Err(seen);
            }
            if self.state.compare_exchange_weak(seen, seen & !waiting, Relaxed, Relaxed).is_ok() {
                return Ok(waiter.with(|waiter| {
                    // SAFETY: it was here, and now that the bit is cleared only the owner touches
                    // it, and takes it for not being here.
                    unsafe { (*waiter).assume_init_read() }
                }));
            }
        }
    }

    /// Drops the waiter, unless it is about to be woken: then it goes with the memory.
    ///
    /// # Safety
    ///
    /// As for [`wait`](Self::wait).
    #[allow(unsafe_code)]
    unsafe fn forget(&self, waiter: &UnsafeCell<MaybeUninit<Waiter>>, waiting: usize, end: usize) {
        if self.state.load(Relaxed) & waiting != 0 {
            // SAFETY: only the owner calls this, and only it sets and clears the bit.
            drop(unsafe { self.take_back(waiter, waiting, end) });
        }
    }
}

impl<T> Drop for Slot<T> {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        let state = self.state.load(Relaxed);
        for (waiter, waiting) in [(&self.rx, RX_WAITING), (&self.tx, TX_WAITING)] {
            if state & waiting != 0 {
                waiter.with_mut(|waiter| {
                    // SAFETY: the bit is set, so it is here, and nobody else is left.
                    unsafe { (*waiter).assume_init_drop() };
                });
            }
        }
    }
}

/// Wakes whoever had its bit set when the end came.
#[allow(unsafe_code)]
fn wake(waiter: &UnsafeCell<MaybeUninit<Waiter>>) {
    waiter.with(|waiter| {
        // SAFETY: whoever sees the end and the bit may look from then on: it is here, and nobody
        // writes.
        unsafe { (*waiter).assume_init_ref() }.wake_by_ref();
    });
}
