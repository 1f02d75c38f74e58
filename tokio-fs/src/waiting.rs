//! A value, and the tasks of either generation that wait for it to change.
//!
//! # No wake is lost
//!
//! A task that has to wait looks, stores its waiter and looks again, the last two under one lock;
//! a change and the removal of all waiters are under one lock too. So one of the two comes first:
//! either the task's second look sees the change, or the change finds the waiter. `model.rs` checks
//! this.
//!
//! Cloning, dropping and waking a waiter run foreign code, so they happen outside the lock.

use crate::sync::{lock, Mutex};
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};
use tokio_task::{Caller, Waiter};

#[cfg(all(test, tokio_loom))]
mod model;

/// How many tasks wait before all of them are woken to make room: those that gave up waiting leave
/// their waiter behind.
const MOST_WAITERS: usize = if cfg!(tokio_loom) { 1 } else { 8 };

pub(crate) struct Waiting<S> {
    shared: Mutex<Shared<S>>,
}

struct Shared<S> {
    state: S,
    waiters: Vec<Waiter>,
}

impl<S> Waiting<S> {
    pub(crate) fn new(state: S) -> Self {
        Waiting { shared: Mutex::new(Shared { state, waiters: Vec::new() }) }
    }

    /// What `look` says; if that is `Pending`, `caller` is woken by the next change. `look` may be
    /// called twice, and runs under the lock.
    pub(crate) fn poll<T>(
        &self,
        caller: Caller<'_>,
        mut look: impl FnMut(&mut S) -> Poll<T>,
    ) -> Poll<T> {
        {
            let mut shared = lock(&self.shared);
            let looked = look(&mut shared.state);
            if looked.is_ready() || shared.waiters.iter().any(|known| known.will_wake(caller)) {
                return looked;
            }
        }
        let waiter = Waiter::from(caller);
        let mut shared = lock(&self.shared);
        let looked = look(&mut shared.state);
        if looked.is_ready() {
            drop(shared);
            return looked;
        }
        let full = shared.waiters.len() == MOST_WAITERS;
        let displaced = if full { mem::take(&mut shared.waiters) } else { Vec::new() };
        shared.waiters.push(waiter);
        drop(shared);
        wake_all(displaced);
        Poll::Pending
    }

    /// Changes the value under the lock, and wakes whoever waits.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let mut shared = lock(&self.shared);
        let value = change(&mut shared.state);
        let waiters = mem::take(&mut shared.waiters);
        drop(shared);
        wake_all(waiters);
        value
    }

    /// Changes the value in a way that nobody waits for.
    pub(crate) fn change_quietly<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        change(&mut lock(&self.shared).state)
    }
}

/// A waker that panics, which the panic hook has reported, costs nobody else the wake.
fn wake_all(waiters: Vec<Waiter>) {
    for waiter in waiters {
        let _ = catch_unwind(AssertUnwindSafe(|| waiter.wake()));
    }
}

/// Polls until ready, and blocks this thread meanwhile.
pub(crate) fn wait<T>(mut poll: impl FnMut(Caller<'_>) -> Poll<T>) -> T {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        if let Poll::Ready(value) = poll(Caller::Std(&waker)) {
            return value;
        }
        thread::park();
    }
}
