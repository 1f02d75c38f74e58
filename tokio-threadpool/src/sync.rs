//! Atomics and locks: std's, or loom's when the models run. Everything lock-free imports from here.

#[cfg(loom)]
pub(crate) use loom::sync::{
    atomic::{fence, AtomicUsize},
    Condvar, Mutex, MutexGuard,
};

#[cfg(not(loom))]
pub(crate) use std::sync::{
    atomic::{fence, AtomicUsize},
    Condvar, Mutex, MutexGuard,
};

/// Locks, whether or not a thread panicked while it held the lock: the data behind the pool's
/// locks is valid between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
