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

/// The value of an atomic that no other thread changes at the moment.
///
/// loom takes a load as the last access to the atomic, and then misses that the store after it
/// races with other threads' loads. So it gets none.
#[cfg(loom)]
#[allow(unsafe_code)]
pub(crate) fn load_exclusive(atomic: &AtomicUsize) -> usize {
    // SAFETY: loom checks that no other thread stores at the moment.
    unsafe { atomic.unsync_load() }
}

/// The value of an atomic that no other thread changes at the moment.
#[cfg(not(loom))]
#[inline]
pub(crate) fn load_exclusive(atomic: &AtomicUsize) -> usize {
    atomic.load(std::sync::atomic::Ordering::Relaxed)
}

/// Locks, whether or not a thread panicked while it held the lock: the data behind the pool's
/// locks is valid between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
