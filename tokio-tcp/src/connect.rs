//! From an address to a stream: an attempt that starts at the call and ends at a poll.

use crate::TcpStream;
use futures::{Future as Future01, Poll as Poll01};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::io;
use std::net::{self, SocketAddr};
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_reactor::{Direction, Handle, LateBound};
use tokio_task::{to_futures01, Caller};

/// A connection attempt; made by [`TcpStream::connect`].
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. Where a std
/// `Future` is asked for, as by `join!`, pass `connect.into_future()`.
///
/// The attempt starts with the call that makes this, not with the first poll. At the first poll
/// the socket binds to a reactor. Dropping the future closes the socket and ends the attempt.
///
/// # Errors
///
/// What went wrong is reported by the poll, also what went wrong at the start: `ConnectionRefused`
/// if nobody listens there, `TimedOut` if nobody answers for as long as the system waits,
/// `HostUnreachable`, `AddrNotAvailable` and other errors of the system.
///
/// # Panics
///
/// If it is polled again after it completed.
#[must_use = "a connection attempt that is dropped is given up"]
pub struct ConnectFuture {
    /// `None` once completed.
    attempt: Option<io::Result<LateBound<net::TcpStream>>>,
}

impl ConnectFuture {
    pub(crate) fn start(addr: &SocketAddr) -> Self {
        let attempt = Socket::new(Domain::for_address(*addr), Type::STREAM, Some(Protocol::TCP))
            .and_then(|socket| {
                socket.set_nonblocking(true)?;
                begin(&socket, addr)?;
                Ok(LateBound::sole(socket.into()))
            });
        ConnectFuture { attempt: Some(attempt) }
    }

    pub(crate) fn start_with(stream: net::TcpStream, addr: &SocketAddr, handle: &Handle) -> Self {
        let attempt = stream
            .set_nonblocking(true)
            .and_then(|()| begin(&SockRef::from(&stream), addr))
            .and_then(|()| LateBound::with_handle(stream, handle));
        ConnectFuture { attempt: Some(attempt) }
    }

    /// Completes when the connection stands or has failed. The one definition, for either
    /// generation.
    ///
    /// # Panics
    ///
    /// If it completed before, or if it has to wait for `Caller::Futures01` outside a futures 0.1
    /// task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<TcpStream>> {
        let outcome = match &self.attempt {
            Some(Ok(io)) => ready!(io.poll_io(caller, Direction::Write, outcome)),
            Some(Err(_)) => Ok(()),
            None => panic!("`ConnectFuture` polled after it completed"),
        };
        let attempt = self.attempt.take().expect("looked at above");
        Poll::Ready(attempt.and_then(|io| outcome.map(|()| TcpStream::of(io))))
    }
}

/// Starts connecting a non-blocking socket.
fn begin(socket: &Socket, addr: &SocketAddr) -> io::Result<()> {
    match socket.connect(&(*addr).into()) {
        Err(error) if goes_on(&error) => Ok(()),
        result => result,
    }
}

/// An interrupted attempt goes on in the background as well.
#[cfg(unix)]
fn goes_on(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EINTR))
}

#[cfg(not(unix))]
fn goes_on(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

/// How the attempt went: writable alone proves nothing, so the socket is asked for its error, and
/// then whether it has a peer. In `try_io`, as mio waits anew only after it saw `WouldBlock`.
fn outcome(socket: &mio::net::TcpStream) -> io::Result<()> {
    socket.try_io(|| {
        if let Some(error) = socket.take_error()? {
            return Err(error);
        }
        match socket.peer_addr() {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {
                Err(io::ErrorKind::WouldBlock.into())
            }
            result => result.map(drop),
        }
    })
}

impl Future01 for ConnectFuture {
    type Item = TcpStream;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<TcpStream, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl IntoFuture for ConnectFuture {
    type Output = io::Result<TcpStream>;
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
    type Output = io::Result<TcpStream>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
