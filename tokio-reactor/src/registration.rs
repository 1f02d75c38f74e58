//! The slot of a source that someone else holds.

use crate::binding::Binding;
use crate::slot::Flags;
use crate::{Direction, Handle, Ready};
use futures::Poll as Poll01;
use mio::event::Source;
use std::io;
use std::sync::atomic::{
    AtomicBool,
    Ordering::{AcqRel, Release},
};
use std::sync::OnceLock;
use std::task::{ready, Poll};
use tokio_task::{poll_proceed, to_futures01, Caller};

/// Readiness of a source that is kept elsewhere.
///
/// It is made unregistered, then registered once with a source. It reports each readiness once:
/// what a `poll_*_ready` or `take_*_ready` has returned is not returned again until the system
/// reports it again, so use the source until it would block. Only a close is reported every time.
///
/// At most one task is meant to wait in each direction; if there are more, all of them are woken.
/// [`PollEvented`](crate::PollEvented), which holds its source, is easier to use.
///
/// Deregister before the source is dropped: a registration cannot do that by itself. Dropping it
/// frees its place in the reactor, and what the system still reports is ignored.
///
/// ```
/// use mio::net::UdpSocket;
/// use tokio_reactor::{Reactor, Registration};
///
/// let mut reactor = Reactor::new()?;
/// let mut socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// let mut registration = Registration::new();
/// assert!(registration.register_with(&mut socket, &reactor.handle())?);
///
/// reactor.turn(None)?;
/// assert!(registration.take_write_ready()?.is_some());
/// assert!(registration.take_read_ready()?.is_none());
/// registration.deregister(&mut socket)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Registration {
    /// Someone is registering, or has.
    claimed: AtomicBool,
    binding: OnceLock<Binding>,
}

impl Registration {
    /// Not registered yet.
    pub fn new() -> Registration {
        Registration::default()
    }

    /// Registers `io` with the default reactor; see [`Handle`].
    ///
    /// # Errors
    ///
    /// As for [`register_with`](Registration::register_with).
    pub fn register<T: Source + ?Sized>(&self, io: &mut T) -> io::Result<bool> {
        self.register_with(io, &Handle::default())
    }

    /// Registers `io` with the reactor of `handle`.
    ///
    /// False if this is registered already, or being registered by another thread: then nothing
    /// has been done to `io`.
    ///
    /// # Errors
    ///
    /// If the reactor is gone, if there is no reactor and none can be started, and if the system
    /// refuses, for instance because `io` is registered already. This stays unregistered then.
    pub fn register_with<T: Source + ?Sized>(
        &self,
        io: &mut T,
        handle: &Handle,
    ) -> io::Result<bool> {
        if self.claimed.swap(true, AcqRel) {
            return Ok(false);
        }
        let claim = Claim(&self.claimed);
        let binding = Binding::bind(io, handle.resolve()?)?;
        std::mem::forget(claim);
        Ok(self.binding.set(binding).is_ok())
    }

    /// Takes `io`, which this was registered with, out of the reactor again. After that this may
    /// be registered anew.
    ///
    /// # Errors
    ///
    /// If this is not registered, and if the system refuses; the place in the reactor is free
    /// even then.
    pub fn deregister<T: Source + ?Sized>(&mut self, io: &mut T) -> io::Result<()> {
        let binding = self.binding.take().ok_or_else(unregistered)?;
        *self.claimed.get_mut() = false;
        binding.deregister(io)
    }

    /// Takes the readiness to read, or registers the futures 0.1 task.
    ///
    /// # Errors
    ///
    /// If this is not registered, or the reactor is gone.
    ///
    /// # Panics
    ///
    /// When it is not ready, outside a futures 0.1 task.
    pub fn poll_read_ready(&self) -> Poll01<Ready, io::Error> {
        to_futures01(self.poll_ready(Caller::Futures01, Direction::Read))
    }

    /// Takes the readiness to read, if any. Registers nobody.
    ///
    /// # Errors
    ///
    /// If this is not registered, or the reactor is gone.
    pub fn take_read_ready(&self) -> io::Result<Option<Ready>> {
        self.take(Direction::Read)
    }

    /// Takes the readiness to write, or registers the futures 0.1 task.
    ///
    /// # Errors
    ///
    /// If this is not registered, or the reactor is gone.
    ///
    /// # Panics
    ///
    /// When it is not ready, outside a futures 0.1 task.
    pub fn poll_write_ready(&self) -> Poll01<Ready, io::Error> {
        to_futures01(self.poll_ready(Caller::Futures01, Direction::Write))
    }

    /// Takes the readiness to write, if any. Registers nobody.
    ///
    /// # Errors
    ///
    /// If this is not registered, or the reactor is gone.
    pub fn take_write_ready(&self) -> io::Result<Option<Ready>> {
        self.take(Direction::Write)
    }

    /// Takes the readiness in `direction`, or registers `caller`, of either generation.
    ///
    /// `Pending`, with `caller` woken, also when the task has used up its turn.
    ///
    /// # Errors
    ///
    /// If this is not registered, or the reactor is gone.
    pub fn poll_ready(&self, caller: Caller<'_>, direction: Direction) -> Poll<io::Result<Ready>> {
        let binding = self.binding()?;
        loop {
            ready!(binding.poll_ready(caller, direction, Flags::REPORTED))?;
            ready!(poll_proceed(caller));
            // Another thread may have taken it meanwhile.
            if let Some(seen) = binding.take(direction)? {
                return Poll::Ready(Ok(seen.ready(direction)));
            }
        }
    }

    fn take(&self, direction: Direction) -> io::Result<Option<Ready>> {
        Ok(self.binding()?.take(direction)?.map(|seen| seen.ready(direction)))
    }

    fn binding(&self) -> io::Result<&Binding> {
        self.binding.get().ok_or_else(unregistered)
    }
}

/// Given up when dropped: registering failed.
struct Claim<'a>(&'a AtomicBool);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.0.store(false, Release);
    }
}

fn unregistered() -> io::Error {
    io::Error::other("the registration has no source yet: call `register` first")
}
