//! A waker that a test can wait for.

use crate::LIMIT;
use futures::executor::Notify;
use std::sync::{Arc, Condvar, Mutex};
use std::task::Wake;
use std::time::Instant;

/// A task's waker, of either generation, that a test can wait for.
#[derive(Debug, Default)]
pub struct Bell {
    rang: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    /// One that has not rung.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn ring(&self) {
        *self.rang.lock().unwrap() = true;
        self.changed.notify_all();
    }

    /// Waits until it has rung, and silences it. False if it had not by `deadline`.
    pub fn wait_until(&self, deadline: Instant) -> bool {
        let mut rang = self.rang.lock().unwrap();
        while !*rang {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            rang = self.changed.wait_timeout(rang, left).unwrap().0;
        }
        *rang = false;
        true
    }

    /// Waits until it has rung, and silences it.
    ///
    /// # Panics
    ///
    /// If it does not ring.
    pub fn wait(&self) {
        assert!(self.wait_until(Instant::now() + LIMIT), "the task was not woken");
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }
}

impl Notify for Bell {
    fn notify(&self, _: usize) {
        self.ring();
    }
}
