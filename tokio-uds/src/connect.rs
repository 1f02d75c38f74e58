//! From an address to a stream: an attempt that starts at the call and ends at a poll.

use crate::UnixStream;
use futures::{Future as Future01, Poll as Poll01};
use socket2::{Domain, SockAddr, Socket, Type};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::io;
use std::mem;
use std::os::unix::net;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;
use tokio_reactor::{Backoff, Direction, LateBound};
use tokio_task::{poll_proceed, to_futures01, Caller};

/// A connection attempt; made by [`UnixStream::connect`].
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. Where a std
/// `Future` is asked for, as by `join!`, pass `connect.into_future()`.
///
/// The attempt starts with the call that makes this, not with the first poll. Dropping the future
/// closes the socket and ends the attempt.
///
/// # When the listener's queue is full
///
/// Then Linux neither connects nor tells when there is room. So the attempt is repeated, after 1 ms
/// at first and twice as long each time up to 100 ms, until the listener has accepted somebody or
/// is gone; it takes as long as that takes. Where there is room again, attempts do not queue up
/// in any order. Other systems refuse the connection: `ConnectionRefused`.
///
/// # Errors
///
/// What went wrong is reported by the poll, also what went wrong at the start: `NotFound` if there
/// is nothing at the path, `ConnectionRefused` if nobody listens there (any more), `InvalidInput`
/// if the path is too long for the system (about 100 bytes) or has a zero byte, `PermissionDenied`
/// and other errors of the system. Never `WouldBlock`.
///
/// # Panics
///
/// If it is polled again after it completed.
#[must_use = "a connection attempt that is dropped is given up"]
pub struct ConnectFuture {
    attempt: Attempt,
}

/// How far an attempt is.
enum Attempt {
    /// The system has connected it at once.
    Stands(Socket),
    /// The system goes on with it, and the socket will be writable.
    Waits(LateBound<net::UnixStream>),
    /// The listener's queue was full, and the socket is as it was.
    Full(Full),
    Failed(io::Error),
    Over,
}

struct Full {
    socket: Socket,
    addr: SockAddr,
    pause: Backoff,
    /// How long the next pause is.
    next: Duration,
}

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl ConnectFuture {
    pub(crate) fn start(addr: io::Result<SockAddr>) -> Self {
        let attempt = addr.and_then(|addr| {
            let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
            socket.set_nonblocking(true)?;
            Ok(begin(Full { socket, addr, pause: Backoff::new(), next: FIRST_PAUSE }))
        });
        ConnectFuture { attempt: attempt.unwrap_or_else(Attempt::Failed) }
    }

    /// Completes when the connection stands or has failed. The one definition, for either
    /// generation.
    ///
    /// # Panics
    ///
    /// If it completed before, or if it has to wait for `Caller::Futures01` outside a futures 0.1
    /// task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<UnixStream>> {
        ready!(poll_proceed(caller));
        if let Attempt::Full(full) = &mut self.attempt {
            ready!(full.pause.poll_elapsed(caller));
            let Attempt::Full(full) = mem::replace(&mut self.attempt, Attempt::Over) else {
                unreachable!("looked at above")
            };
            self.attempt = begin(full);
        }
        let answer = match &mut self.attempt {
            Attempt::Full(full) => {
                full.pause.start(full.next);
                full.next = (2 * full.next).min(LONGEST_PAUSE);
                if full.pause.poll_elapsed(caller).is_ready() {
                    // Not even a reactor to wait by could be had: other tasks run in between.
                    caller.wake();
                }
                return Poll::Pending;
            }
            Attempt::Waits(io) => ready!(io.poll_io(caller, Direction::Write, answer)),
            _ => Ok(()),
        };
        Poll::Ready(match mem::replace(&mut self.attempt, Attempt::Over) {
            Attempt::Stands(socket) => Ok(UnixStream::of(LateBound::sole(socket.into()))),
            Attempt::Waits(io) => answer.map(|()| UnixStream::of(io)),
            Attempt::Failed(error) => Err(error),
            Attempt::Full(_) | Attempt::Over => panic!("`ConnectFuture` polled after it completed"),
        })
    }
}

/// Connects a non-blocking socket, or begins to. An interrupted attempt goes on in the background
/// as well.
fn begin(attempt: Full) -> Attempt {
    match attempt.socket.connect(&attempt.addr) {
        Ok(()) => Attempt::Stands(attempt.socket),
        Err(error) => match error.raw_os_error() {
            Some(libc::EINPROGRESS | libc::EINTR) => {
                Attempt::Waits(LateBound::sole(attempt.socket.into()))
            }
            _ if error.kind() == io::ErrorKind::WouldBlock => Attempt::Full(attempt),
            _ => Attempt::Failed(error),
        },
    }
}

/// How the attempt went: writable alone proves nothing, so the socket is asked for its error, and
/// then whether it has a peer.
fn answer(socket: &mio::net::UnixStream) -> io::Result<()> {
    if let Some(error) = socket.take_error()? {
        return Err(error);
    }
    match socket.peer_addr() {
        Err(error) if error.kind() == io::ErrorKind::NotConnected => {
            Err(io::ErrorKind::WouldBlock.into())
        }
        result => result.map(drop),
    }
}

impl Future01 for ConnectFuture {
    type Item = UnixStream;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<UnixStream, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl IntoFuture for ConnectFuture {
    type Output = io::Result<UnixStream>;
    type IntoFuture = Connecting;

    fn into_future(self) -> Connecting {
        Connecting(self)
    }
}

impl fmt::Debug for ConnectFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectFuture").finish_non_exhaustive()
    }
}

/// A [`ConnectFuture`] as a std `Future`.
#[derive(Debug)]
#[must_use = "a connection attempt that is dropped is given up"]
pub struct Connecting(ConnectFuture);

impl Future for Connecting {
    type Output = io::Result<UnixStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
