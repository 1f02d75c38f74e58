//! Ending a task without waiting for it.

use crate::task::header::Header;
use crate::task::state::Enqueue;
use std::fmt;
use std::ptr::NonNull;

/// Asks a task to end, from anywhere; made by [`JoinHandle::abort_handle`](crate::JoinHandle::abort_handle).
///
/// It neither waits for the task nor keeps its output. Dropping it changes nothing. It may be sent to other
/// threads, also if the task and its output may not: the future is dropped where it was polled.
pub struct AbortHandle(NonNull<Header>);

// SAFETY: as a waker does, it touches the state, the schedule (which is `Send + Sync`) and, with the last
// reference, the memory of the block, in which nothing is left to drop then.
unsafe impl Send for AbortHandle {}
// SAFETY: as above; all of that is made for many threads.
unsafe impl Sync for AbortHandle {}

impl AbortHandle {
    /// # Safety
    ///
    /// The task is live.
    pub(crate) unsafe fn new(task: NonNull<Header>) -> Self {
        // SAFETY: by the contract.
        unsafe { task.as_ref() }.state().reference();
        AbortHandle(task)
    }

    /// Asks the task to end; see [`JoinHandle::abort`](crate::JoinHandle::abort).
    pub fn abort(&self) {
        // SAFETY: our reference keeps the task alive; `Yes` hands over the queue entry.
        unsafe {
            if self.0.as_ref().state().abort() == Enqueue::Yes {
                Header::enqueue(self.0);
            }
        }
    }

    /// Whether the task has come to its end in any way.
    pub fn is_finished(&self) -> bool {
        // SAFETY: our reference keeps the task alive.
        unsafe { self.0.as_ref() }.state().is_complete()
    }
}

impl Clone for AbortHandle {
    fn clone(&self) -> Self {
        // SAFETY: our reference keeps the task alive.
        unsafe { AbortHandle::new(self.0) }
    }
}

impl Drop for AbortHandle {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and this gives it up.
        unsafe { Header::release(self.0) }
    }
}

impl fmt::Debug for AbortHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AbortHandle").field("is_finished", &self.is_finished()).finish()
    }
}
