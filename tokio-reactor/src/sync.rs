//! Atomics and locks: std's, or loom's when the models run. What is lock-free imports from here.

#[cfg(tokio_loom)]
pub(crate) use loom::sync::{
    atomic::{AtomicU64, AtomicUsize},
    Mutex, MutexGuard,
};

#[cfg(not(tokio_loom))]
pub(crate) use std::sync::{
    atomic::{AtomicU64, AtomicUsize},
    Mutex, MutexGuard,
};

/// Locks; a panic of an earlier holder changes nothing, for no holder here leaves things half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
