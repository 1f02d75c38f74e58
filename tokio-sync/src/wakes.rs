//! Waking many tasks, of which one may panic.

use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use tokio_task::Waiter;

/// Tasks that are to be woken once no lock is held. The first one needs no allocation.
#[derive(Default)]
pub(crate) struct Wakes {
    first: Option<Waiter>,
    more: Vec<Waiter>,
}

impl Wakes {
    pub(crate) fn push(&mut self, waiter: Waiter) {
        match self.first {
            None => self.first = Some(waiter),
            Some(_) => self.more.push(waiter),
        }
    }

    /// Wakes them in their order.
    pub(crate) fn wake(self) {
        wake_all(self.first.into_iter().chain(self.more));
    }
}

/// Wakes each. If a waker panics the others are woken all the same, and then the panic goes on.
pub(crate) fn wake_all(waiters: impl Iterator<Item = Waiter>) {
    let mut panic = None;
    for waiter in waiters {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| waiter.wake())) {
            panic.get_or_insert(payload);
        }
    }
    if let Some(payload) = panic {
        resume_unwind(payload);
    }
}
