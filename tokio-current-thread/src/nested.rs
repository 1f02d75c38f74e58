//! Running tasks inside of a poll by another executor: what a `LocalSet` is made of.
//!
//! The executor is not entered: it never waits, and the thread stays the other executor's, whose
//! tasks are woken and spawned as ever. Wakes from outside come through the door as always, whose
//! [`Unpark`](tokio_executor::park::Unpark) has to see to it that somebody calls
//! [`CurrentThread::poll_ready`] again.

use crate::current::NestedScope;
use crate::CurrentThread;
use tokio_executor::park::Park;

impl<P: Park> CurrentThread<P> {
    /// Calls `f` with this as the executor that [`spawn`](crate::spawn()) spawns on.
    ///
    /// A task that is woken meanwhile does not unpark: see [`CurrentThread::has_ready`].
    #[doc(hidden)]
    pub fn nest<R>(&self, f: impl FnOnce() -> R) -> R {
        let _scope = NestedScope::enter(&self.core);
        f()
    }

    /// Polls the tasks that are ready, oldest first, up to `limit` of them.
    ///
    /// Called by one of them it does nothing: the call that polls it goes on afterwards. Otherwise tasks
    /// that each do so would be polled one inside of the other, until the stack is full.
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for; those behind it stay ready.
    #[doc(hidden)]
    pub fn poll_ready(&self, limit: usize) {
        self.nest(|| self.core.run_nested(limit));
    }

    /// Whether a call of [`CurrentThread::poll_ready`] is on the stack.
    #[doc(hidden)]
    pub fn is_polling(&self) -> bool {
        self.core.is_running_nested()
    }

    /// Whether a task waits to be polled, apart from what other threads have left.
    #[doc(hidden)]
    pub fn has_ready(&self) -> bool {
        self.core.ready() > 0
    }

    /// What dropping does, with what runs around this as the thread's executor still. Later spawns are
    /// dropped.
    #[doc(hidden)]
    pub fn shut_down_nested(&mut self) {
        self.core.shut_down_nested();
    }
}
