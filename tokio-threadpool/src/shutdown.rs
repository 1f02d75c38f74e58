//! Waiting for a pool's end.

use crate::sync::{Condvar, Mutex, MutexGuard};
use futures::{Future as Future01, Poll as Poll01};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};
use tokio_task::{to_futures01, Caller, WaiterCell};

/// Resolves when a pool has stopped: every future has been dropped, and the driver is gone.
///
/// It is a futures 0.1 `Future`, and a std `IntoFuture`: `.wait()` and `.await` both work.
/// Dropping it does not stop the shutdown. It never fails.
///
/// ```
/// use futures::Future;
/// use tokio_threadpool::ThreadPool;
///
/// let pool = ThreadPool::new();
/// pool.shutdown_on_idle().wait().unwrap();
/// ```
pub struct Shutdown(Arc<Ended>);

/// Whether the pool has stopped, and who wants to know.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    ended: Mutex<bool>,
    changed: Condvar,
    waiter: WaiterCell,
}

impl Ended {
    pub(crate) fn end(&self) {
        *self.lock() = true;
        self.changed.notify_all();
        self.waiter.wake();
    }

    /// Blocks this thread until the end. Needs no thread-local storage, which may be gone.
    pub(crate) fn wait(&self) {
        let mut ended = self.lock();
        while !*ended {
            ended = self.changed.wait(ended).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shutdown {
    pub(crate) fn new(ended: Arc<Ended>) -> Self {
        Shutdown(ended)
    }

    fn poll_with(&self, caller: Caller<'_>) -> Poll<()> {
        // There is one `Shutdown`, so whoever is displaced polled it before, and does not now.
        drop(self.0.waiter.register(caller));
        if *self.0.lock() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Future01 for Shutdown {
    type Item = ();
    type Error = ();

    fn poll(&mut self) -> Poll01<(), ()> {
        to_futures01(self.poll_with(Caller::Futures01).map(Ok))
    }
}

impl IntoFuture for Shutdown {
    type Output = ();
    type IntoFuture = WaitForShutdown;

    fn into_future(self) -> WaitForShutdown {
        WaitForShutdown(self)
    }
}

/// A [`Shutdown`] as a std future.
#[derive(Debug)]
pub struct WaitForShutdown(Shutdown);

impl Future for WaitForShutdown {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_with(cx.into())
    }
}

impl Drop for Shutdown {
    fn drop(&mut self) {
        // A task that waits for the end of its own pool would keep the pool's memory, and the pool
        // the task's.
        self.0.waiter.clear();
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").finish_non_exhaustive()
    }
}
