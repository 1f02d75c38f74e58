//! futures 0.1's I/O on a source: `Read` and `Write` inside a task, and the traits of `tokio-io`.

use super::PollEvented;
use crate::Direction;
use futures::{Async, Poll as Poll01};
use mio::event::Source;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::task::Poll;
use tokio_io::{AsyncRead, AsyncWrite};
use tokio_task::Caller::Futures01;

/// In this generation an operation that has to wait is an error.
fn or_would_block<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl<E: Source + Read> Read for PollEvented<E> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = |io: &mut E| io.read(buf);
        or_would_block(self.poll_io_mut(Futures01, Direction::Read, read))
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let read = |io: &mut E| io.read_vectored(bufs);
        or_would_block(self.poll_io_mut(Futures01, Direction::Read, read))
    }
}

impl<E: Source + Write> Write for PollEvented<E> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let write = |io: &mut E| io.write(buf);
        or_would_block(self.poll_io_mut(Futures01, Direction::Write, write))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let write = |io: &mut E| io.write_vectored(bufs);
        or_would_block(self.poll_io_mut(Futures01, Direction::Write, write))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_would_block(self.poll_flush_with(Futures01))
    }
}

impl<'a, E: Source> Read for &'a PollEvented<E>
where
    &'a E: Read,
{
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut io: &'a E = self.get_ref();
        or_would_block(self.poll_io(Futures01, Direction::Read, |_| io.read(buf)))
    }

    fn read_vectored(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut io: &'a E = self.get_ref();
        or_would_block(self.poll_io(Futures01, Direction::Read, |_| io.read_vectored(bufs)))
    }
}

impl<'a, E: Source> Write for &'a PollEvented<E>
where
    &'a E: Write,
{
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let mut io: &'a E = self.get_ref();
        or_would_block(self.poll_io(Futures01, Direction::Write, |_| io.write(buf)))
    }

    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut io: &'a E = self.get_ref();
        or_would_block(self.poll_io(Futures01, Direction::Write, |_| io.write_vectored(bufs)))
    }

    fn flush(&mut self) -> io::Result<()> {
        or_would_block(self.poll_flush_shared(Futures01))
    }
}

impl<E: Source + Read> AsyncRead for PollEvented<E> {}

impl<E: Source + Write> AsyncWrite for PollEvented<E> {
    /// Does nothing: a source in general has no such thing.
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }
}

impl<'a, E: Source> AsyncRead for &'a PollEvented<E> where &'a E: Read {}

impl<'a, E: Source> AsyncWrite for &'a PollEvented<E>
where
    &'a E: Write,
{
    /// Does nothing: a source in general has no such thing.
    fn shutdown(&mut self) -> Poll01<(), io::Error> {
        Ok(Async::Ready(()))
    }
}
