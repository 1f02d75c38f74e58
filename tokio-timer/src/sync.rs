//! Atomics and locks: std's, or loom's when the models run.

#[cfg(tokio_loom)]
pub(crate) use loom::sync::{
    atomic::{AtomicBool, AtomicU64},
    Mutex, MutexGuard,
};

#[cfg(not(tokio_loom))]
pub(crate) use std::sync::{
    atomic::{AtomicBool, AtomicU64},
    Mutex, MutexGuard,
};

/// Locks; a panic of an earlier holder changes nothing, for no holder here runs foreign code.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
