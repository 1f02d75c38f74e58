//! A std socket that comes to a reactor when it is first polled.

use crate::late_source::LateSource;
use crate::{Direction, Handle, PollEvented, Ready};
use std::fmt;
use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Poll;
use tokio_task::Caller;

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
/// let address = socket.with(|s| s.local_addr(), |s| s.local_addr())?;
///
/// let sent = futures03::executor::block_on(poll_fn(|cx| {
///     socket.poll_io(cx.into(), Direction::Write, |s| s.send_to(b"to myself", address))
/// }))?;
/// assert_eq!(sent, 9);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct LateBound<S: LateSource> {
    /// The socket until it is bound. Its own lock, held while it is bound.
    unbound: Mutex<Option<S>>,
    bound: OnceLock<PollEvented<S::Source>>,
    /// There may be another descriptor of the socket. Relaxed: set with a `&self` in hand, read
    /// with the whole.
    shared: AtomicBool,
}

impl<S: LateSource> LateBound<S> {
    /// Keeps `socket`, which must be in non-blocking mode, until it is polled.
    pub fn new(socket: S) -> Self {
        LateBound::unbound(socket, true)
    }

    /// As [`new`](LateBound::new), for a socket of which there is no other descriptor, in any
    /// process: one that was made or accepted just now.
    ///
    /// Where closing the only descriptor takes a socket out of the system's queue, dropping this
    /// does just that, and saves a system call. So whoever duplicates the descriptor, or lends it
    /// to code that may, calls [`share`](LateBound::share) first; `as_raw_fd` does.
    pub fn sole(socket: S) -> Self {
        LateBound::unbound(socket, false)
    }

    fn unbound(socket: S, shared: bool) -> Self {
        LateBound {
            unbound: Mutex::new(Some(socket)),
            bound: OnceLock::new(),
            shared: AtomicBool::new(shared),
        }
    }

    /// Says that there may be another descriptor of the socket from now on.
    pub fn share(&self) {
        self.shared.store(true, Relaxed);
    }

    /// Binds `socket` to the reactor of `handle` now, or for the default handle when it is polled.
    ///
    /// # Errors
    ///
    /// If the reactor is gone, and if the system refuses. `socket` is dropped then.
    pub fn with_handle(socket: S, handle: &Handle) -> io::Result<Self> {
        if !handle.names_reactor() {
            return Ok(LateBound::new(socket));
        }
        let bound = PollEvented::new_with_handle(socket.into_source(), handle)?;
        Ok(LateBound {
            unbound: Mutex::new(None),
            bound: OnceLock::from(bound),
            shared: AtomicBool::new(true),
        })
    }

    /// The source, which is bound to the default reactor of this thread if it is not yet.
    ///
    /// # Errors
    ///
    /// If there is no reactor and none can be started, if it is gone, and if the system refuses.
    /// The socket stays as it was: the next call tries again.
    #[inline]
    pub fn get(&self) -> io::Result<&PollEvented<S::Source>> {
        match self.bound.get() {
            Some(bound) => Ok(bound),
            None => self.bind(),
        }
    }

    #[cold]
    fn bind(&self) -> io::Result<&PollEvented<S::Source>> {
        let mut unbound = self.lock();
        if let Some(socket) = unbound.take() {
            match PollEvented::try_bind(socket.into_source(), &Handle::default()) {
                Ok(bound) => drop(self.bound.set(bound)),
                Err((error, source)) => {
                    *unbound = Some(S::from_source(source));
                    return Err(error);
                }
            }
        }
        self.bound.get().ok_or_else(|| io::Error::other("the socket was lost while it was bound"))
    }

    /// [`PollEvented::poll_io`], after binding if need be.
    ///
    /// # Errors
    ///
    /// Those of [`get`](LateBound::get), and of [`PollEvented::poll_io`].
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_io`].
    #[inline]
    pub fn poll_io<R>(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        op: impl FnMut(&S::Source) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        self.get()?.poll_io(caller, direction, op)
    }

    /// [`PollEvented::poll_stream_io`], after binding if need be.
    ///
    /// # Errors
    ///
    /// Those of [`get`](LateBound::get), and of [`PollEvented::poll_stream_io`].
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
        op: impl FnMut(&S::Source) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        self.get()?.poll_stream_io(caller, direction, wanted, op)
    }

    /// [`PollEvented::poll_ready`], after binding if need be.
    ///
    /// # Errors
    ///
    /// Those of [`get`](LateBound::get), and of [`PollEvented::poll_ready`].
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_ready`].
    pub fn poll_ready(&self, caller: Caller<'_>, direction: Direction) -> Poll<io::Result<Ready>> {
        self.get()?.poll_ready(caller, direction)
    }

    /// [`PollEvented::report_closed`]. Before the socket is bound nobody waits, and this does
    /// nothing: the first operation afterwards is tried at once.
    ///
    /// # Panics
    ///
    /// As [`PollEvented::report_closed`].
    pub fn report_closed(&self, how: Shutdown) {
        if let Some(bound) = self.bound.get() {
            bound.report_closed(how);
        }
    }

    /// Shows the socket as it is, without binding it.
    ///
    /// Until the socket is bound its lock is held meanwhile: the closures must not come back to
    /// `self`.
    pub fn with<R>(&self, unbound: impl FnOnce(&S) -> R, bound: impl FnOnce(&S::Source) -> R) -> R {
        if self.bound.get().is_none() {
            let socket = self.lock();
            if let Some(socket) = &*socket {
                return unbound(socket);
            }
        }
        bound(self.bound.get().expect(SOMEWHERE).get_ref())
    }

    /// The descriptor, borrowed, whether bound or not: for socket options.
    #[cfg(unix)]
    pub fn with_fd<R>(&self, f: impl FnOnce(std::os::fd::BorrowedFd<'_>) -> R) -> R
    where
        S: std::os::fd::AsFd,
        S::Source: std::os::fd::AsFd,
    {
        use std::os::fd::AsFd;
        if self.bound.get().is_none() {
            let socket = self.lock();
            if let Some(socket) = &*socket {
                return f(socket.as_fd());
            }
        }
        f(self.bound.get().expect(SOMEWHERE).get_ref().as_fd())
    }

    /// The system's socket, borrowed, whether bound or not: for socket options.
    #[cfg(windows)]
    pub fn with_socket<R>(&self, f: impl FnOnce(std::os::windows::io::BorrowedSocket<'_>) -> R) -> R
    where
        S: std::os::windows::io::AsSocket,
        S::Source: std::os::windows::io::AsSocket,
    {
        use std::os::windows::io::AsSocket;
        if self.bound.get().is_none() {
            let socket = self.lock();
            if let Some(socket) = &*socket {
                return f(socket.as_socket());
            }
        }
        f(self.bound.get().expect(SOMEWHERE).get_ref().as_socket())
    }

    /// The socket, taken out of its reactor if it was bound. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the system refuses; the socket is dropped then.
    pub fn into_socket(mut self) -> io::Result<S> {
        match self.bound.take() {
            Some(bound) => bound.into_inner().map(S::from_source),
            None => Ok(self.lock().take().expect(SOMEWHERE)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<S>> {
        self.unbound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const SOMEWHERE: &str = "a socket is either bound or not";

impl<S: LateSource> Drop for LateBound<S> {
    fn drop(&mut self) {
        if CLOSING_DEREGISTERS && !*self.shared.get_mut() {
            if let Some(bound) = self.bound.take() {
                bound.close();
            }
        }
    }
}

/// Where a socket leaves the system's queue when its last descriptor is closed. Elsewhere it is
/// `mio` that keeps the queue.
const CLOSING_DEREGISTERS: bool = cfg!(any(
    target_os = "android",
    target_os = "linux",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
));

#[cfg(unix)]
impl<S: LateSource> std::os::fd::AsRawFd for LateBound<S>
where
    S: std::os::fd::AsRawFd,
    S::Source: std::os::fd::AsRawFd,
{
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.share();
        self.with(S::as_raw_fd, <S::Source>::as_raw_fd)
    }
}

#[cfg(windows)]
impl<S: LateSource> std::os::windows::io::AsRawSocket for LateBound<S>
where
    S: std::os::windows::io::AsRawSocket,
    S::Source: std::os::windows::io::AsRawSocket,
{
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        self.with(S::as_raw_socket, <S::Source>::as_raw_socket)
    }
}

impl<S: LateSource> fmt::Debug for LateBound<S>
where
    S: fmt::Debug,
    S::Source: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = "LateBound";
        match self.bound.get() {
            Some(bound) => f.debug_tuple(name).field(bound.get_ref()).finish(),
            None => f.debug_tuple(name).field(&*self.lock()).finish(),
        }
    }
}
