//! Atomics, locks, threads and the clock: std's, or loom's or shuttle's when the models run.
//!
//! loom's models take single modules, shuttle's the whole pool (`schedules.rs`). So whatever threads
//! of the pool tell each other by is imported from here. Hints that no decision rests on, such as a
//! worker's tick, are std's in any case.

#[cfg(tokio_loom)]
pub(crate) use loom::sync::{
    atomic::{fence, AtomicBool, AtomicU32, AtomicUsize},
    Condvar, Mutex, MutexGuard,
};

#[cfg(tokio_shuttle)]
pub(crate) use shuttle::{
    sync::{
        atomic::{fence, AtomicBool, AtomicU32, AtomicUsize},
        Condvar, Mutex, MutexGuard,
    },
    thread, thread_local,
};

#[cfg(not(any(tokio_loom, tokio_shuttle)))]
pub(crate) use std::sync::{
    atomic::{fence, AtomicBool, AtomicU32, AtomicUsize},
    Condvar, Mutex, MutexGuard,
};

#[cfg(not(tokio_shuttle))]
pub(crate) use {
    crossbeam_utils::sync::{Parker, Unparker},
    std::{thread, thread_local},
};

#[cfg(tokio_shuttle)]
pub(crate) use self::simulated::{now, Parker, Unparker};

#[cfg(tokio_shuttle)]
pub(crate) mod simulated;

/// What the clock says.
#[cfg(not(tokio_shuttle))]
#[inline]
pub(crate) fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// The value of an atomic that no other thread changes at the moment.
///
/// loom takes a load as the last access to the atomic, and then misses that the store after it
/// races with other threads' loads. So it gets none.
#[cfg(tokio_loom)]
#[allow(unsafe_code)]
pub(crate) fn load_exclusive(atomic: &AtomicUsize) -> usize {
    // SAFETY: loom checks that no other thread stores at the moment.
    unsafe { atomic.unsync_load() }
}

/// The value of an atomic that no other thread changes at the moment.
#[cfg(not(tokio_loom))]
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
#[cfg(not(any(tokio_loom, tokio_shuttle)))]
pub(crate) struct Slot<T>(crossbeam_utils::atomic::AtomicCell<Option<T>>);

#[cfg(not(any(tokio_loom, tokio_shuttle)))]
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

/// As above, by what loom and shuttle know.
#[cfg(any(tokio_loom, tokio_shuttle))]
pub(crate) struct Slot<T>(Mutex<Option<T>>);

#[cfg(any(tokio_loom, tokio_shuttle))]
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
