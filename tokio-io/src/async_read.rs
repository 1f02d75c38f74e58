//! [`AsyncRead`]: where bytes come from.

use crate::io::{ReadHalf, WriteHalf};
use crate::poll::nonblocking;
use crate::{split, AsyncWrite};
use bytes::BufMut;
use futures::{try_ready, Async, Poll as Poll01};
use std::io::{self, Read};

/// A source of bytes that never blocks the thread; the futures 0.1 generation.
///
/// It is a [`Read`] with one more promise: when `read` fails with `WouldBlock`, or a `poll_*`
/// function answers `Ok(Async::NotReady)`, then **the current futures 0.1 task is registered**
/// and will be woken when it is worth trying again. So these functions may be called only inside
/// a futures 0.1 task, unless the stream is known to be ready, as one in memory always is.
///
/// A stream that is a `Read` of this kind needs an empty `impl` only. The std generation's trait
/// is `futures_io::AsyncRead`; the streams of this family implement both.
///
/// ```
/// use futures::Async;
/// use tokio_io::AsyncRead;
///
/// let mut stream = &b"hello"[..];
/// let mut buf = [0; 3];
/// assert_eq!(stream.poll_read(&mut buf).unwrap(), Async::Ready(3));
/// assert_eq!(&buf, b"hel");
/// ```
pub trait AsyncRead: Read {
    /// Makes `buf`, which may be uninitialised memory, fit to be handed to this reader.
    ///
    /// Returns whether `buf` is initialised now. The provided implementation fills it with zeroes
    /// and returns `true`, which is right for every reader. Returning `false` saves that work; it
    /// is a promise by the implementer that `read` and `poll_read` of this value
    ///
    /// - do not look at what was in the buffer, and
    /// - return `n` only after having written the first `n` bytes of it.
    ///
    /// A reader that hands the buffer on, as a wrapper does, may return `false` only if everyone
    /// that it hands the buffer to has returned `false`.
    ///
    /// # Safety
    ///
    /// After `false` the caller must treat `buf` as uninitialised: hand it to `read` or
    /// `poll_read` of this same value and nobody else, and then look only at the first `n` bytes,
    /// where `n` is the count which that call returned and is not above `buf.len()`. After `true`
    /// there is nothing to observe.
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        buf.fill(0);
        true
    }

    /// Reads some bytes into `buf`.
    ///
    /// `Ready(n)`: the first `n` bytes of `buf` were read; 0 means the end of the stream, or that
    /// `buf` is empty. `NotReady`: nothing was read and the current task will be woken.
    ///
    /// The provided implementation calls `read`, again if that was `Interrupted`.
    ///
    /// # Errors
    ///
    /// What `read` fails with, `WouldBlock` and `Interrupted` excepted.
    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        nonblocking(|| self.read(buf))
    }

    /// Reads some bytes to the end of `buf` and advances it.
    ///
    /// `Ready(n)`: `buf` has `n` bytes more; 0 means the end of the stream, or that `buf` has no
    /// room left. `NotReady`: nothing was read and the current task will be woken. No byte of
    /// `buf` becomes readable that was not initialised; see
    /// [`prepare_uninitialized_buffer`](AsyncRead::prepare_uninitialized_buffer). One call reads
    /// 64 KiB at most.
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use tokio_io::AsyncRead;
    ///
    /// let mut buf = BytesMut::with_capacity(16);
    /// AsyncRead::read_buf(&mut &b"hello"[..], &mut buf).unwrap();
    /// assert_eq!(&buf[..], b"hello");
    /// ```
    ///
    /// # Errors
    ///
    /// As [`poll_read`](AsyncRead::poll_read).
    ///
    /// # Panics
    ///
    /// If the reader claims to have read more than there was room for.
    fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll01<usize, io::Error>
    where
        Self: Sized,
    {
        if !buf.has_remaining_mut() {
            return Ok(Async::Ready(0));
        }
        // SAFETY: the slice may be uninitialised, so it is prepared first, and then handed to
        // `poll_read` of the same reader alone; this function does not look into it.
        let n = unsafe {
            let room = buf.bytes_mut();
            let len = room.len().min(MOST_AT_ONCE);
            let room = &mut room[..len];
            self.prepare_uninitialized_buffer(room);
            let n = try_ready!(self.poll_read(room));
            assert!(n <= len, "the reader claims {n} bytes where there was room for {len}");
            n
        };
        // SAFETY: the first `n` bytes are initialised: either `prepare_uninitialized_buffer`
        // wrote the whole slice, or by its answer it vouches that `poll_read` wrote these.
        unsafe { buf.advance_mut(n) };
        Ok(Async::Ready(n))
    }

    /// A stream and sink of messages over this byte stream.
    #[deprecated(since = "0.1.7", note = "Use tokio_codec::Decoder::framed instead")]
    #[allow(deprecated)]
    fn framed<T: crate::framing::Encoder + crate::framing::Decoder>(
        self,
        codec: T,
    ) -> crate::codec::Framed<Self, T>
    where
        Self: AsyncWrite + Sized,
    {
        crate::codec::Framed::new(self, codec)
    }

    /// Splits a stream into a half that reads and a half that writes.
    ///
    /// The halves may go to different tasks, threads and generations. They share the stream under
    /// a lock that nobody blocks on: a half that finds it taken answers `NotReady` and its task is
    /// woken when the lock is free. [`ReadHalf::unsplit`] puts them together again.
    ///
    /// ```
    /// use std::io::Cursor;
    /// use tokio_io::AsyncRead;
    ///
    /// let (reader, writer) = Cursor::new(vec![1, 2, 3]).split();
    /// assert_eq!(reader.unsplit(writer).into_inner(), [1, 2, 3]);
    /// ```
    fn split(self) -> (ReadHalf<Self>, WriteHalf<Self>)
    where
        Self: AsyncWrite + Sized,
    {
        split::split(self)
    }
}

/// A bound on the zeroes that a reader which needs them costs per read: what is zeroed but not
/// read is zeroed again the next time.
const MOST_AT_ONCE: usize = 64 * 1024;

impl<T: ?Sized + AsyncRead> AsyncRead for &mut T {
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        // SAFETY: reads go to `T`; the caller observes its answer.
        unsafe { (**self).prepare_uninitialized_buffer(buf) }
    }

    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        (**self).poll_read(buf)
    }
}

impl<T: ?Sized + AsyncRead> AsyncRead for Box<T> {
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        // SAFETY: reads go to `T`; the caller observes its answer.
        unsafe { (**self).prepare_uninitialized_buffer(buf) }
    }

    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        (**self).poll_read(buf)
    }
}

impl AsyncRead for &[u8] {
    unsafe fn prepare_uninitialized_buffer(&self, _: &mut [u8]) -> bool {
        // std copies into the buffer and counts what it copied.
        false
    }
}

impl<T: AsRef<[u8]>> AsyncRead for io::Cursor<T> {
    unsafe fn prepare_uninitialized_buffer(&self, _: &mut [u8]) -> bool {
        // std copies out of the slice and counts what it copied; `T` never sees the buffer.
        false
    }
}

impl AsyncRead for io::Repeat {
    unsafe fn prepare_uninitialized_buffer(&self, _: &mut [u8]) -> bool {
        // std fills the whole buffer.
        false
    }
}

/// A read may bypass the buffer, so the inner reader says what it needs.
impl<T: AsyncRead> AsyncRead for io::BufReader<T> {
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        // SAFETY: reads copy from std's own buffer or go to `T`; the caller observes its answer.
        unsafe { self.get_ref().prepare_uninitialized_buffer(buf) }
    }
}

impl<T: AsyncRead> AsyncRead for io::Take<T> {
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        // SAFETY: reads go to `T`; the caller observes its answer.
        unsafe { self.get_ref().prepare_uninitialized_buffer(buf) }
    }
}

impl<T, U> AsyncRead for io::Chain<T, U>
where
    T: AsyncRead,
    U: AsyncRead,
{
    unsafe fn prepare_uninitialized_buffer(&self, buf: &mut [u8]) -> bool {
        let (first, second) = self.get_ref();
        // SAFETY: a read goes to either. If `first` answers true, `buf` is initialised, which
        // also serves `second`; otherwise both answer, and the caller observes that.
        unsafe {
            first.prepare_uninitialized_buffer(buf) || second.prepare_uninitialized_buffer(buf)
        }
    }
}
