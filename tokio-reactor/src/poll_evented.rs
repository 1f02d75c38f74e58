//! A source with its slot: where operations of resources become polls.

use crate::binding::Binding;
use crate::slot::{Flags, Seen};
use crate::{Direction, Handle, Ready};
use futures::Poll as Poll01;
use mio::event::Source;
use std::fmt;
use std::io;
use std::mem;
use std::net::Shutdown;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::task::{ready, Poll};
use tokio_task::{to_futures01, Caller};

mod futures01;
mod std_io;

/// A source that belongs to a reactor.
///
/// Each operation of a resource is one closure, given to [`poll_io`](PollEvented::poll_io), which
/// alone knows about readiness and waiting:
///
/// ```
/// use mio::net::UdpSocket;
/// use std::future::poll_fn;
/// use std::io;
/// use std::net::SocketAddr;
/// use tokio_reactor::{Direction, PollEvented};
///
/// async fn recv_from(
///     socket: &PollEvented<UdpSocket>,
///     buf: &mut [u8],
/// ) -> io::Result<(usize, SocketAddr)> {
///     poll_fn(|cx| socket.poll_io(cx.into(), Direction::Read, |s| s.recv_from(buf))).await
/// }
/// # let a = PollEvented::new(UdpSocket::bind("127.0.0.1:0".parse().unwrap())?);
/// # let b = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
/// # b.send_to(b"hi", a.get_ref().local_addr()?)?;
/// # let (n, _) = futures03::executor::block_on(recv_from(&a, &mut [0; 8]))?;
/// # assert_eq!(n, 2);
/// # Ok::<(), io::Error>(())
/// ```
///
/// Where the source is a `Read` or a `Write`, this is too, and an `AsyncRead` or `AsyncWrite` of
/// both generations. The methods of `Read` and `Write` belong to futures 0.1: they answer
/// `WouldBlock` when they have registered the current task, and panic outside one.
///
/// Any number of tasks may wait for the same direction; all are woken. Dropping this takes the
/// source out of the reactor.
pub struct PollEvented<E: Source> {
    /// `None` only after `into_inner`.
    io: Option<E>,
    binding: io::Result<Binding>,
    /// When `poll_read_ready` and `poll_write_ready` last saw readiness. Relaxed: a task reads
    /// what it wrote.
    ticks: [AtomicU32; 2],
}

impl<E: Source> PollEvented<E> {
    /// Binds `io` to the default reactor of this thread, now; see [`Handle`].
    ///
    /// If that fails, every operation fails with the error.
    pub fn new(io: E) -> Self {
        PollEvented::bind(io, &Handle::default())
    }

    /// Binds `io` to the reactor of `handle`, now.
    ///
    /// # Errors
    ///
    /// If the reactor is gone, if there is none and none can be started, and if the system
    /// refuses. `io` is dropped then.
    pub fn new_with_handle(io: E, handle: &Handle) -> io::Result<Self> {
        let mut evented = PollEvented::bind(io, handle);
        match &mut evented.binding {
            Ok(_) => Ok(evented),
            Err(error) => Err(mem::replace(error, io::ErrorKind::Other.into())),
        }
    }

    fn bind(mut io: E, handle: &Handle) -> Self {
        let binding = handle.resolve().and_then(|reactor| Binding::bind(&mut io, reactor));
        PollEvented { io: Some(io), binding, ticks: [AtomicU32::new(0), AtomicU32::new(0)] }
    }

    /// The source.
    pub fn get_ref(&self) -> &E {
        self.io.as_ref().expect(THERE)
    }

    /// The source. It must stay the one that was bound.
    pub fn get_mut(&mut self) -> &mut E {
        self.io.as_mut().expect(THERE)
    }

    /// Takes the source out of the reactor.
    ///
    /// Tasks that wait for it are not woken.
    ///
    /// # Errors
    ///
    /// If the system refuses; the source is dropped then.
    pub fn into_inner(mut self) -> io::Result<E> {
        let mut io = self.io.take().expect(THERE);
        if let Ok(binding) = &self.binding {
            binding.deregister(&mut io)?;
        }
        Ok(io)
    }

    /// Tries `op` until it succeeds, fails, or would block with `caller` registered.
    ///
    /// `op` is tried when the source may be ready in `direction`. If it answers `WouldBlock`,
    /// that readiness is forgotten and `caller` is registered; `Interrupted` is tried again. A
    /// source that was bound just now is tried at once. `op` must be an operation of `direction`
    /// and must not block.
    ///
    /// `Pending`, with `caller` woken, also when the task has used up its turn. The closure is
    /// gone when this returns; there is nothing to cancel. Serves both generations.
    ///
    /// # Errors
    ///
    /// Those of `op`, "reactor gone", and the error with which binding failed.
    ///
    /// # Panics
    ///
    /// When it has to wait, for [`Caller::Futures01`] outside a futures 0.1 task.
    #[inline]
    pub fn poll_io<R>(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        mut op: impl FnMut(&E) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let io = self.get_ref();
        self.binding()?.poll_op(caller, direction, || op(io))
    }

    /// The same for an operation that moves at most `wanted` bytes of a stream.
    ///
    /// If it moves fewer, but some, the stream is drained (or full) on most systems: the next
    /// call waits without asking the system first. Where that is not so, or the peer has closed,
    /// this is `poll_io`. Not for datagrams, whose length says nothing, nor for reading from Unix
    /// sockets, where a read also ends behind bytes that have descriptors attached.
    ///
    /// # Errors
    ///
    /// As for [`poll_io`](PollEvented::poll_io).
    ///
    /// # Panics
    ///
    /// As for [`poll_io`](PollEvented::poll_io).
    #[inline]
    pub fn poll_stream_io(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        wanted: usize,
        mut op: impl FnMut(&E) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let io = self.get_ref();
        self.binding()?.poll_stream_op(caller, direction, wanted, || op(io))
    }

    /// Waits until the system reports that the source is ready in `direction`.
    ///
    /// Uses nothing up: it stays ready until an operation in
    /// [`poll_io`](PollEvented::poll_io) would block. A source that was bound just now is not
    /// ready before the reactor has seen it. Serves both generations.
    ///
    /// # Errors
    ///
    /// "reactor gone", and the error with which binding failed.
    ///
    /// # Panics
    ///
    /// When it has to wait, for [`Caller::Futures01`] outside a futures 0.1 task.
    pub fn poll_ready(&self, caller: Caller<'_>, direction: Direction) -> Poll<io::Result<Ready>> {
        let seen = ready!(self.binding()?.poll_reported(caller, direction, Flags::REPORTED))?;
        Poll::Ready(Ok(seen.ready(direction)))
    }

    /// Waits until the source is ready to read, for a futures 0.1 task.
    ///
    /// `mask` says what to wait for: readable, or with an empty mask only closed and error, which
    /// always count. It stays ready until [`clear_read_ready`](PollEvented::clear_read_ready).
    /// The pair is for one task at a time; several share the source by
    /// [`poll_io`](PollEvented::poll_io).
    ///
    /// # Errors
    ///
    /// "reactor gone", and the error with which binding failed.
    ///
    /// # Panics
    ///
    /// If `mask` is writable; and when it has to wait, outside a futures 0.1 task.
    pub fn poll_read_ready(&self, mask: Ready) -> Poll01<Ready, io::Error> {
        self.poll_ready_01(Direction::Read, Flags::to_read(mask))
    }

    /// Forgets that the source was ready to read, and registers the futures 0.1 task.
    ///
    /// To be called when an operation would block. Only what the last
    /// [`poll_read_ready`](PollEvented::poll_read_ready) saw is forgotten: if there is a newer
    /// event, the task is woken at once. That the source is closed is not forgotten.
    ///
    /// # Errors
    ///
    /// "reactor gone", and the error with which binding failed.
    ///
    /// # Panics
    ///
    /// If `ready` is writable or closed; and outside a futures 0.1 task.
    pub fn clear_read_ready(&self, ready: Ready) -> io::Result<()> {
        assert!(!ready.is_writable(), "cannot clear write readiness of a source's read side");
        assert!(
            !ready.is_read_closed() && !ready.is_write_closed(),
            "a source that is closed stays closed"
        );
        self.clear_ready_01(Direction::Read)
    }

    /// Waits until the source is ready to write, for a futures 0.1 task.
    ///
    /// It stays ready until [`clear_write_ready`](PollEvented::clear_write_ready). The pair is
    /// for one task at a time.
    ///
    /// # Errors
    ///
    /// "reactor gone", and the error with which binding failed.
    ///
    /// # Panics
    ///
    /// When it has to wait, outside a futures 0.1 task.
    pub fn poll_write_ready(&self) -> Poll01<Ready, io::Error> {
        self.poll_ready_01(Direction::Write, Flags::REPORTED)
    }

    /// Forgets that the source was ready to write, and registers the futures 0.1 task.
    ///
    /// As [`clear_read_ready`](PollEvented::clear_read_ready).
    ///
    /// # Errors
    ///
    /// "reactor gone", and the error with which binding failed.
    ///
    /// # Panics
    ///
    /// Outside a futures 0.1 task.
    pub fn clear_write_ready(&self) -> io::Result<()> {
        self.clear_ready_01(Direction::Write)
    }

    /// Says that nothing more happens in one direction or both, as the program itself has seen to,
    /// and wakes all tasks of either generation that wait for it. They look at the source, and find
    /// out.
    ///
    /// Not every system reports what the program did itself: Windows tells nobody of a socket that
    /// its owner shuts down for reading. If an operation in [`poll_io`](PollEvented::poll_io) finds
    /// that it would block nevertheless, that counts, and this is forgotten; to the pairs of `poll`
    /// and `clear` of futures 0.1 a source that is closed stays so.
    ///
    /// ```
    /// use std::net::{Shutdown, TcpListener, TcpStream};
    /// use tokio_reactor::PollEvented;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let stream = TcpStream::connect(listener.local_addr()?)?;
    /// stream.set_nonblocking(true)?;
    /// let stream = PollEvented::new(mio::net::TcpStream::from_std(stream));
    /// stream.get_ref().shutdown(Shutdown::Read)?;
    /// stream.report_closed(Shutdown::Read);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If a task's waker panics, after all tasks have been woken.
    pub fn report_closed(&self, how: Shutdown) {
        if let Ok(binding) = &self.binding {
            binding.report(Ready::closed_by(how));
        }
    }

    fn poll_ready_01(&self, direction: Direction, until: Flags) -> Poll01<Ready, io::Error> {
        let seen = self.binding()?.poll_reported(Caller::Futures01, direction, until);
        to_futures01(seen.map_ok(|seen| self.remember(seen, direction)))
    }

    fn clear_ready_01(&self, direction: Direction) -> io::Result<()> {
        let binding = self.binding()?;
        let seen = Seen::at(self.ticks[direction as usize].load(Relaxed), direction);
        binding.clear(seen, direction, Flags::TRANSIENT);
        match binding.poll_ready(Caller::Futures01, direction, Flags::REPORTED)? {
            Poll::Ready(seen) => {
                // The task looks again, and may clear without asking first.
                self.remember(seen, direction);
                Caller::Futures01.wake();
            }
            Poll::Pending => {}
        }
        Ok(())
    }

    fn remember(&self, seen: Seen, direction: Direction) -> Ready {
        self.ticks[direction as usize].store(seen.tick(direction), Relaxed);
        seen.ready(direction)
    }

    /// As `poll_io`, with the source to itself.
    fn poll_io_mut<R>(
        &mut self,
        caller: Caller<'_>,
        direction: Direction,
        mut op: impl FnMut(&mut E) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let io = self.io.as_mut().expect(THERE);
        bound(&self.binding)?.poll_op(caller, direction, || op(io))
    }

    #[inline]
    fn binding(&self) -> io::Result<&Binding> {
        bound(&self.binding)
    }
}

/// The binding, or once more the error with which it failed.
#[inline]
fn bound(binding: &io::Result<Binding>) -> io::Result<&Binding> {
    binding.as_ref().map_err(|error| match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    })
}

const THERE: &str = "the source is there until `into_inner`";

impl<E: Source> Drop for PollEvented<E> {
    fn drop(&mut self) {
        if let (Some(io), Ok(binding)) = (&mut self.io, &self.binding) {
            // Fails only if the descriptor was closed behind our back; then it is out already.
            let _ = binding.deregister(io);
        }
    }
}

impl<E: Source + fmt::Debug> fmt::Debug for PollEvented<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollEvented").field("io", self.get_ref()).finish_non_exhaustive()
    }
}
