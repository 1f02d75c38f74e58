//! What the halves of a channel share, bounded or not: the queue, and who waits for it.
//!
//! # The receiver is woken
//!
//! | event | by | the receiver, before that |
//! |---|---|---|
//! | the value that it waits for | the sender that finds its place `AWAITED` | registers, then marks the place, then looks at the rest |
//! | the last sender is dropped | that sender: closes the queue, then wakes | registers, then looks whether the queue is closed and drained |
//! | a place that was kept is given back after `close` | that sender: gives it back, then wakes | registers, then looks whether all have been given back |
//!
//! In each row the one side changes the condition and then touches the cell, and the other touches
//! the cell and then looks at the condition: `WaiterCell` says why no wake is lost.
//!
//! Counting senders: down by AcqRel, so that whoever drops the last one has seen all that the
//! others pushed before it closes the queue; up by Relaxed, as whoever clones has one. (No model
//! can show this: loom lets every read-modify-write see the newest value.)

#[cfg(all(test, tokio_loom))]
mod model;

use super::queue::{Queue, Receiver};
use crate::sync::AtomicUsize;
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::task::{ready, Poll};
use tokio_task::{poll_proceed, Caller, WaiterCell};

pub(super) struct Chan<T> {
    queue: Queue<T>,
    rx: WaiterCell,
    senders: AtomicUsize,
}

impl<T> Chan<T> {
    /// With one sender and one receiver.
    pub(super) fn new() -> Self {
        Chan { queue: Queue::new(), rx: WaiterCell::new(), senders: AtomicUsize::new(1) }
    }

    #[inline]
    pub(super) fn send(&self, value: T) -> Result<(), T> {
        if self.queue.push(value)? == Receiver::Waits {
            self.rx.wake();
        }
        Ok(())
    }

    /// The next value; `None` once there will be none. `ended` tells whether that is so for a
    /// reason other than that the queue is closed and empty.
    ///
    /// # Safety
    ///
    /// Only for the receiver.
    #[inline]
    pub(super) unsafe fn poll_recv(
        &self,
        caller: Caller<'_>,
        ended: impl Fn() -> bool,
    ) -> Poll<Option<T>> {
        ready!(poll_proceed(caller));
        // SAFETY: it is the receiver who calls this.
        if let Some(value) = unsafe { self.queue.pop() } {
            return Poll::Ready(Some(value));
        }
        // SAFETY: as above.
        unsafe { self.wait(caller, ended) }
    }

    /// # Safety
    ///
    /// Only for the receiver.
    unsafe fn wait(&self, caller: Caller<'_>, ended: impl Fn() -> bool) -> Poll<Option<T>> {
        // SAFETY: it is the receiver who calls this, here and below.
        let ended = || unsafe { self.queue.is_drained() } || ended();
        if ended() {
            return Poll::Ready(None);
        }
        // Another task waited with this receiver before; it has given it away.
        drop(self.rx.register(caller));
        // SAFETY: as above.
        if !unsafe { self.queue.wait() } {
            // SAFETY: as above.
            return Poll::Ready(unsafe { self.queue.pop() });
        }
        if ended() {
            return Poll::Ready(None);
        }
        Poll::Pending
    }

    /// Wakes the receiver to look whether it has ended.
    pub(super) fn wake_receiver(&self) {
        self.rx.wake();
    }

    /// Takes no value any more.
    pub(super) fn close(&self) {
        self.queue.close();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// The receiver goes: takes no value any more, and drops those that are here.
    ///
    /// # Safety
    ///
    /// Only for the receiver.
    pub(super) unsafe fn drop_receiver(&self) {
        self.queue.close();
        self.rx.clear();
        // SAFETY: it is the receiver who calls this.
        while let Some(value) = unsafe { self.queue.pop() } {
            drop(value);
        }
    }

    pub(super) fn add_sender(&self) {
        self.senders.fetch_add(1, Relaxed);
    }

    pub(super) fn drop_sender(&self) {
        if self.senders.fetch_sub(1, AcqRel) == 1 {
            self.queue.close();
            self.rx.wake();
        }
    }
}
