//! Where tasks queue that come from outside an executor's threads.
//!
//! Any thread pushes; whoever takes takes everything, in the order it was pushed. The links are
//! the tasks' own, so nothing is allocated.
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `push`: exchange | Release | `take_all` | the taker sees the task and its link |
//! | `take_all`: swap | Acquire | `push` | as above; earlier pushes are part of the same release sequence |
//! | `is_empty` | Relaxed | – | a hint; who must not miss a push puts a fence before it |

use super::header::Header;
use super::Task;
use crate::sync::AtomicPtr;
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

#[cfg(all(test, tokio_loom))]
mod model;

/// A lock-free inbox of queued tasks.
pub struct Inbox(AtomicPtr<Header>);

impl Inbox {
    /// An empty inbox.
    pub fn new() -> Self {
        Inbox(AtomicPtr::new(ptr::null_mut()))
    }

    /// Adds a task.
    pub fn push(&self, task: Task) {
        let task = task.into_header();
        let mut top = self.0.load(Relaxed);
        loop {
            // SAFETY: with the queue entry, `next` is ours.
            unsafe { task.as_ref().next.with_mut(|next| *next = NonNull::new(top)) };
            match self.0.compare_exchange_weak(top, task.as_ptr(), Release, Relaxed) {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }

    /// Whether nothing is there at this moment.
    pub fn is_empty(&self) -> bool {
        self.0.load(Relaxed).is_null()
    }

    /// Everything that is there, oldest first.
    pub fn take_all(&self) -> Batch {
        if self.is_empty() {
            return Batch::new();
        }
        let newest = NonNull::new(self.0.swap(ptr::null_mut(), Acquire));
        let mut batch = Batch { first: None, last: newest, len: 0 };
        let mut at = newest;
        while let Some(task) = at {
            // SAFETY: the swap gave us the queue entry of each task in the stack.
            at = unsafe {
                task.as_ref().next.with_mut(|next| std::mem::replace(&mut *next, batch.first))
            };
            batch.first = Some(task);
            batch.len += 1;
        }
        batch
    }
}

impl Default for Inbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        drop(self.take_all());
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").finish_non_exhaustive()
    }
}

/// Queued tasks in order, linked through themselves.
pub struct Batch {
    first: Option<NonNull<Header>>,
    /// Meaningful only if there is a first.
    last: Option<NonNull<Header>>,
    len: usize,
}

// SAFETY: the batch holds the queue entry of each of its tasks, and a queue entry may be sent.
unsafe impl Send for Batch {}

impl Batch {
    /// Without a task.
    pub const fn new() -> Self {
        Batch { first: None, last: None, len: 0 }
    }

    /// How many tasks there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The oldest task.
    pub fn pop(&mut self) -> Option<Task> {
        let task = self.first?;
        // SAFETY: we hold the queue entry.
        self.first = unsafe { task.as_ref().next.with_mut(|next| (*next).take()) };
        self.len -= 1;
        Some(Task(task))
    }

    /// Puts a task behind those of this batch.
    pub fn push(&mut self, task: Task) {
        let task = task.into_header();
        // SAFETY: with the queue entry, `next` is ours.
        unsafe { task.as_ref().next.with_mut(|next| *next = None) };
        self.append(Batch { first: Some(task), last: Some(task), len: 1 });
    }

    /// Puts the tasks of `newer` behind those of this batch.
    pub fn append(&mut self, mut newer: Batch) {
        let Some(first) = newer.first.take() else { return };
        match (self.first, self.last) {
            // SAFETY: we hold the queue entry of our last task.
            (Some(_), Some(last)) => unsafe {
                last.as_ref().next.with_mut(|next| *next = Some(first));
            },
            _ => self.first = Some(first),
        }
        self.last = newer.last;
        self.len += newer.len;
    }
}

impl Default for Batch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        while let Some(task) = self.pop() {
            drop(task);
        }
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("len", &self.len).finish_non_exhaustive()
    }
}
