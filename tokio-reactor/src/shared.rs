//! What a reactor shares with its handles and its sources.

use crate::deadlines::Deadlines;
use crate::doorbell::Doorbell;
use crate::slots::{Key, Slots, WAKE};
use log::error;
use mio::{Poll, Registry, Waker};
use std::cell::Cell;
use std::io;
use std::ptr;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Release},
};
use tokio_task::panics::Panics;

/// Sources own it, handles do not. It outlives the reactor while there are sources, closed.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) registry: Registry,
    pub(crate) slots: Slots,
    pub(crate) deadlines: Deadlines,
    pub(crate) bell: Doorbell,
    waker: Waker,
    idle_wanted: AtomicBool,
}

impl Shared {
    pub(crate) fn new(poll: &Poll) -> io::Result<Self> {
        Ok(Shared {
            registry: poll.registry().try_clone()?,
            slots: Slots::new(),
            deadlines: Deadlines::default(),
            bell: Doorbell::new(),
            waker: Waker::new(poll.registry(), WAKE)?,
            idle_wanted: AtomicBool::new(false),
        })
    }

    /// Makes the turn that waits, or else the next one, return soon.
    pub(crate) fn unpark(&self) {
        // This very thread hands out the events of a turn, which returns after that.
        if HANDING_OUT.with(Cell::get) == ptr::from_ref(self) {
            return;
        }
        if self.bell.ring() {
            if let Err(e) = self.waker.wake() {
                error!("cannot wake the reactor: {e}");
            }
        }
    }

    /// Frees the slot of `key`.
    pub(crate) fn free(&self, key: Key) {
        let mut panics = Panics::none();
        self.slots.vacate(key, &mut panics);
        // Whoever wants to know looks after this, or has said so before this.
        if self.idle_wanted.load(Acquire) && self.slots.is_empty() {
            self.unpark();
        }
        panics.resume();
    }

    /// From now on the reactor is unparked when its last source goes, and once now.
    ///
    /// Who frees the last slot and does not see this flag has done so before the reactor looks
    /// whether it is idle: the lock of the slots puts the two into order.
    pub(crate) fn want_idle(&self) {
        self.idle_wanted.store(true, Release);
        self.unpark();
    }

    /// Runs `f`, which hands out the events of one turn.
    pub(crate) fn hand_out<R>(&self, f: impl FnOnce() -> R) -> R {
        struct Restore(*const Shared);
        impl Drop for Restore {
            fn drop(&mut self) {
                HANDING_OUT.with(|here| here.set(self.0));
            }
        }
        let _restore = Restore(HANDING_OUT.with(|here| here.replace(self)));
        f()
    }
}

thread_local! {
    /// The reactor whose events this thread hands out; compared, never followed. Needs no
    /// destructor, so it can be used while the thread ends.
    static HANDING_OUT: Cell<*const Shared> = const { Cell::new(ptr::null()) };
}
