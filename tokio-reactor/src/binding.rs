//! A source and its slot, tied together; and what an operation does when it would block.

use crate::shared::Shared;
use crate::slot::{Flags, Gone, Seen, Slot};
use crate::slots::Key;
use crate::{Direction, Ready};
use mio::event::Source;
use mio::Interest;
use std::io;
use std::sync::Arc;
use std::task::{ready, Poll};
use tokio_task::{poll_proceed, Caller};

/// A source's slot, which is freed when this is dropped. Does not hold the source.
#[derive(Debug)]
pub(crate) struct Binding {
    shared: Arc<Shared>,
    key: Key,
}

impl Binding {
    /// Registers `io`. Frees the slot again if that fails; no lock is held meanwhile.
    pub(crate) fn bind<T: Source + ?Sized>(io: &mut T, shared: Arc<Shared>) -> io::Result<Self> {
        let key = shared.slots.occupy()?;
        let binding = Binding { shared, key };
        let both = Interest::READABLE | Interest::WRITABLE;
        binding.shared.registry.register(io, key.token(), both)?;
        Ok(binding)
    }

    /// Takes `io` out of the system's queue. Explicit even where closing would do: a child
    /// process may have inherited the descriptor and keep it open.
    pub(crate) fn deregister<T: Source + ?Sized>(&self, io: &mut T) -> io::Result<()> {
        self.shared.registry.deregister(io)
    }

    /// Ready, or `caller` will be woken.
    #[inline]
    pub(crate) fn poll_ready(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        until: Flags,
    ) -> Poll<io::Result<Seen>> {
        let ready = self.slot()?.poll_ready(caller, direction, until);
        ready.map_err(io::Error::from)
    }

    /// Tries `op` until it succeeds, fails, or would block with `caller` registered.
    #[inline]
    pub(crate) fn poll_op<R>(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        op: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.poll_seen(caller, direction, op).map_ok(|(result, _)| result)
    }

    /// The same for an operation that moves at most `wanted` bytes of a stream.
    #[inline]
    pub(crate) fn poll_stream_op(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        wanted: usize,
        op: impl FnMut() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let (moved, seen) = ready!(self.poll_seen(caller, direction, op))?;
        if SHORT_MEANS_DRAINED && 0 < moved && moved < wanted && !seen.ended(direction) {
            self.clear(seen, direction, Flags::TRY);
        }
        Poll::Ready(Ok(moved))
    }

    #[inline]
    fn poll_seen<R>(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        mut op: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<(R, Seen)>> {
        let mut may_proceed = false;
        loop {
            let seen = ready!(self.poll_ready(caller, direction, Flags::TRY))?;
            if !may_proceed {
                ready!(poll_proceed(caller));
                may_proceed = true;
            }
            match op() {
                Ok(result) => return Poll::Ready(Ok((result, seen))),
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    self.clear(seen, direction, Flags::TRY);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
    }

    /// What was `seen` is used up.
    #[inline]
    pub(crate) fn clear(&self, seen: Seen, direction: Direction, flags: Flags) {
        if let Ok(slot) = self.slot() {
            slot.clear(seen, direction, flags);
        }
    }

    /// Waits for what the system reports. Uses nothing up.
    pub(crate) fn poll_reported(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        until: Flags,
    ) -> Poll<io::Result<Seen>> {
        let seen = ready!(self.poll_ready(caller, direction, until))?;
        ready!(poll_proceed(caller));
        Poll::Ready(Ok(seen))
    }

    /// Adds an event to those that the system reports. Any thread may, also while the reactor hands
    /// out the others.
    pub(crate) fn report(&self, ready: Ready) {
        if let Ok(slot) = self.slot() {
            slot.event(self.key.generation(), ready);
        }
    }

    /// Takes what the system reported since the last time, if anything.
    pub(crate) fn take(&self, direction: Direction) -> io::Result<Option<Seen>> {
        match self.slot()?.take(direction) {
            Poll::Ready(seen) => Ok(Some(seen?)),
            Poll::Pending => Ok(None),
        }
    }

    #[inline]
    fn slot(&self) -> Result<&Slot, Gone> {
        // A slot never goes away once it had an owner.
        self.shared.slots.get(self.key).ok_or(Gone)
    }
}

impl Drop for Binding {
    fn drop(&mut self) {
        self.shared.free(self.key);
    }
}

by_queue! {
    /// Where a stream that moves less than it was asked for is drained, or full, and will be
    /// announced again.
    const SHORT_MEANS_DRAINED: bool = true;
    /// A source is armed again only by an operation that would block; and illumos was seen to lose the
    /// announcement.
    const SHORT_MEANS_DRAINED: bool = false;
}
