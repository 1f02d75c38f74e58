//! The socket. Each operation is written once, as `poll_*_with`.

mod options;

use crate::{RecvDgram, SendDgram};
use futures::Poll as Poll01;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{self, SocketAddr};
use std::task::Poll;
use tokio_reactor::{Direction, Handle, LateBound, Ready};
use tokio_task::{to_futures01, Caller};

/// A UDP socket.
///
/// It binds to a reactor when it is first polled: to the one of the runtime that polls it,
/// unless a `Handle` was given.
///
/// # Datagrams
///
/// A datagram is received whole, by one receive. What does not fit into the buffer is lost,
/// without notice on Unix, as an error on Windows. A datagram may be empty: receiving 0 bytes is
/// not the end of anything. A datagram is sent whole or not at all; sending waits only while the
/// system has no room for it.
///
/// # Errors
///
/// An error of something sent earlier, such as `ConnectionRefused` when nobody listened there,
/// surfaces at a later receive or send. (Linux reports it to connected sockets only.) The socket
/// goes on working.
///
/// # Generations
///
/// futures 0.1 uses the `poll_*` functions without `_with`, which panic if they have to wait
/// outside a futures 0.1 task, and [`send_dgram`](Self::send_dgram) and
/// [`recv_dgram`](Self::recv_dgram), which can be awaited as well. std uses the async methods.
/// Those take `&self`: several tasks may wait at once, all are woken, and each datagram goes to
/// one of them.
///
/// # Cancellation
///
/// Sending and receiving either happens within one poll or not at all: dropping a future that
/// waits loses no datagram.
///
/// # Examples
///
/// ```
/// use futures::Future;
/// use tokio_udp::UdpSocket;
///
/// # fn main() -> std::io::Result<()> {
/// let server = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap())?;
/// let client = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap())?;
///
/// let addr = server.local_addr()?;
/// let (_client, _buf) = client.send_dgram("hello", &addr).wait()?;
/// let (_server, buf, len, _from) = server.recv_dgram(vec![0; 1500]).wait()?;
/// assert_eq!(&buf[..len], b"hello");
/// # Ok(())
/// # }
/// ```
pub struct UdpSocket {
    io: LateBound<net::UdpSocket>,
}

impl UdpSocket {
    /// Makes a socket that is bound to `addr`; with port 0, to a port that the system chooses
    /// ([`local_addr`](Self::local_addr) tells it).
    ///
    /// # Errors
    ///
    /// `AddrInUse`, `AddrNotAvailable`, `PermissionDenied` and other errors of the system.
    pub fn bind(addr: &SocketAddr) -> io::Result<UdpSocket> {
        let socket = net::UdpSocket::bind(addr)?;
        socket.set_nonblocking(true)?;
        Ok(UdpSocket { io: LateBound::sole(socket) })
    }

    /// Makes a socket of a std one, which is switched to non-blocking.
    ///
    /// It binds to the reactor of `handle`; with `Handle::default()`, to that of the runtime that
    /// polls it first.
    ///
    /// # Errors
    ///
    /// If the socket's mode cannot be changed, or the reactor of `handle` is gone or refuses the
    /// socket.
    pub fn from_std(socket: net::UdpSocket, handle: &Handle) -> io::Result<UdpSocket> {
        socket.set_nonblocking(true)?;
        Ok(UdpSocket { io: LateBound::with_handle(socket, handle)? })
    }

    /// Takes the socket off the reactor and gives it back. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the reactor fails to let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<net::UdpSocket> {
        self.io.into_socket()
    }

    pub(crate) fn io(&self) -> &LateBound<net::UdpSocket> {
        &self.io
    }

    /// The address of this socket.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.local_addr())
    }

    /// The address that [`connect`](Self::connect) set.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.peer_addr())
    }

    /// Sets the address that `send` sends to; datagrams from elsewhere are no longer received.
    ///
    /// Nothing is sent and nothing waits, so this serves either generation.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn connect(&self, addr: &SocketAddr) -> io::Result<()> {
        self.io.with(|socket| socket.connect(*addr))
    }

    /// Sends a datagram to the connected address; completes with the number of its bytes.
    ///
    /// # Errors
    ///
    /// `NotConnected` (on some systems another kind) without [`connect`](Self::connect), an error
    /// of something sent earlier, or those of the system, as for a datagram that is too long.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task; so do all functions
    /// that take a caller.
    pub fn poll_send_with(&self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Write, |socket| socket.send(buf))
    }

    /// Receives a datagram from the connected address into `buf`; completes with its length.
    ///
    /// # Errors
    ///
    /// Those of the socket; see [`UdpSocket`].
    pub fn poll_recv_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Read, |socket| socket.recv(buf))
    }

    /// Sends a datagram to `target`; completes with the number of its bytes.
    ///
    /// # Errors
    ///
    /// An error of something sent earlier, or those of the system, as for a datagram that is too
    /// long.
    pub fn poll_send_to_with(
        &self,
        caller: Caller<'_>,
        buf: &[u8],
        target: &SocketAddr,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Write, |socket| socket.send_to(buf, *target))
    }

    /// Receives a datagram into `buf`; completes with its length and its sender.
    ///
    /// # Errors
    ///
    /// Those of the socket; see [`UdpSocket`].
    pub fn poll_recv_from_with(
        &self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io.poll_io(caller, Direction::Read, |socket| socket.recv_from(buf))
    }

    /// Receives like [`poll_recv_from_with`](Self::poll_recv_from_with), but leaves the datagram
    /// to be received again.
    pub fn poll_peek_from_with(
        &self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io.poll_io(caller, Direction::Read, |socket| socket.peek_from(buf))
    }

    /// [`poll_send_with`](Self::poll_send_with) for std tasks.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send_with(cx.into(), buf)).await
    }

    /// [`poll_send_with`](Self::poll_send_with) for futures 0.1.
    pub fn poll_send(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_send_with(Caller::Futures01, buf))
    }

    /// [`poll_recv_with`](Self::poll_recv_with) for std tasks.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_recv_with(cx.into(), buf)).await
    }

    /// [`poll_recv_with`](Self::poll_recv_with) for futures 0.1.
    pub fn poll_recv(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_recv_with(Caller::Futures01, buf))
    }

    /// [`poll_send_to_with`](Self::poll_send_to_with) for std tasks.
    pub async fn send_to(&self, buf: &[u8], target: &SocketAddr) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send_to_with(cx.into(), buf, target)).await
    }

    /// [`poll_send_to_with`](Self::poll_send_to_with) for futures 0.1.
    pub fn poll_send_to(&mut self, buf: &[u8], target: &SocketAddr) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_send_to_with(Caller::Futures01, buf, target))
    }

    /// [`poll_recv_from_with`](Self::poll_recv_from_with) for std tasks.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        poll_fn(|cx| self.poll_recv_from_with(cx.into(), buf)).await
    }

    /// [`poll_recv_from_with`](Self::poll_recv_from_with) for futures 0.1.
    pub fn poll_recv_from(&mut self, buf: &mut [u8]) -> Poll01<(usize, SocketAddr), io::Error> {
        to_futures01(self.poll_recv_from_with(Caller::Futures01, buf))
    }

    /// [`poll_peek_from_with`](Self::poll_peek_from_with) for std tasks.
    pub async fn peek_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        poll_fn(|cx| self.poll_peek_from_with(cx.into(), buf)).await
    }

    /// Sends `buf` as one datagram to `addr`, and then gives socket and buffer back. For either
    /// generation; see [`SendDgram`].
    pub fn send_dgram<T>(self, buf: T, addr: &SocketAddr) -> SendDgram<T>
    where
        T: AsRef<[u8]>,
    {
        SendDgram::new(self, buf, *addr)
    }

    /// Receives one datagram into `buf`, and then gives socket and buffer back. For either
    /// generation; see [`RecvDgram`].
    pub fn recv_dgram<T>(self, buf: T) -> RecvDgram<T>
    where
        T: AsMut<[u8]>,
    {
        RecvDgram::new(self, buf)
    }

    /// Waits until a receive may succeed, or until one of the other states in `mask` holds. For
    /// futures 0.1.
    ///
    /// The answer is a hint: a receive may still have to wait.
    ///
    /// # Panics
    ///
    /// If `mask` has the writable state, or if it has to wait outside a futures 0.1 task.
    pub fn poll_read_ready(&self, mask: Ready) -> Poll01<Ready, io::Error> {
        self.io.poll_read_ready(mask)
    }

    /// Waits until a send may succeed. For futures 0.1; a hint, as above.
    ///
    /// # Panics
    ///
    /// If it has to wait outside a futures 0.1 task.
    pub fn poll_write_ready(&self) -> Poll01<Ready, io::Error> {
        self.io.poll_write_ready()
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("UdpSocket");
        if let Ok(addr) = self.local_addr() {
            f.field("addr", &addr);
        }
        if let Ok(peer) = self.peer_addr() {
            f.field("peer", &peer);
        }
        f.finish_non_exhaustive()
    }
}
