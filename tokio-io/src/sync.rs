//! The lock of a split: std's, or one that loom sees every step of.

#[cfg(not(tokio_loom))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(tokio_loom)]
pub(crate) use self::seen_by_loom::{Mutex, MutexGuard};

/// loom's own mutex does not explore a `try_lock` that meets a locked mutex: unlocking is no step
/// to it. This one locks and unlocks by an atomic, in the orders that std promises.
#[cfg(tokio_loom)]
mod seen_by_loom {
    use loom::sync::atomic::{AtomicBool, Ordering};
    use std::ops::{Deref, DerefMut};
    use std::sync::{self, LockResult, TryLockError, TryLockResult};

    pub(crate) struct Mutex<T> {
        locked: AtomicBool,
        value: sync::Mutex<T>,
    }

    pub(crate) struct MutexGuard<'a, T> {
        /// `Some` until dropped.
        value: Option<sync::MutexGuard<'a, T>>,
        locked: &'a AtomicBool,
    }

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Mutex { locked: AtomicBool::new(false), value: sync::Mutex::new(value) }
        }

        pub(crate) fn try_lock(&self) -> TryLockResult<MutexGuard<'_, T>> {
            self.locked
                .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
                .map_err(|_| TryLockError::WouldBlock)?;
            let value = self.value.try_lock().expect("guarded by `locked`");
            Ok(MutexGuard { value: Some(value), locked: &self.locked })
        }

        pub(crate) fn into_inner(self) -> LockResult<T> {
            self.value.into_inner()
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;

        fn deref(&self) -> &T {
            self.value.as_ref().expect("held until dropped")
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.value.as_mut().expect("held until dropped")
        }
    }

    impl<T> Drop for MutexGuard<'_, T> {
        fn drop(&mut self) {
            self.value = None;
            self.locked.store(false, Ordering::Release);
        }
    }
}
