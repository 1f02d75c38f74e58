//! The socket that waits for connections.

use crate::{Incoming, UnixStream};
use futures::Poll as Poll01;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;
use std::task::Poll;
use tokio_reactor::{Accepting, Handle, LateBound, Ready};
use tokio_task::{to_futures01, Caller};

/// Waits for connections.
///
/// It binds to a reactor when it is first polled: to the one of the runtime that polls it,
/// unless a `Handle` was given. Connections that it accepts bind by themselves in the same way.
/// Accepted sockets are non-blocking and close-on-exec. Dropping it closes it, and resets what
/// waits in its queue; **the socket's file stays**, and has to be removed before the path can be
/// bound again.
///
/// # Errors of accepting
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
/// use tokio_uds::{UnixListener, UnixStream};
///
/// # fn main() -> std::io::Result<()> {
/// # let path = std::env::temp_dir().join(format!("tokio-uds-doc-listener-{}", std::process::id()));
/// let listener = UnixListener::bind(&path)?;
/// let client = UnixStream::connect(&path);
/// let greet = listener.incoming().take(1).for_each(|stream| {
///     println!("user {} came", stream.peer_cred()?.uid);
///     Ok(())
/// });
/// let served = client.join(greet).wait();
/// std::fs::remove_file(&path)?;
/// served?;
/// # Ok(())
/// # }
/// ```
pub struct UnixListener {
    io: LateBound<net::UnixListener>,
}

impl UnixListener {
    /// Makes a socket file at `path` and listens there.
    ///
    /// # Errors
    ///
    /// `AddrInUse` if anything is at `path`, also the file of a listener that is gone;
    /// `InvalidInput` if `path` is too long for the system (about 100 bytes) or has a zero byte;
    /// `NotFound`, `PermissionDenied` and other errors of the system.
    pub fn bind<P>(path: P) -> io::Result<UnixListener>
    where
        P: AsRef<Path>,
    {
        Self::nonblocking(net::UnixListener::bind(path)?)
    }

    /// Listens on an address that may be other than a path: on Linux, a name in the abstract
    /// namespace, which leaves no file behind.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub fn bind_addr(addr: &SocketAddr) -> io::Result<UnixListener> {
        Self::nonblocking(net::UnixListener::bind_addr(addr)?)
    }

    fn nonblocking(listener: net::UnixListener) -> io::Result<UnixListener> {
        listener.set_nonblocking(true)?;
        Ok(UnixListener { io: LateBound::sole(listener) })
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
    pub fn from_std(listener: net::UnixListener, handle: &Handle) -> io::Result<UnixListener> {
        listener.set_nonblocking(true)?;
        Ok(UnixListener { io: LateBound::with_handle(listener, handle)? })
    }

    /// Takes the socket off the reactor and gives it back. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the reactor fails to let go of the socket, which is then closed.
    pub fn into_std(self) -> io::Result<net::UnixListener> {
        self.io.into_socket()
    }

    /// Accepts a connection, with the address of its peer, which has a path only if the peer
    /// bound its socket to one. For std tasks.
    ///
    /// Pauses while there are no file descriptors (see [`UnixListener`]). Dropping the future
    /// loses no connection.
    ///
    /// # Errors
    ///
    /// If the listener itself has failed.
    ///
    /// ```
    /// use tokio_uds::{UnixListener, UnixStream};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("tokio-uds-doc-accept-{}", std::process::id()));
    /// # let outcome = futures03::executor::block_on(async {
    /// let listener = UnixListener::bind(&path)?;
    /// let client = UnixStream::connect(&path).await?;
    /// let (_stream, addr) = listener.accept().await?;
    /// assert!(addr.is_unnamed());
    /// # drop(client); std::io::Result::Ok(()) });
    /// # std::fs::remove_file(&path)?;
    /// # outcome
    /// # }
    /// ```
    pub async fn accept(&self) -> io::Result<(UnixStream, SocketAddr)> {
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
    ) -> Poll<io::Result<(UnixStream, SocketAddr)>> {
        self.io
            .poll_accept(caller, |listener| listener.accept())
            .map_ok(|(stream, addr)| (UnixStream::of(LateBound::sole(stream.into())), addr))
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
    pub fn poll_accept(&self) -> Poll01<(UnixStream, SocketAddr), io::Error> {
        to_futures01(self.poll_accept_with(Caller::Futures01))
    }

    /// [`poll_accept`](Self::poll_accept) with a std stream, in blocking mode. For futures 0.1.
    pub fn poll_accept_std(&self) -> Poll01<(net::UnixStream, SocketAddr), io::Error> {
        let accepted = self.io.poll_accept(Caller::Futures01, |listener| listener.accept());
        to_futures01(accepted.map(|accepted| {
            let (stream, addr) = accepted?;
            let stream = net::UnixStream::from(stream);
            stream.set_nonblocking(false)?;
            Ok((stream, addr))
        }))
    }

    /// The connections as a stream, of either generation. It never ends.
    pub fn incoming(self) -> Incoming {
        Incoming::new(self)
    }

    /// Waits until an accept may succeed, or until one of the other states in `ready` holds. For
    /// futures 0.1.
    ///
    /// The answer is a hint: accepting may still have to wait.
    ///
    /// # Panics
    ///
    /// If `ready` has the writable state, or if it has to wait outside a futures 0.1 task.
    pub fn poll_read_ready(&self, ready: Ready) -> Poll01<Ready, io::Error> {
        self.io.poll_read_ready(ready)
    }

    /// The address that this listens on.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.local_addr())
    }

    /// The socket's pending error, which this takes away (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// If the operating system refuses to tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.with(|socket| socket.take_error())
    }
}

impl AsRawFd for UnixListener {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("UnixListener");
        if let Ok(addr) = self.local_addr() {
            f.field("addr", &addr);
        }
        f.finish_non_exhaustive()
    }
}
