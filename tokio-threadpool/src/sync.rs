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

/// A place for one value that any thread may put or take, without a lock.
#[cfg(not(loom))]
pub(crate) struct Slot<T>(crossbeam_utils::atomic::AtomicCell<Option<T>>);

#[cfg(not(loom))]
impl<T> Slot<T> {
    pub(crate) fn new() -> Self {
        Slot(crossbeam_utils::atomic::AtomicCell::new(None))
    }

    /// Returns what was there.
    pub(crate) fn put(&self, value: T) -> Option<T> {
        self.0.swap(Some(value))
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.take()
    }
}

/// As above, by what loom knows.
#[cfg(loom)]
pub(crate) struct Slot<T>(Mutex<Option<T>>);

#[cfg(loom)]
impl<T> Slot<T> {
    pub(crate) fn new() -> Self {
        Slot(Mutex::new(None))
    }

    pub(crate) fn put(&self, value: T) -> Option<T> {
        lock(&self.0).replace(value)
    }

    pub(crate) fn take(&self) -> Option<T> {
        lock(&self.0).take()
    }
}
