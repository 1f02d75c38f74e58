//! Atomics, cells, locks and thread-locals: std's, or loom's or shuttle's when the models run. Everything
//! that the models check imports from here.

#[cfg(tokio_loom)]
pub(crate) use loom::{
    cell::UnsafeCell,
    sync::{
        atomic::{fence, AtomicBool, AtomicPtr, AtomicUsize},
        Mutex, MutexGuard,
    },
};

#[cfg(not(tokio_loom))]
pub(crate) use self::cell::UnsafeCell;

#[cfg(tokio_shuttle)]
pub(crate) use shuttle::{
    sync::{
        atomic::{fence, AtomicBool, AtomicPtr, AtomicUsize},
        Mutex, MutexGuard,
    },
    thread_local,
};

#[cfg(not(any(tokio_loom, tokio_shuttle)))]
pub(crate) use std::sync::{
    atomic::{fence, AtomicBool, AtomicPtr, AtomicUsize},
    Mutex, MutexGuard,
};

// loom's models have no part in what is kept there.
#[cfg(not(tokio_shuttle))]
pub(crate) use std::thread_local;

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
