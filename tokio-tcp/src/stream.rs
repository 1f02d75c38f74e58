//! The socket of a connection. Each operation is written once, as `poll_*_with`.

mod options;

use crate::ConnectFuture;
use futures::Poll as Poll01;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::net::{self, Shutdown, SocketAddr};
use std::task::Poll;
use tokio_io::FinishWriting;
use tokio_reactor::{Direction, Handle, LateBound, Ready};
use tokio_task::{to_futures01, Caller};

/// A connection to a peer.
///
/// Made by [`TcpStream::connect`], by a [`TcpListener`](crate::TcpListener), or of a std socket.
/// It binds to a reactor when it is first polled: to the one of the runtime that polls it,
/// unless a `Handle` was given. Dropping it closes the connection.
///
/// # Generations
///
/// futures 0.1 uses [`tokio_io::AsyncRead`] and [`tokio_io::AsyncWrite`] (and `std::io::Read` and
/// `Write`, which fail with `WouldBlock` where a 0.1 task would wait); std uses
/// [`futures_io::AsyncRead`] and [`futures_io::AsyncWrite`]. All are implemented for `TcpStream`
/// and for `&TcpStream`, so that several tasks may use one stream: all tasks that wait on the same
/// direction are woken, and one of them gets the bytes.
///
/// **Closing differs.** `futures_io`'s `close` shuts down the sending side, so that the peer sees
/// the end of the stream. 0.1's `AsyncWrite::shutdown` does nothing, as programs of that
/// generation rely on; they shut down with [`TcpStream::shutdown`].
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
/// use tokio_tcp::{TcpListener, TcpStream};
///
/// # fn main() -> std::io::Result<()> {
/// let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
/// let hello = TcpStream::connect(&listener.local_addr()?)
///     .and_then(|stream| io::write_all(stream, b"hello"));
/// let (_stream, _buffer) = hello.wait()?;
/// # Ok(())
/// # }
/// ```
pub struct TcpStream {
    io: LateBound<net::TcpStream>,
}

impl TcpStream {
    /// Connects to `addr`.
    ///
    /// The connection attempt starts at the call; the future finishes it. See [`ConnectFuture`]
    /// for errors and cancellation.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let addr = listener.local_addr()?;
    /// # futures03::executor::block_on(async {
    /// let stream = tokio_tcp::TcpStream::connect(&addr).await?;
    /// assert_eq!(stream.peer_addr()?, addr);
    /// # Ok(()) })
    /// # }
    /// ```
    pub fn connect(addr: &SocketAddr) -> ConnectFuture {
        ConnectFuture::start(addr)
    }

    /// Connects `stream` to `addr`: for a socket that was bound or configured beforehand.
    ///
    /// The socket is switched to non-blocking. The attempt starts at the call; the stream binds
    /// to the reactor of `handle`. See [`ConnectFuture`] for errors and cancellation.
    pub fn connect_std(
        stream: net::TcpStream,
        addr: &SocketAddr,
        handle: &Handle,
    ) -> ConnectFuture {
        ConnectFuture::start_with(stream, addr, handle)
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
    pub fn from_std(stream: net::TcpStream, handle: &Handle) -> io::Result<TcpStream> {
        stream.set_nonblocking(true)?;
        Ok(TcpStream { io: LateBound::with_handle(stream, handle)? })
    }

    /// Takes the socket off the reactor and gives it back. It stays in non-blocking mode.
    ///
    /// # Errors
    ///
    /// If the reactor fails to let go of the socket, which is then closed.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let addr = listener.local_addr()?;
    /// # futures03::executor::block_on(async {
    /// let stream = tokio_tcp::TcpStream::connect(&addr).await?.into_std()?;
    /// stream.set_nonblocking(false)?;
    /// # Ok(()) })
    /// # }
    /// ```
    pub fn into_std(self) -> io::Result<net::TcpStream> {
        self.io.into_socket()
    }

    /// A stream of a non-blocking socket that was accepted just now.
    pub(crate) fn accepted(socket: net::TcpStream) -> Self {
        TcpStream { io: LateBound::sole(socket) }
    }

    /// A stream of a socket that a reactor may know already.
    pub(crate) fn of(io: LateBound<net::TcpStream>) -> Self {
        TcpStream { io }
    }

    pub(crate) fn io(&self) -> &LateBound<net::TcpStream> {
        &self.io
    }

    /// Reads up to `buf.len()` bytes; 0 for a non-empty `buf` means that the peer sends no more.
    ///
    /// The one definition of reading, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the socket, such as `ConnectionReset`. Never `WouldBlock`.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task; so do all functions
    /// that take a caller.
    pub fn poll_read_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_stream_io(caller, Direction::Read, buf.len(), |mut socket| socket.read(buf))
    }

    /// Reads into several buffers in turn with one system call; else as
    /// [`poll_read_with`](Self::poll_read_with).
    pub fn poll_read_vectored_with(
        &self,
        caller: Caller<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let wanted = bufs.iter().map(|buf| buf.len()).sum();
        self.io.poll_stream_io(caller, Direction::Read, wanted, |mut socket| {
            socket.read_vectored(bufs)
        })
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

    /// Reads like [`poll_read_with`](Self::poll_read_with), but leaves the bytes to be read again.
    pub fn poll_peek_with(&self, caller: Caller<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        self.io.poll_io(caller, Direction::Read, |socket| socket.peek(buf))
    }

    /// Reads up to `buf.len()` bytes and leaves them to be read again; 0 for a non-empty `buf`
    /// means that the peer sends no more. For std tasks.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// Those of the socket, such as `ConnectionReset`.
    pub async fn peek(&self, buf: &mut [u8]) -> io::Result<usize> {
        poll_fn(|cx| self.poll_peek_with(cx.into(), buf)).await
    }

    /// [`peek`](Self::peek) for futures 0.1.
    ///
    /// # Panics
    ///
    /// If it has to wait outside a futures 0.1 task.
    pub fn poll_peek(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_peek_with(Caller::Futures01, buf))
    }

    /// Waits until a read may succeed, or until one of the other states in `mask` holds. For
    /// futures 0.1.
    ///
    /// The answer is a hint: a read may still have to wait.
    ///
    /// # Panics
    ///
    /// If `mask` has the writable state, or if it has to wait outside a futures 0.1 task.
    pub fn poll_read_ready(&self, mask: Ready) -> Poll01<Ready, io::Error> {
        self.io.poll_read_ready(mask)
    }

    /// Waits until a write may succeed. For futures 0.1; a hint, as above.
    ///
    /// # Panics
    ///
    /// If it has to wait outside a futures 0.1 task.
    pub fn poll_write_ready(&self) -> Poll01<Ready, io::Error> {
        self.io.poll_write_ready()
    }

    /// The address of this end.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.local_addr())
    }

    /// The address of the other end.
    ///
    /// # Errors
    ///
    /// `NotConnected` if there is none (any more).
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(|socket| socket.peer_addr())
    }

    /// Shuts down one or both directions, without waiting, for either generation.
    ///
    /// With `Shutdown::Write` the peer sees the end of the stream after what was written so far;
    /// this end can still read. Tasks that wait are woken and see the new state.
    ///
    /// # Errors
    ///
    /// `NotConnected` if the connection is gone.
    ///
    /// # Panics
    ///
    /// If a waiting task's waker panics, after all tasks have been woken.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.io.with(|socket| socket.shutdown(how))?;
        // Not every system tells a program what it did itself.
        self.io.report_closed(how);
        Ok(())
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
    /// # let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    /// # let addr = listener.local_addr()?;
    /// # futures03::executor::block_on(async {
    /// let (mut reader, mut writer) = tokio_tcp::TcpStream::connect(&addr).await?.into_split();
    /// # let (mut peer, _) = listener.accept()?;
    /// writer.write_all(b"ping").await?;
    /// drop(writer); // the peer sees the end of the stream
    /// # std::io::copy(&mut peer.try_clone()?, &mut peer)?;
    /// # drop(peer);
    /// let mut answer = Vec::new();
    /// reader.read_to_end(&mut answer).await?;
    /// # assert_eq!(answer, b"ping");
    /// # Ok(()) })
    /// # }
    /// ```
    ///
    /// [`OwnedReadHalf::reunite`](tokio_io::OwnedReadHalf::reunite) makes a stream of them again.
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        tokio_io::into_split(self)
    }
}

/// The reading half of a stream; made by [`TcpStream::into_split`].
pub type OwnedReadHalf = tokio_io::OwnedReadHalf<TcpStream>;

/// The writing half of a stream; made by [`TcpStream::into_split`]. Dropping it shuts down the
/// sending side.
pub type OwnedWriteHalf = tokio_io::OwnedWriteHalf<TcpStream>;

/// The two halves given to `reunite` are not of one stream.
pub type ReuniteError = tokio_io::ReuniteError<TcpStream>;

// A socket's reading is a system call, which only writes into the buffers.
tokio_io::byte_stream!(unsafe TcpStream);

impl FinishWriting for TcpStream {
    fn finish_writing(&self) -> io::Result<()> {
        match self.shutdown(Shutdown::Write) {
            Err(error) if error.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        }
    }
}

impl fmt::Debug for TcpStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("TcpStream");
        if let Ok(addr) = self.local_addr() {
            f.field("addr", &addr);
        }
        if let Ok(peer) = self.peer_addr() {
            f.field("peer", &peer);
        }
        f.finish_non_exhaustive()
    }
}
