//! async I/O on a source: the traits of `futures-io`.
//!
//! A source in general is no stream (a device may deliver a message a read), so a short read says
//! nothing here.

use super::PollEvented;
use crate::Direction;
use futures_io::{AsyncRead, AsyncWrite};
use mio::event::Source;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::Caller;

impl<E: Source> PollEvented<E> {
    /// Flushes the source. Waits only if it says so itself: most have nothing to flush, whether
    /// there is room to write or not.
    pub(super) fn poll_flush_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>>
    where
        E: Write,
    {
        match self.get_mut().flush() {
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                self.poll_io_mut(caller, Direction::Write, E::flush)
            }
            flushed => Poll::Ready(flushed),
        }
    }

    /// The same for a source that is shared.
    pub(super) fn poll_flush_shared<'a>(&'a self, caller: Caller<'_>) -> Poll<io::Result<()>>
    where
        &'a E: Write,
    {
        let mut io = self.get_ref();
        match io.flush() {
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                self.poll_io(caller, Direction::Write, |_| io.flush())
            }
            flushed => Poll::Ready(flushed),
        }
    }
}

impl<E: Source + Read + Unpin> AsyncRead for PollEvented<E> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_io_mut(cx.into(), Direction::Read, |io| io.read(buf))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_io_mut(cx.into(), Direction::Read, |io| io.read_vectored(bufs))
    }
}

impl<E: Source + Write + Unpin> AsyncWrite for PollEvented<E> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_io_mut(cx.into(), Direction::Write, |io| io.write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.get_mut().poll_io_mut(cx.into(), Direction::Write, |io| io.write_vectored(bufs))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.get_mut().poll_flush_with(cx.into())
    }

    /// Flushes: a source in general has nothing that could be shut down.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl<'a, E: Source> AsyncRead for &'a PollEvented<E>
where
    &'a E: Read,
{
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut io: &'a E = self.get_ref();
        self.poll_io(cx.into(), Direction::Read, |_| io.read(buf))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut io: &'a E = self.get_ref();
        self.poll_io(cx.into(), Direction::Read, |_| io.read_vectored(bufs))
    }
}

impl<'a, E: Source> AsyncWrite for &'a PollEvented<E>
where
    &'a E: Write,
{
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut io: &'a E = self.get_ref();
        self.poll_io(cx.into(), Direction::Write, |_| io.write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut io: &'a E = self.get_ref();
        self.poll_io(cx.into(), Direction::Write, |_| io.write_vectored(bufs))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this: &'a PollEvented<E> = *self;
        this.poll_flush_shared(cx.into())
    }

    /// Flushes: a source in general has nothing that could be shut down.
    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}
