//! What the two halves share: room for the value, and the word that says whose it is.
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
//! | bits | meaning | who may touch the value |
//! |---|---|---|
//! | no `DONE` | the sender has not decided | the sender |
//! | `DONE` | it has sent the value, or was dropped and there is none | the receiver |
//! | `CLOSED` | the receiver wants no value that has not been sent | as above |
//! | `RX_WAITING` | the receiver's cell may hold a task | – |
//! | `TX_WAITING` | the sender's cell may hold a task | – |
//!
//! No bit is ever cleared. The cells (`WaiterCell`) look after their waiters by themselves; the
//! waiting bits only spare a channel that nobody waits for from touching them.
//!
//! # Transitions
//!
//! | event | word | then |
//! |---|---|---|
//! | send | the value is written, then `DONE`, unless `CLOSED` | the receiver is woken if it waits |
//! | the sender is dropped | `DONE` | as above |
//! | the receiver waits | registers, then `RX_WAITING` | takes the value if `DONE` came first |
//! | close | `CLOSED` | the sender is woken if it waits |
//! | the sender waits for that | registers, then `TX_WAITING` | ready if `CLOSED` came first |
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `send`, `end`: set `DONE` | Release | `look`, `wait_rx` | the receiver gets the value whole, or sees what led to the end |
//! | `end`, `close`, `forget_*`: load | Relaxed | – | its own bit, or a hint: the exchange decides |
//! | `send`: load, and the exchange when it fails | Acquire | `close` | who is refused sees what led to that |
//! | `look`: load | Acquire | set `DONE`, set `CLOSED` | the value is whole; what led to the closing is seen |
//! | `wait_rx`: set `RX_WAITING` | Acquire | set `DONE` | as above |
//! | `close`: set `CLOSED` | Release | `send`, `is_closed`, `wait_tx` | the sender sees what led to that |
//! | `is_closed`: load; `wait_tx`: set `TX_WAITING` | Acquire | `close` | as above |
//!
//! Who waits registers in its cell before it sets its bit; who wakes does so after it saw the bit.
//! The wake cannot come first in the cell: the registration would have acquired it (`WaiterCell`),
//! hence the exchange before it, which then could not have seen the bit.
//!
//! # The value is never touched by both
//!
//! The sender touches it only before the one exchange that sets `DONE`, which fails if there is
//! `CLOSED`, and then `DONE` is set only after the sender took the value back. The receiver
//! touches it only after it has seen `DONE`. Whoever is last drops what is left with the memory.

#[cfg(all(test, loom))]
mod model;

use crate::sync::{AtomicUsize, UnsafeCell};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use tokio_task::{Caller, WaiterCell};

pub(super) struct Slot<T> {
    state: AtomicUsize,
    value: UnsafeCell<Option<T>>,
    rx: WaiterCell,
    tx: WaiterCell,
}

// SAFETY: the value is touched by one half at a time, as the module's docs say, and passes from
// the one to the other: it is `Send`. The rest is `Sync` by itself.
#[allow(unsafe_code)]
unsafe impl<T: Send> Sync for Slot<T> {}
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
            rx: WaiterCell::new(),
            tx: WaiterCell::new(),
        }
    }

    /// Passes the value to the receiver, or gives it back if the receiver wants none.
    ///
    /// # Safety
    ///
    /// Only for the sender, once, and not after [`end`](Self::end).
    #[allow(unsafe_code)]
    pub(super) unsafe fn send(&self, value: T) -> Result<(), T> {
        let mut seen = self.state.load(Acquire);
        if seen & CLOSED != 0 {
            return Err(value);
        }
        self.value.with_mut(|place| {
            // SAFETY: there is no `DONE` yet, so it is the sender's, who calls this.
            unsafe { *place = Some(value) };
        });
        while seen & CLOSED == 0 {
            match self.state.compare_exchange_weak(seen, seen | DONE, Release, Acquire) {
                Ok(_) => {
                    if seen & RX_WAITING != 0 {
                        self.rx.wake();
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
            let seen = self.state.fetch_or(DONE, Release);
            if seen & RX_WAITING != 0 {
                self.rx.wake();
            }
        }
    }

    pub(super) fn look(&self) -> Look {
        Look::at(self.state.load(Acquire))
    }

    /// Registers the receiver's task, and looks once more.
    pub(super) fn wait_rx(&self, caller: Caller<'_>) -> Look {
        drop(self.rx.register(caller));
        Look::at(self.state.fetch_or(RX_WAITING, Acquire))
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
            let seen = self.state.fetch_or(CLOSED, Release);
            if seen & TX_WAITING != 0 {
                self.tx.wake();
            }
        }
    }

    /// Lets go of the receiver's task.
    pub(super) fn forget_rx(&self) {
        if self.state.load(Relaxed) & RX_WAITING != 0 {
            self.rx.clear();
        }
    }

    /// Lets go of the sender's task.
    pub(super) fn forget_tx(&self) {
        if self.state.load(Relaxed) & TX_WAITING != 0 {
            self.tx.clear();
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.state.load(Acquire) & CLOSED != 0
    }

    /// Registers the sender's task, and looks once more whether it is closed.
    pub(super) fn wait_tx(&self, caller: Caller<'_>) -> bool {
        drop(self.tx.register(caller));
        self.state.fetch_or(TX_WAITING, Acquire) & CLOSED != 0
    }
}
