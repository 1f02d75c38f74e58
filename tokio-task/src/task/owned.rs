//! The tasks that one core of an executor has to account for at shutdown.
//!
//! A task joins the list of the core that polls it when it is pending for the first time, and
//! leaves it when it is complete. The list is touched by the core's thread alone, without a lock.
//! A task that completes elsewhere cannot be unlinked there; it is pushed on the core's
//! [`Returns`], and the core unlinks it later.
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `Returns::push`: exchange | Release | `drain`: swap | the core sees the link and all that the task's last thread did |
//! | `Returns::drain`: swap | Acquire | `push` | as above |

use super::header::Header;
use super::inbox::Batch;
use super::state::Enqueue;
use super::Task;
use crate::sync::AtomicPtr;
use std::cell::Cell;
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// A task's place in a list of owned tasks.
#[derive(Default)]
pub(super) struct Links {
    previous: Option<NonNull<Header>>,
    next: Option<NonNull<Header>>,
}

/// A list of tasks, for one core of an executor. See the executor's trait
/// [`Runner`](super::Runner).
///
/// At shutdown, [`abort_all`](Owned::abort_all), run what it queues and drain the core's
/// [`Returns`] until the list is empty: a list that is dropped with tasks in it leaks them.
pub struct Owned {
    owner: u32,
    first: Cell<Option<NonNull<Header>>>,
}

// SAFETY: the links of the tasks in the list belong to the list (the table in `header.rs`), and
// nothing in them depends on the thread.
unsafe impl Send for Owned {}

impl Owned {
    /// An empty list for the core with this number.
    ///
    /// # Panics
    ///
    /// If `owner` is 0, which stands for "no core".
    pub fn new(owner: u32) -> Self {
        assert_ne!(owner, 0, "0 stands for no core");
        Owned { owner, first: Cell::new(None) }
    }

    /// The core's number.
    pub fn owner(&self) -> u32 {
        self.owner
    }

    /// Whether no task is in the list.
    pub fn is_empty(&self) -> bool {
        self.first.get().is_none()
    }

    /// Asks every task in the list to end: `queue` is given the queue entry of each that was
    /// idle; the others have one, or are being polled. Each will drop its future instead of
    /// polling it again. Tasks that `queue` adds to the list are not asked.
    pub fn abort_all(&self, mut queue: impl FnMut(Task)) {
        // `queue` may change the list, so it sees nothing before the walk is over.
        let mut idle = Batch::new();
        let mut at = self.first.get();
        while let Some(task) = at {
            // SAFETY: tasks in the list are live, and their links are ours; `Yes` hands over the
            // queue entry.
            unsafe {
                at = task.as_ref().links.with(|links| (*links).next);
                if task.as_ref().state.abort() == Enqueue::Yes {
                    idle.push(Task(task));
                }
            }
        }
        while let Some(task) = idle.pop() {
            queue(task);
        }
    }

    /// Takes a task in.
    ///
    /// # Safety
    ///
    /// The caller is the polling thread, and the task is in no list.
    pub(super) unsafe fn adopt(&self, task: NonNull<Header>) {
        let next = self.first.replace(Some(task));
        // SAFETY: the task's links are the caller's to set; those of the next task are ours.
        unsafe {
            task.as_ref().owner.with_mut(|owner| *owner = self.owner);
            task.as_ref().links.with_mut(|links| *links = Links { previous: None, next });
            if let Some(next) = next {
                next.as_ref().links.with_mut(|links| (*links).previous = Some(task));
            }
        }
    }

    /// Lets a task go.
    ///
    /// # Safety
    ///
    /// The task is in this list.
    pub(super) unsafe fn unlink(&self, task: NonNull<Header>) {
        // SAFETY: the links of the task and of its neighbours are ours.
        unsafe {
            let (previous, next) =
                task.as_ref().links.with(|links| ((*links).previous, (*links).next));
            match previous {
                Some(previous) => previous.as_ref().links.with_mut(|links| (*links).next = next),
                None => self.first.set(next),
            }
            if let Some(next) = next {
                next.as_ref().links.with_mut(|links| (*links).previous = previous);
            }
        }
    }
}

impl fmt::Debug for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owned").field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// Where tasks of a core's list wait that completed on another thread.
pub struct Returns(AtomicPtr<Header>);

impl Returns {
    /// An empty stack.
    pub fn new() -> Self {
        Returns(AtomicPtr::new(ptr::null_mut()))
    }

    /// # Safety
    ///
    /// The task is complete, the caller holds the runtime's reference and gives it up, and the
    /// task is in the list that this stack belongs to.
    pub(super) unsafe fn push(&self, task: NonNull<Header>) {
        let mut top = self.0.load(Relaxed);
        loop {
            // SAFETY: `next` belongs to who holds the runtime's reference of a complete task.
            unsafe { task.as_ref().next.with_mut(|next| *next = NonNull::new(top)) };
            match self.0.compare_exchange_weak(top, task.as_ptr(), Release, Relaxed) {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.load(Relaxed).is_null()
    }

    /// Unlinks the tasks that have come back since the last time from `owned`.
    ///
    /// # Safety
    ///
    /// `owned` is the list that this stack belongs to: the one with the number by which
    /// [`Schedule::returns`](super::Schedule::returns) found this stack.
    pub unsafe fn drain(&self, owned: &Owned) {
        if self.is_empty() {
            return;
        }
        let mut at = NonNull::new(self.0.swap(ptr::null_mut(), Acquire));
        while let Some(task) = at {
            // SAFETY: the swap gave us the runtime's reference of each task in the stack, and by
            // the contract each is in `owned`.
            unsafe {
                at = task.as_ref().next.with(|next| *next);
                owned.unlink(task);
                Header::release(task);
            }
        }
    }
}

impl Default for Returns {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Returns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returns").finish_non_exhaustive()
    }
}
