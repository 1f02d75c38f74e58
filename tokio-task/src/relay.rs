//! A std task of ours on an executor that takes only boxed futures 0.1.
//!
//! The executor polls the [`Relay`]; the relay runs the task's queue entry whenever it is there.
//! So the join handle, abort and panics of the task are the same as on an executor of ours.

use crate::sync::{AtomicBool, Mutex, MutexGuard};
use crate::task::body::Body;
use crate::task::owned::{Owned, Returns};
use crate::task::slot::NextTask;
use crate::task::{Runner, Schedule, Task};
use crate::{Caller, JoinHandle, WaiterCell};
use futures::{Async, Future as Future01, Poll as Poll01};
use std::any::Any;
use std::panic;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};

#[cfg(all(test, tokio_loom))]
mod model;

/// Polls one task as a futures 0.1 future.
pub(crate) struct Relay {
    shared: Arc<Shared>,
    /// The task's list, of one: it keeps hold of the task, to abort it when this is dropped.
    /// None only while that happens.
    owned: Option<Owned>,
}

struct Shared {
    queue: NextTask,
    executor: WaiterCell,
    returns: Returns,
    /// Set and read by the polling thread, or by one that `NextTask` puts after it.
    done: AtomicBool,
    panic: Mutex<Option<Box<dyn Any + Send>>>,
    /// The relay's list, once the relay is gone: a wake that was on its way then finds it here,
    /// and drops the task itself.
    closed: Mutex<Option<Owned>>,
}

impl Shared {
    fn closed(&self) -> MutexGuard<'_, Option<Owned>> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Drops the task's future if the queue entry is here, with the relay gone.
    fn cancel(&self) {
        drop(self.queue.take());
        if let Some(owned) = &*self.closed() {
            // SAFETY: `Scheduled::returns` finds this stack by the number of this list. Draining
            // frees tasks of which all that is foreign has been dropped, so no foreign code runs
            // under the lock.
            unsafe { self.returns.drain(owned) };
        }
    }
}

impl Relay {
    pub(crate) fn new<B: Body<Output: Send> + Send>(body: B) -> (Relay, JoinHandle<B::Output>) {
        let shared = Arc::new(Shared {
            queue: NextTask::new(),
            executor: WaiterCell::new(),
            returns: Returns::new(),
            done: AtomicBool::new(false),
            panic: Mutex::new(None),
            closed: Mutex::new(None),
        });
        let (task, handle) = Task::with_handle(body, Scheduled(shared.clone()));
        shared.queue.replace(task);
        (Relay { shared, owned: Some(Owned::new(1)) }, handle)
    }
}

impl Future01 for Relay {
    type Item = ();
    type Error = ();

    fn poll(&mut self) -> Poll01<(), ()> {
        // A wake that comes after this finds us; one that came before has filled the queue.
        if let Some(displaced) = self.shared.executor.register(Caller::Futures01) {
            drop(displaced);
        }
        if let Some(task) = self.shared.queue.take() {
            task.run(self);
        }
        if !self.shared.done.load(Relaxed) {
            return Ok(Async::NotReady);
        }
        // Nobody joins: the executor's own way of treating a panic applies.
        let payload = self.shared.panic.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(payload) = payload {
            panic::resume_unwind(payload);
        }
        Ok(Async::Ready(()))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let Some(owned) = self.owned.take() else { return };
        owned.abort_all(drop);
        // A wake fills the queue, then looks whether we are gone; we say so, then empty the queue.
        *self.shared.closed() = Some(owned);
        self.shared.cancel();
        // A waker of the task may live on, and would keep the executor's task with it.
        self.shared.executor.clear();
    }
}

// SAFETY: the one list whose number `Scheduled::returns` understands.
unsafe impl Runner for Relay {
    fn owned(&self) -> Option<&Owned> {
        self.owned.as_ref()
    }

    fn requeue(&self, task: Task) {
        self.shared.queue.replace(task);
        self.shared.executor.wake();
    }

    fn completed(&self) {
        self.shared.done.store(true, Relaxed);
    }
}

struct Scheduled(Arc<Shared>);

// SAFETY: there is one list, number 1, and its stack is `returns`.
unsafe impl Schedule for Scheduled {
    fn schedule(&self, task: Task) {
        self.0.queue.replace(task);
        if self.0.closed().is_some() {
            self.0.cancel();
        } else {
            self.0.executor.wake();
        }
    }

    fn completed(&self) {
        self.0.done.store(true, Relaxed);
    }

    fn panicked(&self, payload: Box<dyn Any + Send>) {
        *self.0.panic.lock().unwrap_or_else(PoisonError::into_inner) = Some(payload);
    }

    fn returns(&self, owner: u32) -> &Returns {
        debug_assert_eq!(owner, 1);
        &self.0.returns
    }
}
