//! The socket that waits for connections.

use crate::{Incoming, TcpStream};
use futures::Poll as Poll01;
use socket2::{Domain, Protocol, Socket, Type};
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{self, SocketAddr};
use std::task::Poll;
use tokio_reactor::{Accepting, Handle, LateBound};
use tokio_task::{to_futures01, Caller};

/// How many connections may wait to be accepted (the system may allow fewer).
const BACKLOG: i32 = 1024;

/// Waits for connections.
///
/// It binds to a reactor when it is first polled: to the one of the runtime that polls it,
/// unless a `Handle` was given. Connections that it accepts bind by themselves in the same way.
/// Accepted sockets are non-blocking and close-on-exec. Dropping it closes it, and resets what
/// waits in its queue.
///
/// # Errors of accepting
///
/// A connection that was aborted before it was accepted is skipped, in all spellings.
///
/// While the process is out of file descriptors (or the system out of buffers), connections wait
/// in the queue. [`accept`](Self::accept) and [`Incoming`] then pause, 10 ms at first and longer
/// each time up to one second, let other tasks run, and try again. The `poll_accept` functions
/// report the error, and leave it to the caller when to try again.
///
/// # Generations
///
/// futures 0.1 uses [`incoming`](Self::incoming) or [`poll_accept`](Self::poll_accept), std uses
/// [`accept`](Self::accept), or [`incoming`](Self::incoming) as a stream. Several tasks may wait
/// in `accept` at once: each connection goes to one of them, and none is forgotten.
///
/// # Examples
///
/// ```
/// use futures::{Future, Stream};
/// use tokio_tcp::{TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// let listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap())?;
/// let client = TcpStream::connect(&listener.local_addr()?);
/// let greet = listener.incoming().take(1).for_each(|stream| {
///     println!("{} came", stream.peer_addr()?);
///     Ok(())
/// });
/// client.join(greet).wait()?;
/// # Ok(())
/// # }
/// ```
pub struct TcpListener {
    io: LateBound<net::TcpListener>,
}

impl TcpListener {
    /// Listens on `addr`; with port 0, on a port that the system chooses
    /// ([`local_addr`](Self::local_addr) tells it).
    ///
    /// Up to 1024 connections may wait to be accepted. On Unix the address may be reused right
    /// after another listener left it (`SO_REUSEADDR`).
    ///
    /// # Errors
    ///
    /// `AddrInUse`, `AddrNotAvailable`, `PermissionDenied` and other errors of the system.
    pub fn bind(addr: &SocketAddr) -> io::Result<TcpListener> {
        let socket = Socket::new(Domain::for_address(*addr), Type::STREAM, Some(Protocol::TCP))?;
        // On Windows this would let a second process take the address while the first is there.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&(*addr).into())?;
        socket.listen(BACKLOG)?;
        Ok(TcpListener { io: LateBound::sole(socket.into()) })
    }

    /// Makes a listener of a std one, which is switched to non-blocking.
    ///
    /// It binds to the reactor of `handle`; with `Handle::default()`, to that of the runtime that
    /// polls it first.
    ///
    /// # Errors
    ///
    /// If the socket's mode cannot be changed, or the reactor of `handle` is gone or refuses the
    /// socket.
    pub fn from_std(listener: net::TcpListener, handle: &Handle) -> io::Result<TcpListener> {
        listener.set_nonblocking(true)?;
        Ok(TcpListener { io: LateBound::with_handle(listener, handle)? })
    }

    /// Takes the socket off the reactor and gives it back. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the reactor fails to let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<net::TcpListener> {
        self.io.into_socket()
    }

    pub(crate) fn io(&self) -> &LateBound<net::TcpListener> {
        &self.io
    }

    /// Accepts a connection, with the address of its peer. For std tasks.
    ///
    /// Skips aborted connections, and pauses while there are no file descriptors (see
    /// [`TcpListener`]). Dropping the future loses no connection.
    ///
    /// # Errors
    ///
    /// If the listener itself has failed.
    ///
    /// ```
    /// use tokio_tcp::{TcpListener, TcpStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # futures03::executor::block_on(async {
    /// let listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap())?;
    /// let client = TcpStream::connect(&listener.local_addr()?).await?;
    /// let (_stream, addr) = listener.accept().await?;
    /// assert_eq!(addr, client.local_addr()?);
    /// # Ok(()) })
    /// # }
    /// ```
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        let mut accepting = Accepting::new();
        poll_fn(|cx| accepting.poll_with(cx.into(), |caller| self.poll_accept_with(caller))).await
    }

    /// Accepts a connection, with the address of its peer. The one definition, for either
    /// generation.
    ///
    /// # Errors
    ///
    /// If there are no file descriptors, or if the listener itself has failed. After an error of
    /// the first kind the connection is still there; a caller that polls again at once keeps its
    /// thread busy.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_accept_with(
        &self,
        caller: Caller<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        self.io
            .poll_accept(caller, |listener| listener.accept())
            .map_ok(|(stream, addr)| (TcpStream::accepted(stream.into()), addr))
    }

    /// Accepts a connection, with the address of its peer. For futures 0.1.
    ///
    /// # Errors
    ///
    /// As [`poll_accept_with`](Self::poll_accept_with).
    ///
    /// # Panics
    ///
    /// If it has to wait outside a futures 0.1 task.
    pub fn poll_accept(&mut self) -> Poll01<(TcpStream, SocketAddr), io::Error> {
        to_futures01(self.poll_accept_with(Caller::Futures01))
    }

    /// [`poll_accept`](Self::poll_accept) with a std stream, in blocking mode. For futures 0.1.
    pub fn poll_accept_std(&mut self) -> Poll01<(net::TcpStream, SocketAddr), io::Error> {
        let accepted = self.io.poll_accept(Caller::Futures01, |listener| listener.accept());
        to_futures01(accepted.map(|accepted| {
            let (stream, addr) = accepted?;
            let stream = net::TcpStream::from(stream);
            stream.set_nonblocking(false)?;
            Ok((stream, addr))
        }))
    }

    /// The connections as a stream, of either generation. It never ends.
    pub fn incoming(self) -> Incoming {
        Incoming::new(self)
    }

    /// The address that this listens on.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.local_addr())
    }

    /// How many routers a packet of accepted connections may pass, for IPv4 (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn ttl(&self) -> io::Result<u32> {
        self.with_sock_ref(|socket| socket.ttl_v4())
    }

    /// Sets how many routers a packet of accepted connections may pass, for IPv4 (`IP_TTL`).
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_ttl_v4(ttl))
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("TcpListener");
        if let Ok(addr) = self.local_addr() {
            f.field("addr", &addr);
        }
        f.finish_non_exhaustive()
    }
}
