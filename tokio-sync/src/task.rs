//! A task that waits, and is notified from anywhere.

use futures::task::{self, Task};
use std::fmt;
use tokio_task::{Caller, Waiter, WaiterCell};

/// Holds a task that is to be notified, in one place for any number of threads.
///
/// Who waits calls [`register`](Self::register) and then looks at its condition once more; who
/// changes the condition calls [`notify`](Self::notify) after that. No notification is lost, and
/// no method blocks. One task is held: another one that registers takes its place.
///
/// It is the futures 0.1 face of [`tokio_task::WaiterCell`], which async code uses by itself; here
/// it has [`register_with`](Self::register_with).
///
/// ```
/// use futures::{future, Async, Future};
/// use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
/// use std::sync::Arc;
/// use tokio_sync::task::AtomicTask;
///
/// let shared = Arc::new((AtomicTask::new(), AtomicBool::new(false)));
/// let other = shared.clone();
/// let thread = std::thread::spawn(move || {
///     other.1.store(true, SeqCst);
///     other.0.notify();
/// });
///
/// let wait = future::poll_fn(|| {
///     shared.0.register();
///     Ok::<_, ()>(if shared.1.load(SeqCst) { Async::Ready(()) } else { Async::NotReady })
/// });
/// wait.wait().unwrap();
/// thread.join().unwrap();
/// ```
#[derive(Default)]
pub struct AtomicTask {
    cell: WaiterCell,
}

impl AtomicTask {
    /// One that holds no task.
    pub fn new() -> AtomicTask {
        AtomicTask { cell: WaiterCell::new() }
    }

    /// Registers the current futures 0.1 task, for the next [`notify`](Self::notify).
    ///
    /// # Panics
    ///
    /// Outside a futures 0.1 task.
    pub fn register(&self) {
        self.register_with(Caller::Futures01);
    }

    /// Registers the task of either generation that is being polled.
    ///
    /// # Panics
    ///
    /// For `Caller::Futures01` outside a futures 0.1 task.
    pub fn register_with(&self, caller: Caller<'_>) {
        drop(self.cell.register(caller));
    }

    /// Registers `task`.
    pub fn register_task(&self, task: Task) {
        drop(self.cell.put(Waiter::Futures01(task)));
    }

    /// Notifies the task that registered last, if that was after the last notification.
    pub fn notify(&self) {
        self.cell.wake();
    }

    /// Takes the registered task, for the caller to notify. `None` if none registered since the
    /// last notification, or if it is registering at this moment: then it is notified by itself.
    ///
    /// A std task comes as one of futures 0.1 that wakes it.
    pub fn take_task(&self) -> Option<Task> {
        match self.cell.take()? {
            Waiter::Futures01(task) => Some(task),
            Waiter::Std(waker) => {
                let mut cx = std::task::Context::from_waker(&waker);
                Some(tokio_task::with_futures01(&mut cx, task::current))
            }
        }
    }
}

impl fmt::Debug for AtomicTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtomicTask").finish_non_exhaustive()
    }
}
