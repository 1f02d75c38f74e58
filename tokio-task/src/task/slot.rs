//! Room for the one task that its owner runs next, and that others may take.
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `replace`: swap | AcqRel | `take`, `replace` | who takes the task sees all that its queue entry protects; who gets the one before it does too |
//! | `take`: swap | Acquire | `replace` | as above |
//! | looks before a swap | Relaxed | – | a hint that saves the swap |

use super::header::Header;
use super::Task;
use crate::sync::AtomicPtr;
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

/// Holds at most one queued task; any thread may put or take.
pub struct NextTask(AtomicPtr<Header>);

impl NextTask {
    /// Without a task.
    pub fn new() -> Self {
        NextTask(AtomicPtr::new(ptr::null_mut()))
    }

    /// Puts a task in, and gives back the one it replaces.
    #[inline]
    pub fn replace(&self, task: Task) -> Option<Task> {
        NonNull::new(self.0.swap(task.into_header().as_ptr(), AcqRel)).map(Task)
    }

    /// Takes the task out.
    #[inline]
    pub fn take(&self) -> Option<Task> {
        if self.is_empty() {
            return None;
        }
        NonNull::new(self.0.swap(ptr::null_mut(), Acquire)).map(Task)
    }

    /// Whether there is none at this moment.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.load(Relaxed).is_null()
    }
}

impl Default for NextTask {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for NextTask {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl fmt::Debug for NextTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NextTask").finish_non_exhaustive()
    }
}
