//! The datagram socket. Each operation is written once, as `poll_*_with`.

use crate::delivery::Delivery;
use crate::{address, RecvDgram, SendDgram};
use futures::Poll as Poll01;
use socket2::{SockAddr, SockRef};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::Shutdown;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;
use std::task::Poll;
use tokio_reactor::{Direction, Handle, LateBound, Ready};
use tokio_task::{to_futures01, Caller};

/// A Unix datagram socket.
///
/// It binds to a reactor when it is first polled: to the one of the runtime that polls it,
/// unless a `Handle` was given. Dropping it closes it; **the file of a bound socket stays**.
///
/// # Datagrams
///
/// A datagram is received whole, by one receive. What does not fit into the buffer is lost,
/// without notice. A datagram may be empty: receiving 0 bytes is not the end of anything. A
/// datagram is sent whole or not at all, and a receiver gets all that was sent to it, in order:
/// sending waits while its queue is full (on Linux, of 10 datagrams or so).
///
/// # Full receivers
///
/// On Linux a socket is told that its *connected* receiver has room again, but not that another
/// one has, if its queue is full of others' datagrams. So [`send_to`](Self::send_to),
/// [`SendDgram`] and [`UnixDatagramFramed`](crate::UnixDatagramFramed) also try again by
/// themselves, after 1 ms at first and twice as long each time up to 100 ms. The `poll_send_to`
/// functions do not: a task that uses them in such a case has to see to it that it is polled
/// again. The BSDs and macOS report a full receiver as an error (`ENOBUFS`).
///
/// # Generations
///
/// futures 0.1 uses the `poll_*` functions without `_with`, which panic if they have to wait
/// outside a futures 0.1 task, and [`send_dgram`](Self::send_dgram) and
/// [`recv_dgram`](Self::recv_dgram), which can be awaited as well. std uses the async methods.
/// All take `&self`: several tasks may wait at once, all are woken, and each datagram goes to
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
/// use tokio_uds::UnixDatagram;
///
/// # fn main() -> std::io::Result<()> {
/// # let path = std::env::temp_dir().join(format!("tokio-uds-doc-datagram-{}", std::process::id()));
/// let server = UnixDatagram::bind(&path)?;
/// let client = UnixDatagram::unbound()?;
///
/// let exchange = client
///     .send_dgram("hello", path.clone())
///     .and_then(|_| server.recv_dgram(vec![0; 1500]))
///     .wait();
/// std::fs::remove_file(&path)?;
/// let (_server, buf, len, from) = exchange?;
/// assert_eq!((&buf[..len], &from[..]), (&b"hello"[..], "")); // from nobody in particular
/// # Ok(())
/// # }
/// ```
pub struct UnixDatagram {
    io: LateBound<net::UnixDatagram>,
}

impl UnixDatagram {
    /// Makes a socket with a file at `path`, to which others can send.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if anything is at `path`, also the file of a socket that is gone;
    /// `InvalidInput` if `path` is too long for the system (about 100 bytes) or has a zero byte;
    /// `NotFound`, `PermissionDenied` and other errors of the system.
    pub fn bind<P>(path: P) -> io::Result<UnixDatagram>
    where
        P: AsRef<Path>,
    {
        Self::nonblocking(net::UnixDatagram::bind(path)?)
    }

    /// Makes a socket with an address that may be other than a path: on Linux, a name in the
    /// abstract namespace, which leaves no file behind.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixDatagram> {
        Self::nonblocking(net::UnixDatagram::bind_addr(addr)?)
    }

    /// Makes two sockets that are connected to each other and have no address.
    ///
    /// # Errors
    ///
    /// If there are no file descriptors, and other errors of the system.
    pub fn pair() -> io::Result<(UnixDatagram, UnixDatagram)> {
        let (a, b) = net::UnixDatagram::pair()?;
        Ok((Self::nonblocking(a)?, Self::nonblocking(b)?))
    }

    /// Makes a socket without an address, to send from.
    ///
    /// # Errors
    ///
    /// If there are no file descriptors, and other errors of the system.
    pub fn unbound() -> io::Result<UnixDatagram> {
        Self::nonblocking(net::UnixDatagram::unbound()?)
    }

    fn nonblocking(socket: net::UnixDatagram) -> io::Result<UnixDatagram> {
        socket.set_nonblocking(true)?;
        Ok(UnixDatagram { io: LateBound::sole(socket) })
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
    pub fn from_std(datagram: net::UnixDatagram, handle: &Handle) -> io::Result<UnixDatagram> {
        datagram.set_nonblocking(true)?;
        Ok(UnixDatagram { io: LateBound::with_handle(datagram, handle)? })
    }

    /// Takes the socket off the reactor and gives it back. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the reactor fails to let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<net::UnixDatagram> {
        self.io.into_socket()
    }

    /// Sets the receiver that `send` sends to; datagrams from elsewhere are no longer received.
    ///
    /// Nothing is sent and nothing waits, so this serves either generation.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is nothing at `path`, `ConnectionRefused` if the socket there is gone,
    /// `InvalidInput` as for [`bind`](Self::bind), and other errors of the system.
    pub fn connect<P: AsRef<Path>>(&self, path: P) -> io::Result<()> {
        self.connect_to(&address::of_path(path.as_ref())?)
    }

    /// [`connect`](Self::connect) to an address that may be other than a path.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_addr(&self, addr: &SocketAddr) -> io::Result<()> {
        self.connect_to(&address::of_std(addr)?)
    }

    fn connect_to(&self, addr: &SockAddr) -> io::Result<()> {
        self.io.with(|socket| SockRef::from(socket).connect(addr))
    }

    /// The address of this socket: without a path, if it was not bound to one.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.local_addr())
    }

    /// The address of the connected socket: without a path, if it was not bound to one.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.peer_addr())
    }

    /// Sends a datagram to the connected socket; completes with the number of its bytes.
    ///
    /// # Errors
    ///
    /// `NotConnected` (on some systems another kind) without [`connect`](Self::connect),
    /// `ConnectionRefused` or `ConnectionReset` if the receiver is gone, or those of the system, as
    /// for a datagram that is too long.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task; so do all functions
    /// that take a caller.
    pub fn poll_send_with(&self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Write, |socket| socket.send(buf))
    }

    /// Receives a datagram into `buf`; completes with its length.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn poll_recv_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Read, |socket| socket.recv(buf))
    }

    /// Sends a datagram to the socket at `path`; completes with the number of its bytes.
    ///
    /// A full receiver may not wake the caller: see [`UnixDatagram`].
    ///
    /// # Errors
    ///
    /// `NotFound` if there is nothing at `path`, `ConnectionRefused` if the socket there is gone,
    /// `InvalidInput` as for [`bind`](Self::bind), or those of the system, as for a datagram that
    /// is too long.
    pub fn poll_send_to_with<P>(
        &self,
        caller: Caller<'_>,
        buf: &[u8],
        path: P,
    ) -> Poll<io::Result<usize>>
    where
        P: AsRef<Path>,
    {
        self.poll_deliver(caller, buf, &address::of_path(path.as_ref())?)
    }

    /// Sends when the socket has room.
    pub(crate) fn poll_deliver(
        &self,
        caller: Caller<'_>,
        buf: &[u8],
        to: &SockAddr,
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Write, |socket| SockRef::from(socket).send_to(buf, to))
    }

    /// Sends now or not at all (`WouldBlock`).
    pub(crate) fn deliver_now(&self, buf: &[u8], to: &SockAddr) -> io::Result<usize> {
        self.io.with(|socket| SockRef::from(socket).send_to(buf, to))
    }

    /// Receives a datagram into `buf`; completes with its length and its sender, whose address has
    /// a path only if its socket was bound to one.
    ///
    /// # Errors
    ///
    /// Those of the socket.
    pub fn poll_recv_from_with(
        &self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<(usize, SocketAddr)>> {
        self.io.poll_io(caller, Direction::Read, |socket| socket.recv_from(buf))
    }

    /// [`poll_send_with`](Self::poll_send_with) for std tasks.
    pub async fn send(&self, buf: &[u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_send_with(cx.into(), buf)).await
    }

    /// [`poll_send_with`](Self::poll_send_with) for futures 0.1.
    pub fn poll_send(&self, buf: &[u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_send_with(Caller::Futures01, buf))
    }

    /// [`poll_recv_with`](Self::poll_recv_with) for std tasks.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_recv_with(cx.into(), buf)).await
    }

    /// [`poll_recv_with`](Self::poll_recv_with) for futures 0.1.
    pub fn poll_recv(&self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_recv_with(Caller::Futures01, buf))
    }

    /// Sends a datagram to the socket at `path`, waiting also for a receiver that is full of
    /// others' datagrams; completes with the number of its bytes. For std tasks.
    ///
    /// # Errors
    ///
    /// As [`poll_send_to_with`](Self::poll_send_to_with).
    ///
    /// ```
    /// use tokio_uds::UnixDatagram;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("tokio-uds-doc-send-to-{}", std::process::id()));
    /// # let outcome = futures03::executor::block_on(async {
    /// let server = UnixDatagram::bind(&path)?;
    /// let client = UnixDatagram::unbound()?;
    /// client.send_to(b"hello", &path).await?;
    ///
    /// let mut buf = [0; 1500];
    /// let (len, from) = server.recv_from(&mut buf).await?;
    /// assert_eq!(&buf[..len], b"hello");
    /// assert!(from.is_unnamed());
    /// # std::io::Result::Ok(()) });
    /// # std::fs::remove_file(&path)?;
    /// # outcome
    /// # }
    /// ```
    pub async fn send_to<P>(&self, buf: &[u8], path: P) -> io::Result<usize>
    where
        P: AsRef<Path>,
    {
        let to = address::of_path(path.as_ref())?;
        let mut delivery = Delivery::new();
        poll_fn(|cx| delivery.poll_with(cx.into(), self, buf, &to)).await
    }

    /// [`send_to`](Self::send_to) an address that may be other than a path. For std tasks.
    ///
    /// # Errors
    ///
    /// As [`poll_send_to_with`](Self::poll_send_to_with).
    pub async fn send_to_addr(&self, buf: &[u8], addr: &SocketAddr) -> io::Result<usize> {
        let to = address::of_std(addr)?;
        let mut delivery = Delivery::new();
        poll_fn(|cx| delivery.poll_with(cx.into(), self, buf, &to)).await
    }

    /// [`poll_send_to_with`](Self::poll_send_to_with) for futures 0.1.
    pub fn poll_send_to<P>(&self, buf: &[u8], path: P) -> Poll01<usize, io::Error>
    where
        P: AsRef<Path>,
    {
        to_futures01(self.poll_send_to_with(Caller::Futures01, buf, path))
    }

    /// [`poll_recv_from_with`](Self::poll_recv_from_with) for std tasks.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        poll_fn(|cx| self.poll_recv_from_with(cx.into(), buf)).await
    }

    /// [`poll_recv_from_with`](Self::poll_recv_from_with) for futures 0.1.
    pub fn poll_recv_from(&self, buf: &mut [u8]) -> Poll01<(usize, SocketAddr), io::Error> {
        to_futures01(self.poll_recv_from_with(Caller::Futures01, buf))
    }

    /// Sends `buf` as one datagram to `path`, and then gives socket and buffer back. For either
    /// generation; see [`SendDgram`].
    pub fn send_dgram<T, P>(self, buf: T, path: P) -> SendDgram<T, P>
    where
        T: AsRef<[u8]>,
        P: AsRef<Path>,
    {
        SendDgram::new(self, buf, path)
    }

    /// Receives one datagram into `buf`, and then gives socket and buffer back. For either
    /// generation; see [`RecvDgram`].
    pub fn recv_dgram<T>(self, buf: T) -> RecvDgram<T>
    where
        T: AsMut<[u8]>,
    {
        RecvDgram::new(self, buf)
    }

    /// Waits until a receive may succeed, or until one of the other states in `ready` holds. For
    /// futures 0.1.
    ///
    /// The answer is a hint: a receive may still have to wait.
    ///
    /// # Panics
    ///
    /// If `ready` has the writable state, or if it has to wait outside a futures 0.1 task.
    pub fn poll_read_ready(&self, ready: Ready) -> Poll01<Ready, io::Error> {
        self.io.poll_read_ready(ready)
    }

    /// Waits until a send may succeed. For futures 0.1; a hint, as above.
    ///
    /// # Panics
    ///
    /// If it has to wait outside a futures 0.1 task.
    pub fn poll_write_ready(&self) -> Poll01<Ready, io::Error> {
        self.io.poll_write_ready()
    }

    /// The socket's pending error, which this takes away (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// If the operating system refuses to tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.with(|socket| socket.take_error())
    }

    /// Shuts down one or both directions of a connected socket, without waiting, for either
    /// generation. What was sent before can still be received.
    ///
    /// Sending fails from then on, at both ends. That nothing more will come, Linux does not say:
    /// receiving waits there.
    ///
    /// # Errors
    ///
    /// `NotConnected` if it is not connected.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.io.with(|socket| socket.shutdown(how))
    }
}

impl AsRawFd for UnixDatagram {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl fmt::Debug for UnixDatagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("UnixDatagram");
        if let Ok(addr) = self.local_addr() {
            f.field("addr", &addr);
        }
        if let Ok(peer) = self.peer_addr() {
            f.field("peer", &peer);
        }
        f.finish_non_exhaustive()
    }
}
