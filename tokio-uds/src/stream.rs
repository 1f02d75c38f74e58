//! The socket of a connection. Each operation is written once, as `poll_*_with`.

use crate::{address, ucred, ConnectFuture, UCred};
use futures::Poll as Poll01;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::os::unix::net::{self, SocketAddr};
use std::path::Path;
use std::task::Poll;
use tokio_io::FinishWriting;
use tokio_reactor::{Direction, Handle, LateBound, Ready};
use tokio_task::Caller;

/// A connection to a peer.
///
/// Made by [`UnixStream::connect`] or [`UnixStream::pair`], by a
/// [`UnixListener`](crate::UnixListener), or of a std socket. It binds to a reactor when it is
/// first polled: to the one of the runtime that polls it, unless a `Handle` was given. Dropping it
/// closes the connection.
///
/// # Generations
///
/// futures 0.1 uses [`tokio_io::AsyncRead`] and [`tokio_io::AsyncWrite`] (and `std::io::Read` and
/// `Write`, which fail with `WouldBlock` where a 0.1 task would wait); std uses
/// [`futures_io::AsyncRead`] and [`futures_io::AsyncWrite`]. All are implemented for `UnixStream`
/// and for `&UnixStream`, so that several tasks may use one stream: all tasks that wait on the same
/// direction are woken, and one of them gets the bytes.
///
/// **Closing differs.** `futures_io`'s `close` shuts down the sending side, so that the peer sees
/// the end of the stream. 0.1's `AsyncWrite::shutdown` does nothing, as programs of that
/// generation rely on; they shut down with [`UnixStream::shutdown`].
///
/// # Cancellation
///
/// Reading and writing either happens within one poll or not at all: dropping a future that waits
/// loses no bytes.
///
/// # Examples
///
/// ```
/// use futures::Future;
/// use tokio_io::io;
/// use tokio_uds::UnixStream;
///
/// # fn main() -> std::io::Result<()> {
/// let (a, b) = UnixStream::pair()?;
/// let hello = io::write_all(a, "hello").join(io::read_exact(b, [0; 5]));
/// let (_, (_, heard)) = hello.wait()?;
/// assert_eq!(&heard, b"hello");
/// # Ok(())
/// # }
/// ```
pub struct UnixStream {
    io: LateBound<net::UnixStream>,
}

impl UnixStream {
    /// Connects to the socket at `path`.
    ///
    /// The connection attempt starts at the call; the future finishes it. See [`ConnectFuture`]
    /// for errors, cancellation and full queues.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// # let path = std::env::temp_dir().join(format!("tokio-uds-doc-connect-{}", std::process::id()));
    /// # let listener = std::os::unix::net::UnixListener::bind(&path)?;
    /// # let outcome = futures03::executor::block_on(async {
    /// let stream = tokio_uds::UnixStream::connect(&path).await?;
    /// assert_eq!(stream.peer_addr()?.as_pathname(), Some(&*path));
    /// # std::io::Result::Ok(()) });
    /// # std::fs::remove_file(&path)?;
    /// # outcome
    /// # }
    /// ```
    pub fn connect<P>(path: P) -> ConnectFuture
    where
        P: AsRef<Path>,
    {
        ConnectFuture::start(address::of_path(path.as_ref()))
    }

    /// [`connect`](Self::connect) to an address that may be other than a path: on Linux, a name in
    /// the abstract namespace.
    pub fn connect_addr(addr: &SocketAddr) -> ConnectFuture {
        ConnectFuture::start(address::of_std(addr))
    }

    /// Makes two streams that are connected to each other and have no address.
    ///
    /// # Errors
    ///
    /// If there are no file descriptors, and other errors of the system.
    pub fn pair() -> io::Result<(UnixStream, UnixStream)> {
        let (a, b) = net::UnixStream::pair()?;
        a.set_nonblocking(true)?;
        b.set_nonblocking(true)?;
        Ok((UnixStream::of(LateBound::sole(a)), UnixStream::of(LateBound::sole(b))))
    }

    /// Makes a stream of a connected std socket, which is switched to non-blocking.
    ///
    /// It binds to the reactor of `handle`; with `Handle::default()`, to that of the runtime that
    /// polls it first.
    ///
    /// # Errors
    ///
    /// If the socket's mode cannot be changed, or the reactor of `handle` is gone or refuses the
    /// socket.
    pub fn from_std(stream: net::UnixStream, handle: &Handle) -> io::Result<UnixStream> {
        stream.set_nonblocking(true)?;
        Ok(UnixStream { io: LateBound::with_handle(stream, handle)? })
    }

    /// Takes the socket off the reactor and gives it back. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the reactor fails to let go of the socket, which is then closed.
    ///
    /// ```
    /// let (stream, _peer) = tokio_uds::UnixStream::pair()?;
    /// let stream = stream.into_std()?;
    /// stream.set_nonblocking(false)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_std(self) -> io::Result<net::UnixStream> {
        self.io.into_socket()
    }

    /// A stream of a socket that a reactor may know already.
    pub(crate) fn of(io: LateBound<net::UnixStream>) -> Self {
        UnixStream { io }
    }

    /// Reads up to `buf.len()` bytes; 0 for a non-empty `buf` means that the peer sends no more.
    ///
    /// The one definition of reading, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the socket, such as `ConnectionReset` when the peer left without reading what it
    /// got. Never `WouldBlock`.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task; so do all functions
    /// that take a caller.
    pub fn poll_read_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        // A read ends where the peer has attached descriptors: a short one says nothing.
        self.io.poll_io(caller, Direction::Read, |mut socket| socket.read(buf))
    }

    /// Reads into several buffers in turn with one system call; else as
    /// [`poll_read_with`](Self::poll_read_with).
    pub fn poll_read_vectored_with(
        &self,
        caller: Caller<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Read, |mut socket| socket.read_vectored(bufs))
    }

    /// Writes some bytes from the start of `buf`, and returns how many. The one definition of
    /// writing, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the socket, such as `BrokenPipe`. Never `WouldBlock`.
    pub fn poll_write_with(&self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.io.poll_stream_io(caller, Direction::Write, buf.len(), |mut socket| socket.write(buf))
    }

    /// Writes from several buffers in turn with one system call; else as
    /// [`poll_write_with`](Self::poll_write_with).
    pub fn poll_write_vectored_with(
        &self,
        caller: Caller<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = bufs.iter().map(|buf| buf.len()).sum();
        self.io.poll_stream_io(caller, Direction::Write, wanted, |mut socket| {
            socket.write_vectored(bufs)
        })
    }

    /// Waits until a read may succeed, or until one of the other states in `ready` holds. For
    /// futures 0.1.
    ///
    /// The answer is a hint: a read may still have to wait.
    ///
    /// # Panics
    ///
    /// If `ready` has the writable state, or if it has to wait outside a futures 0.1 task.
    pub fn poll_read_ready(&self, ready: Ready) -> Poll01<Ready, io::Error> {
        self.io.poll_read_ready(ready)
    }

    /// Waits until a write may succeed. For futures 0.1; a hint, as above.
    ///
    /// # Panics
    ///
    /// If it has to wait outside a futures 0.1 task.
    pub fn poll_write_ready(&self) -> Poll01<Ready, io::Error> {
        self.io.poll_write_ready()
    }

    /// The address of this end: without a path, if it was not bound to one.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.local_addr())
    }

    /// The address of the other end: without a path, if it was not bound to one.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none (any more).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.peer_addr())
    }

    /// The user and group of the peer.
    ///
    /// # Errors
    ///
    /// `Unsupported` where the system does not tell (Linux, Android, Apple's, the BSDs, illumos and
    /// Solaris do), and those of the operating system.
    pub fn peer_cred(&self) -> io::Result<UCred> {
        self.io.with(|socket| ucred::of_peer(socket.as_fd()))
    }

    /// The socket's pending error, which this takes away (`SO_ERROR`).
    ///
    /// # Errors
    ///
    /// If the operating system refuses to tell.
    pub fn take_error(&self) -> io::Result<Option<io::Error>> {
        self.io.with(|socket| socket.take_error())
    }

    /// Shuts down one or both directions, without waiting, for either generation.
    ///
    /// With `Shutdown::Write` the peer sees the end of the stream after what was written so far;
    /// this end can still read. Tasks that wait are woken and see the new state.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is gone.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.io.with(|socket| socket.shutdown(how))
    }

    /// Splits the stream into halves that can go to different tasks, of either generation.
    ///
    /// (`AsyncRead::split` of futures 0.1 and `AsyncReadExt::split` of the `futures` crate work
    /// as well; those halves take turns through a lock, these do not.)
    ///
    /// ```
    /// use futures03::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// # futures03::executor::block_on(async {
    /// let (stream, mut peer) = tokio_uds::UnixStream::pair()?;
    /// let (mut reader, mut writer) = stream.into_split();
    /// writer.write_all(b"ping").await?;
    /// drop(writer); // the peer sees the end of the stream
    /// let mut heard = Vec::new();
    /// peer.read_to_end(&mut heard).await?;
    /// assert_eq!(heard, b"ping");
    /// peer.write_all(b"pong").await?; // the other half still reads
    /// let mut answer = [0; 4];
    /// reader.read_exact(&mut answer).await?;
    /// assert_eq!(&answer, b"pong");
    /// # Ok(()) })
    /// # }
    /// ```
    ///
    /// [`OwnedReadHalf::reunite`](tokio_io::OwnedReadHalf::reunite) makes a stream of them again.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        tokio_io::into_split(self)
    }
}

/// The reading half of a stream; made by [`UnixStream::into_split`].
pub type OwnedReadHalf = tokio_io::OwnedReadHalf<UnixStream>;

/// The writing half of a stream; made by [`UnixStream::into_split`]. Dropping it shuts down the
/// sending side.
pub type OwnedWriteHalf = tokio_io::OwnedWriteHalf<UnixStream>;

/// The two halves given to `reunite` are not of one stream.
pub type ReuniteError = tokio_io::ReuniteError<UnixStream>;

// A socket's reading is a system call, which only writes into the buffers.
tokio_io::byte_stream!(unsafe UnixStream);

impl FinishWriting for UnixStream {
    fn finish_writing(&self) -> io::Result<()> {
        match self.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl AsRawFd for UnixStream {
    fn as_raw_fd(&self) -> RawFd {
        self.io.as_raw_fd()
    }
}

impl fmt::Debug for UnixStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("UnixStream");
        if let Ok(addr) = self.local_addr() {
            f.field("addr", &addr);
        }
        if let Ok(peer) = self.peer_addr() {
            f.field("peer", &peer);
        }
        f.finish_non_exhaustive()
    }
}
