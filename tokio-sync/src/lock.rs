//! A value that one task at a time may touch: [`Lock`].

use crate::permits::{Acquiring, Claim, Permits};
use crate::sync::{Arc, UnsafeCell};
use futures::Async;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::task::{ready, Poll};
use tokio_task::Caller;

#[cfg(all(test, tokio_loom))]
mod model;

/// A handle to a value that one task at a time may touch.
///
/// Clones are handles to the same value. Whoever finds it taken waits in a queue: first come,
/// first served. A guard may be kept while the task waits for something else; for a short access
/// without waiting, `std::sync::Mutex` is cheaper. There is no poisoning.
///
/// futures 0.1 asks with [`poll_lock`](Self::poll_lock), async code awaits [`lock`](Self::lock).
///
/// ```
/// use futures::{future, Future};
/// use tokio_sync::lock::Lock;
///
/// let mut lock = Lock::new(1);
/// # futures03::executor::block_on(async {
/// *lock.lock().await += 1;
/// # });
/// let wait = future::poll_fn(|| Ok::<_, ()>(lock.poll_lock())); // in futures 0.1
/// assert_eq!(*wait.wait().unwrap(), 2);
/// ```
pub struct Lock<T> {
    locked: Arc<Locked<T>>,
    /// What this handle has asked for with `poll_lock`.
    claim: Claim,
}

/// The value; there is one permit, and whoever holds it has the value to itself.
struct Locked<T> {
    permits: Permits,
    value: UnsafeCell<T>,
}

// SAFETY: the value is reached through a `LockGuard` alone, and there is one at a time, as there
// is one permit. So sharing this passes the value from thread to thread (`Send`), and never
// shares it.
#[allow(unsafe_code)]
unsafe impl<T: Send> Sync for Locked<T> {}
// SAFETY: it owns the value.
#[allow(unsafe_code)]
unsafe impl<T: Send> Send for Locked<T> {}

impl<T> Lock<T> {
    /// A lock around `t`, which nobody holds.
    pub fn new(t: T) -> Self {
        let locked = Locked { permits: Permits::new(1), value: UnsafeCell::new(t) };
        Lock { locked: Arc::new(locked), claim: Claim::None }
    }

    /// Takes the lock, or waits for it. For futures 0.1.
    ///
    /// A handle that was told to wait keeps its place until it has been asked again, or is
    /// dropped: when its turn comes the others wait for it.
    ///
    /// # Panics
    ///
    /// If it has to wait, outside a futures 0.1 task.
    pub fn poll_lock(&mut self) -> Async<LockGuard<T>> {
        match self.poll_lock_with(Caller::Futures01) {
            Poll::Ready(guard) => Async::Ready(guard),
            Poll::Pending => Async::NotReady,
        }
    }

    /// [`poll_lock`](Self::poll_lock) for either generation.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_lock_with(&mut self, caller: Caller<'_>) -> Poll<LockGuard<T>> {
        ready!(self.claim.poll_hold(&self.locked.permits, caller)).expect("it is never closed");
        self.claim.take();
        Poll::Ready(LockGuard { locked: self.locked.clone() })
    }

    /// Waits for the lock. For async code.
    ///
    /// Dropping the future gives up its place; if its turn had come, it is the next one's.
    pub async fn lock(&self) -> LockGuard<T> {
        Acquiring::new(&self.locked.permits).await.expect("it is never closed");
        LockGuard { locked: self.locked.clone() }
    }
}

impl<T> Clone for Lock<T> {
    fn clone(&self) -> Self {
        Lock { locked: self.locked.clone(), claim: Claim::None }
    }
}

impl<T> From<T> for Lock<T> {
    fn from(t: T) -> Self {
        Lock::new(t)
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Lock::new(T::default())
    }
}

impl<T> Drop for Lock<T> {
    fn drop(&mut self) {
        self.claim.release(&self.locked.permits);
    }
}

impl<T: fmt::Debug> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken = self.locked.permits.available() == 0;
        f.debug_struct("Lock").field("taken", &taken).finish_non_exhaustive()
    }
}

/// Access to the value of a [`Lock`]; dropping it passes the lock on.
#[must_use = "dropping the guard gives up the lock"]
pub struct LockGuard<T> {
    locked: Arc<Locked<T>>,
}

// SAFETY: a shared guard gives out `&T`; and the `Arc` in it is never given out, so that whoever
// drops the guard, hence perhaps the value, owned it (`Send`).
#[allow(unsafe_code)]
unsafe impl<T: Send + Sync> Sync for LockGuard<T> {}

impl<T> Deref for LockGuard<T> {
    type Target = T;

    #[allow(unsafe_code)]
    fn deref(&self) -> &T {
        self.locked.value.with(|value| {
            // SAFETY: this guard stands for the only permit, and lives as long as the result.
            unsafe { &*value }
        })
    }
}

impl<T> DerefMut for LockGuard<T> {
    #[allow(unsafe_code)]
    fn deref_mut(&mut self) -> &mut T {
        self.locked.value.with_mut(|value| {
            // SAFETY: as above, and the guard is borrowed mutably for as long.
            unsafe { &mut *value }
        })
    }
}

impl<T> Drop for LockGuard<T> {
    fn drop(&mut self) {
        self.locked.permits.give(1);
    }
}

impl<T: fmt::Debug> fmt::Debug for LockGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for LockGuard<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
