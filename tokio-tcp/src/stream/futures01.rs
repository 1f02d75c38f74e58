//! The futures 0.1 generation's spellings: `tokio_io`, for the stream and for references to it.
//!
//! Two functions are unsafe by the contract of `bytes` 0.4, which hands out uninitialised memory
//! as `&mut [u8]`: they rest on a socket only ever writing into the buffers that it reads to.

use crate::TcpStream;
use bytes::{Buf, BufMut};
use futures::{try_ready, Async, Poll as Poll01};
use iovec::IoVec;
use std::array;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::task::Poll;
use tokio_io::{AsyncRead, AsyncWrite};
use tokio_task::{to_futures01, Caller};

/// How many segments of a buffer one system call takes.
const SEGMENTS: usize = 32;

/// A poll in the shape of `std::io`, where "wait" is an error.
pub(crate) fn or_would_block<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
///
/// # Panics
///
/// If it has to wait outside a futures 0.1 task.
impl Read for TcpStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self).read(buf)
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        (&*self).read_vectored(bufs)
    }
}

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
///
/// # Panics
///
/// If it has to wait outside a futures 0.1 task.
impl Read for &TcpStream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        or_would_block(self.poll_read_with(Caller::Futures01, buf))
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        or_would_block(self.poll_read_vectored_with(Caller::Futures01, bufs))
    }
}

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
///
/// # Panics
///
/// If it has to wait outside a futures 0.1 task.
impl Write for TcpStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self).write(buf)
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        (&*self).write_vectored(bufs)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// For futures 0.1 tasks: `WouldBlock` means that the current task will be woken.
///
/// # Panics
///
/// If it has to wait outside a futures 0.1 task.
impl Write for &TcpStream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        or_would_block(self.poll_write_with(Caller::Futures01, buf))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        or_would_block(self.poll_write_vectored_with(Caller::Futures01, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for TcpStream {
    #[allow(unsafe_code)]
    unsafe fn prepare_uninitialized_buffer(&self, _: &mut [u8]) -> bool {
        false
    }

    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_read_with(Caller::Futures01, buf))
    }

    fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        AsyncRead::read_buf(&mut &*self, buf)
    }
}

impl AsyncRead for &TcpStream {
    /// Nothing to prepare: reading only writes into the buffer.
    #[allow(unsafe_code)]
    unsafe fn prepare_uninitialized_buffer(&self, _: &mut [u8]) -> bool {
        false
    }

    fn poll_read(&mut self, buf: &mut [u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_read_with(Caller::Futures01, buf))
    }

    /// Reads into all segments of `buf` with one system call.
    #[allow(unsafe_code)]
    fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        if !buf.has_remaining_mut() {
            return Ok(Async::Ready(0));
        }
        let mut unused = [[0; 1]; SEGMENTS];
        let mut unused = unused.iter_mut();
        let mut segments: [&mut IoVec; SEGMENTS] =
            array::from_fn(|_| unused.next().expect("one each").as_mut_slice().into());
        // SAFETY: the segments may be uninitialised, and are only written to: all that happens to
        // them is the system call that reads from the socket.
        let count = unsafe { buf.bytes_vec_mut(&mut segments) };
        let mut segments = segments.map(|segment| IoSliceMut::new(segment));
        let read = self.poll_read_vectored_with(Caller::Futures01, &mut segments[..count]);
        let read = try_ready!(to_futures01(read));
        // SAFETY: the system call filled the first `read` bytes of the segments, in their order.
        unsafe { buf.advance_mut(read) };
        Ok(Async::Ready(read))
    }
}

/// `shutdown` does nothing; see [`TcpStream`].
impl AsyncWrite for TcpStream {
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_write_with(Caller::Futures01, buf))
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }

    fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        AsyncWrite::write_buf(&mut &*self, buf)
    }
}

/// `shutdown` does nothing; see [`TcpStream`].
impl AsyncWrite for &TcpStream {
    fn poll_write(&mut self, buf: &[u8]) -> Poll01<usize, io::Error> {
        to_futures01(self.poll_write_with(Caller::Futures01, buf))
    }

    fn poll_flush(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }

    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }

    /// Writes from all segments of `buf` with one system call.
    fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll01<usize, io::Error> {
        if !buf.has_remaining() {
            return Ok(Async::Ready(0));
        }
        let unused: &IoVec = [0; 1].as_slice().into();
        let mut segments = [unused; SEGMENTS];
        let count = buf.bytes_vec(&mut segments);
        let segments = segments.map(|segment| IoSlice::new(segment));
        let written = self.poll_write_vectored_with(Caller::Futures01, &segments[..count]);
        let written = try_ready!(to_futures01(written));
        buf.advance(written);
        Ok(Async::Ready(written))
    }
}
