//! What other threads reach of an executor: where they leave woken and new tasks, and its bell.
//!
//! ```text
//!   spawned:  N ............ 1    0        rung:  somebody has been here since the owner looked
//!            ┌────────────────┬────────┐   root:  the main future was woken
//!            │ tasks from     │ CLOSED │   inbox: queue entries, for the owner alone
//!            │ other threads  │        │
//!            └────────────────┴────────┘
//! ```
//!
//! Any thread puts a queue entry into the inbox or sets `root`, then rings. The owner clears `rung`,
//! then takes what is there. Only who sets `rung` unparks: one system call for many wakes.
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `ring`: swap in true, also when it was | Release | `answer`: swap | the owner sees the entry, and `root` |
//! | `answer`: swap out | Acquire | every `ring` before it | as above |
//! | `answer`: load before it | Relaxed | – | a hint: after a ring comes an `unpark`, which publishes it |
//! | `wake_root`: swap in true | Release | `take_root`: swap | the main future's poll sees what was written before each wake |
//! | `take_root`: swap out | Acquire | as above | as above |
//! | `spawned` | Relaxed | – | only the count's own order matters: a spawn is before `CLOSED` or sees it |
//!
//! # No wake is lost
//!
//! Let a thread ring. If it finds `rung` not set, it unparks, and the next park of the owner returns;
//! the owner then sees `rung`. If it finds it set, it is by a ring whose `unpark` has come or will
//! come, and the owner has not answered that yet: its `answer` is after ours, and sees our entry.
//! Wakes on the owner's own thread while it runs go to the core's queue without a ring.
//!
//! # A task's future is never dropped on another thread
//!
//! What is in the inbox may not be `Send`, and the last waker of a task, which holds the door, may be
//! dropped anywhere. So the inbox has to be empty when the door is freed. While the executor lives,
//! it holds the door. Its shutdown first sets `CLOSED`, which fixes the number of tasks; then it takes
//! entries until each task is complete, the ones that other threads have on their way included. An
//! entry is made only of a task that is not complete: so from then on none comes.
//!
//! An executor that is leaked keeps its door for ever. `door/model.rs` checks all this.

use crate::core::Core;
use crate::current;
use crate::sync::{AtomicBool, AtomicUsize};
use std::any::Any;
use std::fmt;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::Arc;
use std::task::Wake;
use tokio_executor::park::Unpark;
use tokio_executor::SpawnError;
use tokio_task::{Batch, Inbox, Returns, Schedule, Task, TaskKind};

#[cfg(all(test, tokio_loom))]
mod model;

/// See the [module](self).
pub(crate) struct Door {
    inbox: Inbox,
    rung: AtomicBool,
    root: AtomicBool,
    spawned: AtomicUsize,
    unpark: Box<dyn Unpark>,
}

/// One task, in a count beside [`CLOSED`].
pub(crate) const TASK: usize = 2;

const CLOSED: usize = 1;

impl Door {
    pub(crate) fn new(unpark: Box<dyn Unpark>) -> Arc<Self> {
        Arc::new(Door {
            inbox: Inbox::new(),
            rung: AtomicBool::new(false),
            root: AtomicBool::new(false),
            spawned: AtomicUsize::new(0),
            unpark,
        })
    }

    fn ring(&self) {
        if !self.rung.swap(true, Release) {
            self.unpark.unpark();
        }
    }

    /// What has come since the last time. For the owner.
    #[inline]
    pub(crate) fn answer(&self) -> Batch {
        if !self.rung.load(Relaxed) {
            return Batch::new();
        }
        self.rung.swap(false, Acquire);
        self.inbox.take_all()
    }

    /// The main future wants to be polled.
    pub(crate) fn wake_root(&self) {
        self.root.swap(true, Release);
        if !current::is(self) {
            self.ring();
        }
    }

    /// Whether the main future wants to be polled. For the owner.
    #[inline]
    pub(crate) fn has_root(&self) -> bool {
        self.root.load(Relaxed)
    }

    /// Whether the main future wanted to be polled. For the owner.
    #[inline]
    pub(crate) fn take_root(&self) -> bool {
        self.has_root() && self.root.swap(false, Acquire)
    }

    /// How many [`TASK`]s other threads have spawned so far; wraps around.
    pub(crate) fn spawned(&self) -> usize {
        self.spawned.load(Relaxed) & !CLOSED
    }

    /// No more tasks from other threads.
    pub(crate) fn close(&self) {
        self.spawned.fetch_or(CLOSED, Relaxed);
    }

    pub(crate) fn status(&self) -> Result<(), SpawnError> {
        if self.spawned.load(Relaxed) & CLOSED == 0 {
            Ok(())
        } else {
            Err(SpawnError::shutdown())
        }
    }

    /// Spawns a task from any thread. The body comes back if the executor is gone.
    pub(crate) fn spawn<G: TaskKind>(self: &Arc<Self>, body: G::Body) -> Result<G::Plain, G::Body> {
        let mut body = Some(body);
        let here = |core: &Core| body.take().map(|body| core.spawn_send::<G>(body));
        if let Some(spawned) = current::with(self, here).flatten() {
            return spawned;
        }
        let body = body.expect("taken only on the owner's thread");
        let open = |seen: usize| (seen & CLOSED == 0).then(|| seen.wrapping_add(TASK));
        if self.spawned.fetch_update(Relaxed, Relaxed, open).is_err() {
            return Err(body);
        }
        // The owner waits for what it has counted: nothing may fail from here on.
        let (task, plain) = G::task(body, Pass(self.clone()));
        self.inbox.push(task);
        self.ring();
        Ok(plain)
    }
}

/// Wakes the main future. Making a waker of it allocates nothing.
impl Wake for Door {
    fn wake(self: Arc<Self>) {
        self.wake_root();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_root();
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("open", &self.status().is_ok()).finish_non_exhaustive()
    }
}

/// What each task holds of its executor.
pub(crate) struct Pass(pub(crate) Arc<Door>);

// SAFETY: an executor has one list. `returns` is for tasks of a list that come to their end away
// from it; a task of ours is run by its core alone.
unsafe impl Schedule for Pass {
    fn schedule(&self, task: Task) {
        let mut task = Some(task);
        let here = |core: &Core| core.push(task.take().expect("offered once"));
        if current::with(&self.0, here).is_none() {
            // `with` has not called us, so it is still here. Never dropped: it is not ours to drop.
            if let Some(task) = task.take() {
                self.0.inbox.push(task);
                self.0.ring();
            }
        }
    }

    fn completed(&self) {
        // The core counts what it runs. Others drop only what was never counted: a task whose
        // executor had closed.
    }

    fn panicked(&self, payload: Box<dyn Any + Send>) {
        // Elsewhere it is a destructor of an output, run by who dropped the join handle.
        current::with(&self.0, |core| core.set_panic(payload));
    }

    fn returns(&self, _owner: u32) -> &Returns {
        unreachable!("a task of this executor ends where its list is")
    }
}
