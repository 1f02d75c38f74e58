//! Whether the thread at the reactor has to be woken, and by whom.
//!
//! To wake a thread out of the system's wait costs a system call, so it is made only for a thread
//! that waits, and once.
//!
//! | state | the thread at the reactor | `ring` | `lie_down` | `get_up` |
//! |---|---|---|---|---|
//! | `AWAKE` | is elsewhere, or hands out events | → `RUNG` | → `WAITING`: may wait | – |
//! | `WAITING` | waits in the system, or is about to | → `RUNG`, and wakes it | – | → `AWAKE` |
//! | `RUNG` | must not wait, or is being woken | stays | → `AWAKE`: must not wait | → `AWAKE` |
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `ring`: swap | Release | `get_up` | what led to the ring is seen by the thread that answers it |
//! | `get_up`: swap | Acquire | every `ring` since the last one | as above; later rings are read-modify-writes and keep the earlier ones' release alive |
//! | `lie_down`: exchange | Relaxed | – | it publishes nothing; a ring that it finds is answered by `get_up` |
//!
//! # No ring is lost
//!
//! All three are read-modify-writes of one word, so one comes first. A `ring` before `lie_down`
//! is found by it (or by the `get_up` before): the thread does not wait. A `ring` after `lie_down`
//! finds `WAITING` and makes the system call, which ends a wait that has begun and one that is
//! about to begin. A second `ring` finds `RUNG`: the first one's system call is still under way to
//! the same wait. `model.rs` checks this.

use crate::sync::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

#[cfg(all(test, tokio_loom))]
mod model;

#[derive(Debug)]
pub(crate) struct Doorbell(AtomicUsize);

const AWAKE: usize = 0;
const WAITING: usize = 1;
const RUNG: usize = 2;

/// What a thread at the reactor may do after [`Doorbell::lie_down`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Wait {
    /// Wait for events; `get_up` afterwards.
    Allowed,
    /// Only look: someone rang.
    Forbidden,
}

impl Doorbell {
    pub(crate) fn new() -> Self {
        Doorbell(AtomicUsize::new(AWAKE))
    }

    /// The thread at the reactor wants to wait. Answers the rings so far.
    #[inline]
    pub(crate) fn lie_down(&self) -> Wait {
        match self.0.compare_exchange(AWAKE, WAITING, Relaxed, Relaxed) {
            Ok(_) => Wait::Allowed,
            Err(_) => {
                self.get_up();
                Wait::Forbidden
            }
        }
    }

    /// The thread at the reactor waits no more. Answers the rings so far.
    #[inline]
    pub(crate) fn get_up(&self) {
        self.0.swap(AWAKE, Acquire);
    }

    /// Makes the thread at the reactor come back soon; true if it has to be woken for that.
    #[inline]
    #[must_use]
    pub(crate) fn ring(&self) -> bool {
        self.0.swap(RUNG, Release) == WAITING
    }
}
