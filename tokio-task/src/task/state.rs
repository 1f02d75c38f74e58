//! The life of a task, in one word.
//!
//! ```text
//!  63 ......................... 6      5        4        3          2         1          0
//! ┌──────────────────────────────┬────────┬────────┬───────────┬──────────┬─────────┬───────────┐
//! │ references                   │ WAITER │ HANDLE │ CANCELLED │ COMPLETE │ RUNNING │ SCHEDULED │
//! └──────────────────────────────┴────────┴────────┴───────────┴──────────┴─────────┴───────────┘
//! ```
//!
//! | `COMPLETE` | `RUNNING` | `SCHEDULED` | the task is | the body belongs to |
//! |---|---|---|---|---|
//! | 0 | 0 | 0 | idle | nobody |
//! | 0 | 0 | 1 | queued | who holds the queue entry |
//! | 0 | 1 | 0 | being polled | the polling thread |
//! | 0 | 1 | 1 | owed: being polled, and then once more | the polling thread |
//! | 1 | 0 | – | complete: the body is gone | – |
//!
//! | bit | meaning | set by | cleared by |
//! |---|---|---|---|
//! | `CANCELLED` | the next `start` drops the body instead of polling it | `abort` | – |
//! | `HANDLE` | a join handle exists: the output is kept for it | creation | `detach`, by the handle |
//! | `WAITER` | the handle's waker is stored, and `complete` will have it woken | `set_waiter`, by the handle | `unset_waiter`, by the handle; after completion `woken`, by the polling thread |
//!
//! The output belongs to the polling thread until `complete`; then to the handle if `HANDLE` was
//! still set, else to the polling thread, which drops it.
//!
//! The place for the handle's waker:
//!
//! | `COMPLETE` | `WAITER` | `HANDLE` | who touches the place |
//! |---|---|---|---|
//! | 0 | 0 | – | the handle |
//! | 0 | 1 | 1 | nobody writes; the handle may read |
//! | 0 | 1 | 0 | the handle that has just detached |
//! | 1 | 1 | 1 | the polling thread reads, to wake; the handle may read |
//! | 1 | 1 | 0 | the polling thread, which empties it if it was still waking at `detach` |
//! | 1 | 0 | – | the handle, which empties it |
//!
//! So it is empty when the task is freed: a complete task keeps no other task's memory alive.
//!
//! References: one for each waker and notifier, one for the join handle, and **one for the
//! runtime** from creation until after completion. The queue entry, the polling thread and the
//! list of owned tasks all live on that one; so queues count nothing.
//!
//! # Transitions
//!
//! | from | `wake` | `abort` | `start` | `pause` | `complete` |
//! |---|---|---|---|---|---|
//! | idle | queued, **enqueue** | queued, **enqueue** | | | |
//! | queued | – | – | polled | | |
//! | polled | owed | owed | | idle | complete |
//! | owed | – | – | | queued, **enqueue** | complete |
//! | complete | – | – | | | |
//!
//! A task is in at most one queue: only `wake` or `abort` from idle and `pause` from owed say
//! [`Enqueue::Yes`], and each leaves `SCHEDULED` set. The body is touched by one thread at a time:
//! only the holder of the queue entry calls `start`, and whoever sets `RUNNING` is the only one
//! to clear it.
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `wake`, `abort` | AcqRel, also when nothing changes | `start`; `pause` | the poll sees what was written before the wake, even if another wake had come first; a waker that enqueues passes the paused body on |
//! | `start` | Acquire | every `wake` before it; `pause` | as above |
//! | `pause` | Release | `wake`, `start` | the next thread gets the body whole, and who enqueues the task its link |
//! | `complete` | AcqRel | the four below | the handle gets the output whole; the polling thread gets the stored waker whole |
//! | `is_complete`, `joining`; `set_waiter`, `unset_waiter` when they fail | Acquire | `complete` | as above |
//! | `set_waiter` | Release | `complete` | as above, the other way round |
//! | `unset_waiter` | Relaxed | – | nobody else touches the place before the next `set_waiter` |
//! | `detach` | AcqRel | `complete`, `woken` | the handle gets the output and the place whole; the polling thread empties the place after the handle's last look |
//! | `woken` | AcqRel | `detach` | as above, the other way round |
//! | `reference` | Relaxed | – | a reference is only made from one that is held |
//! | `release` | AcqRel | itself | who frees the task does so after everyone else's last use |
//! | `is_last` | Acquire | `release` | as above, for the one who frees without a read-modify-write |

use crate::sync::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

#[cfg(all(test, tokio_loom))]
mod model;

pub(crate) struct State(AtomicUsize);

/// Whether the caller now owes the task a place in a run queue.
#[must_use]
#[derive(Debug, PartialEq)]
pub(crate) enum Enqueue {
    Yes,
    No,
}

/// What to do with a task that was taken from a queue.
#[must_use]
#[derive(Debug, PartialEq)]
pub(crate) enum Start {
    Poll,
    /// Drop the body.
    Cancel,
}

/// What a completed task owes its join handle.
#[must_use]
#[derive(Debug, PartialEq)]
pub(crate) enum Complete {
    /// There is no handle: the output, if it was kept, is to be dropped.
    Unwanted,
    /// The output now belongs to the handle.
    Kept,
    /// As `Kept`, and the handle's waker is to be woken.
    KeptAndAwaited,
}

/// What a handle finds when it looks at the task or touches the place for its waker.
#[must_use]
#[derive(Debug, PartialEq)]
pub(crate) enum Joining {
    /// Nobody will be woken.
    Running,
    /// Who is in the place will be woken.
    Awaited,
    Complete,
}

/// What a handle that goes away has to drop.
#[must_use]
#[derive(Debug, PartialEq)]
pub(crate) enum Detach {
    /// The waker, if there is one.
    Waker,
    /// The output; the polling thread sees to the waker.
    Output,
    /// The output, and the waker, if there is one.
    OutputAndWaker,
}

/// Who has to drop the handle's waker once it was woken.
#[must_use]
#[derive(Debug, PartialEq)]
pub(crate) enum Woken {
    Handle,
    Caller,
}

/// Whether the caller gave up the last reference, and frees the task.
#[must_use]
#[derive(Debug, PartialEq)]
pub(crate) enum Reference {
    Last,
    Others,
}

const SCHEDULED: usize = 0b00_0001;
const RUNNING: usize = 0b00_0010;
const COMPLETE: usize = 0b00_0100;
const CANCELLED: usize = 0b00_1000;
const HANDLE: usize = 0b01_0000;
const WAITER: usize = 0b10_0000;
const REFERENCE: usize = 0b100_0000;

impl State {
    /// A new task is queued, and referenced by the runtime.
    pub(crate) fn queued() -> Self {
        State(AtomicUsize::new(SCHEDULED | REFERENCE))
    }

    /// As [`State::queued`], and referenced by a join handle too.
    pub(crate) fn queued_with_handle() -> Self {
        State(AtomicUsize::new(SCHEDULED | HANDLE | (2 * REFERENCE)))
    }

    #[inline]
    pub(crate) fn wake(&self) -> Enqueue {
        Self::enqueue(self.0.fetch_or(SCHEDULED, AcqRel))
    }

    /// The body is not wanted any more.
    pub(crate) fn abort(&self) -> Enqueue {
        Self::enqueue(self.0.fetch_or(SCHEDULED | CANCELLED, AcqRel))
    }

    fn enqueue(seen: usize) -> Enqueue {
        if seen & (SCHEDULED | RUNNING | COMPLETE) == 0 {
            Enqueue::Yes
        } else {
            Enqueue::No
        }
    }

    /// From the run queue to this thread.
    #[inline]
    pub(crate) fn start(&self) -> Start {
        // `SCHEDULED` is set and `RUNNING` is not, and only the caller may change either: adding
        // the difference moves one bit to the other.
        let seen = self.0.fetch_add(RUNNING - SCHEDULED, Acquire);
        debug_assert_eq!(seen & (SCHEDULED | RUNNING | COMPLETE), SCHEDULED);
        if seen & CANCELLED == 0 {
            Start::Poll
        } else {
            Start::Cancel
        }
    }

    /// The body is pending.
    #[inline]
    pub(crate) fn pause(&self) -> Enqueue {
        let seen = self.0.fetch_sub(RUNNING, Release);
        debug_assert_eq!(seen & (RUNNING | COMPLETE), RUNNING);
        if seen & SCHEDULED == 0 {
            Enqueue::No
        } else {
            Enqueue::Yes
        }
    }

    /// The body is gone.
    pub(crate) fn complete(&self) -> Complete {
        let seen = self.0.fetch_add(COMPLETE - RUNNING, AcqRel);
        debug_assert_eq!(seen & (RUNNING | COMPLETE), RUNNING);
        match (seen & HANDLE != 0, seen & WAITER != 0) {
            (false, _) => Complete::Unwanted,
            (true, false) => Complete::Kept,
            (true, true) => Complete::KeptAndAwaited,
        }
    }

    /// The handle's waker was woken, after `KeptAndAwaited`.
    pub(crate) fn woken(&self) -> Woken {
        let seen = self.0.fetch_and(!WAITER, AcqRel);
        debug_assert_eq!(seen & (COMPLETE | WAITER), COMPLETE | WAITER);
        if seen & HANDLE == 0 {
            Woken::Caller
        } else {
            Woken::Handle
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.0.load(Acquire) & COMPLETE != 0
    }

    /// Whether there is a handle that wants the output. May turn false at any time.
    #[inline]
    pub(crate) fn has_handle(&self) -> bool {
        self.0.load(Relaxed) & HANDLE != 0
    }

    /// What the handle waits for. Only for the handle.
    pub(crate) fn joining(&self) -> Joining {
        let seen = self.0.load(Acquire);
        match (seen & COMPLETE != 0, seen & WAITER != 0) {
            (true, _) => Joining::Complete,
            (false, true) => Joining::Awaited,
            (false, false) => Joining::Running,
        }
    }

    /// The handle's waker is stored. Changes nothing once the task is complete.
    pub(crate) fn set_waiter(&self) -> Joining {
        let awaited = |seen| (seen & COMPLETE == 0).then_some(seen | WAITER);
        match self.0.fetch_update(Release, Acquire, awaited) {
            Ok(_) => Joining::Awaited,
            Err(_) => Joining::Complete,
        }
    }

    /// The handle wants its waker's place for itself. Changes nothing once the task is complete:
    /// the polling thread may be reading it.
    pub(crate) fn unset_waiter(&self) -> Joining {
        let unawaited = |seen| (seen & COMPLETE == 0).then_some(seen & !WAITER);
        match self.0.fetch_update(Relaxed, Acquire, unawaited) {
            Ok(_) => Joining::Running,
            Err(_) => Joining::Complete,
        }
    }

    /// The handle goes away; its reference is released on its own.
    pub(crate) fn detach(&self) -> Detach {
        let seen = self.0.fetch_and(!HANDLE, AcqRel);
        match (seen & COMPLETE != 0, seen & WAITER != 0) {
            (false, _) => Detach::Waker,
            (true, true) => Detach::Output,
            (true, false) => Detach::OutputAndWaker,
        }
    }

    #[inline]
    pub(crate) fn reference(&self) {
        let seen = self.0.fetch_add(REFERENCE, Relaxed);
        // So many references can only have been leaked, and one more would make two tasks of one.
        if seen > isize::MAX as usize {
            std::process::abort();
        }
    }

    #[inline]
    pub(crate) fn release(&self) -> Reference {
        if self.0.fetch_sub(REFERENCE, AcqRel) / REFERENCE == 1 {
            Reference::Last
        } else {
            Reference::Others
        }
    }

    /// Whether the caller holds the only reference, so that nobody else can touch the task.
    #[inline]
    pub(crate) fn is_last(&self) -> bool {
        self.0.load(Acquire) / REFERENCE == 1
    }
}
