//! Atomics, cells and locks: std's, or loom's when the models run. Everything that the models check
//! imports from here.

#[cfg(tokio_loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{
        atomic::{AtomicPtr, AtomicU8, AtomicUsize},
        Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard,
    },
};

#[cfg(not(tokio_loom))]
pub(crate) use self::cell::UnsafeCell;
#[cfg(not(tokio_loom))]
pub(crate) use std::sync::{
    atomic::{AtomicPtr, AtomicU8, AtomicUsize},
    Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard,
};

/// Waits for another thread that is between two of its instructions, or was preempted there.
pub(crate) struct Backoff(#[cfg(not(tokio_loom))] crossbeam_utils::Backoff);

impl Backoff {
    pub(crate) fn new() -> Self {
        Backoff(
            #[cfg(not(tokio_loom))]
            crossbeam_utils::Backoff::new(),
        )
    }

    pub(crate) fn snooze(&self) {
        #[cfg(not(tokio_loom))]
        self.0.snooze();
        #[cfg(tokio_loom)]
        loom::thread::yield_now();
    }
}

/// Locks, whether or not somebody panicked while holding it: what the locks of this crate guard is
/// whole at every point where a panic can come.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

#[cfg(not(tokio_loom))]
mod cell {
    /// std's cell behind loom's interface, so that the models see every access.
    #[derive(Debug)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) const fn new(value: T) -> Self {
            UnsafeCell(std::cell::UnsafeCell::new(value))
        }

        #[inline(always)]
        pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
            f(self.0.get())
        }

        #[inline(always)]
        pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
            f(self.0.get())
        }
    }
}
