//! Locks: std's, or loom's when the models run.

#[cfg(tokio_loom)]
pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
#[cfg(not(tokio_loom))]
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};

/// Locks, whether or not a thread panicked while it held the lock: what is behind the locks of this
/// crate is valid between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
