//! A std socket that comes to a reactor when it is first polled.

use crate::binding::Binding;
use crate::late_source::LateSource;
use crate::slot::Flags;
use crate::{Direction, Handle, Ready};
use futures::Poll as Poll01;
use std::fmt;
use std::io;
use std::net::Shutdown;
use std::task::{ready, Poll};
use tokio_task::{to_futures01, Caller};

#[cfg(doc)]
use crate::PollEvented;

// Each system uses one of the two.
#[cfg(unix)]
#[allow(dead_code)]
mod in_place;
#[allow(dead_code)]
mod locked;
#[cfg(all(test, not(tokio_loom)))]
mod tests;

by_queue! {
    use self::in_place::InPlace as Place;
    use self::locked::Locked as Place;
}

/// A std socket, and from its first poll on a source of the reactor that was the default one
/// where that happened.
///
/// So a listener can be bound before there is a runtime, and belongs to the runtime that serves
/// it. Serves both generations.
///
/// ```
/// use std::net::UdpSocket;
/// use std::future::poll_fn;
/// use tokio_reactor::{Direction, LateBound};
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// socket.set_nonblocking(true)?;
/// let socket = LateBound::new(socket);
/// let address = socket.with(|s| s.local_addr())?;
///
/// let sent = futures03::executor::block_on(poll_fn(|cx| {
///     socket.poll_io(cx.into(), Direction::Write, |s| s.send_to(b"to myself", address))
/// }))?;
/// assert_eq!(sent, 9);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct LateBound<S: LateSource> {
    place: Place<S>,
}

impl<S: LateSource> LateBound<S> {
    /// Keeps `socket`, which must be in non-blocking mode, until it is polled.
    pub fn new(socket: S) -> Self {
        LateBound { place: Place::new(socket, true) }
    }

    /// As [`new`](LateBound::new), for a socket of which there is no other descriptor, in any
    /// process: one that was made or accepted just now.
    ///
    /// Where closing the only descriptor takes a socket out of the system's queue, dropping this
    /// does just that, and saves a system call. So whoever duplicates the descriptor, or lends it
    /// to code that may, calls [`share`](LateBound::share) first; `as_raw_fd` does.
    pub fn sole(socket: S) -> Self {
        LateBound { place: Place::new(socket, false) }
    }

    /// Says that there may be another descriptor of the socket from now on.
    pub fn share(&self) {
        self.place.share();
    }

    /// Binds `socket` to the reactor of `handle` now, or for the default handle when it is polled.
    ///
    /// # Errors
    ///
    /// If the reactor is gone, and if the system refuses. `socket` is dropped then.
    pub fn with_handle(socket: S, handle: &Handle) -> io::Result<Self> {
        let late = LateBound::new(socket);
        if handle.names_reactor() {
            late.place.bind(handle)?;
        }
        Ok(late)
    }

    /// Binds the socket to the default reactor of this thread, if it is not bound yet: what the
    /// first poll does.
    ///
    /// # Errors
    ///
    /// If there is no reactor and none can be started, if it is gone, and if the system refuses.
    /// The socket stays as it was: the next call tries again.
    pub fn bind(&self) -> io::Result<()> {
        self.bound().map(drop)
    }

    #[inline]
    fn bound(&self) -> io::Result<(&S::Source, &Binding)> {
        match self.place.bound() {
            Some(bound) => Ok(bound),
            None => self.bind_now(),
        }
    }

    #[cold]
    fn bind_now(&self) -> io::Result<(&S::Source, &Binding)> {
        self.place.bind(&Handle::default())
    }

    /// [`PollEvented::poll_io`], after binding if need be.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](LateBound::bind), and of [`PollEvented::poll_io`].
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_io`].
    #[inline]
    pub fn poll_io<R>(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        mut op: impl FnMut(&S::Source) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let (io, binding) = self.bound()?;
        binding.poll_op(caller, direction, || op(io))
    }

    /// [`PollEvented::poll_stream_io`], after binding if need be.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](LateBound::bind), and of [`PollEvented::poll_stream_io`].
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_io`].
    #[inline]
    pub fn poll_stream_io(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        wanted: usize,
        mut op: impl FnMut(&S::Source) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let (io, binding) = self.bound()?;
        binding.poll_stream_op(caller, direction, wanted, || op(io))
    }

    /// [`PollEvented::poll_ready`], after binding if need be.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](LateBound::bind), and of [`PollEvented::poll_ready`].
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_ready`].
    pub fn poll_ready(&self, caller: Caller<'_>, direction: Direction) -> Poll<io::Result<Ready>> {
        let (_, binding) = self.bound()?;
        let seen = ready!(binding.poll_reported(caller, direction, Flags::REPORTED))?;
        Poll::Ready(Ok(seen.ready(direction)))
    }

    /// [`PollEvented::poll_read_ready`], after binding if need be; it stays ready until an operation
    /// in [`poll_io`](LateBound::poll_io) would block.
    ///
    /// # Errors
    ///
    /// Those of [`bind`](LateBound::bind), and of [`PollEvented::poll_read_ready`].
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_read_ready`].
    pub fn poll_read_ready(&self, mask: Ready) -> Poll01<Ready, io::Error> {
        let (until, (_, binding)) = (Flags::to_read(mask), self.bound()?);
        let seen = binding.poll_reported(Caller::Futures01, Direction::Read, until);
        to_futures01(seen.map_ok(|seen| seen.ready(Direction::Read)))
    }

    /// [`PollEvented::poll_write_ready`], after binding if need be; as
    /// [`poll_read_ready`](LateBound::poll_read_ready).
    ///
    /// # Errors
    ///
    /// Those of [`bind`](LateBound::bind), and of [`PollEvented::poll_write_ready`].
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_write_ready`].
    pub fn poll_write_ready(&self) -> Poll01<Ready, io::Error> {
        to_futures01(self.poll_ready(Caller::Futures01, Direction::Write))
    }

    /// [`PollEvented::report_closed`], also if the socket is bound only later.
    ///
    /// # Panics
    ///
    /// As [`PollEvented::report_closed`].
    pub fn report_closed(&self, how: Shutdown) {
        self.place.report(Ready::closed_by(how));
    }

    /// Shows the socket as it is, bound or not, without binding it.
    ///
    /// Where it has to be locked until it is bound, its lock is held meanwhile: `f` must not come
    /// back to `self`.
    pub fn with<R>(&self, f: impl FnOnce(&S::Source) -> R) -> R {
        self.place.with(f)
    }

    /// The socket, taken out of its reactor if it was bound. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the system refuses; the socket is dropped then.
    pub fn into_socket(self) -> io::Result<S> {
        self.place.take()
    }
}

#[cfg(unix)]
impl<S: LateSource> std::os::fd::AsRawFd for LateBound<S> {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.share();
        self.with(|socket| socket.as_raw_fd())
    }
}

#[cfg(windows)]
impl<S: LateSource> std::os::windows::io::AsRawSocket for LateBound<S>
where
    S::Source: std::os::windows::io::AsRawSocket,
{
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        self.with(|socket| socket.as_raw_socket())
    }
}

impl<S: LateSource> fmt::Debug for LateBound<S>
where
    S::Source: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|socket| f.debug_tuple("LateBound").field(socket).finish())
    }
}
