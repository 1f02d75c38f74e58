//! `PollEvented` as it was before 0.1.6, over the one of `tokio-reactor`.

use bytes::{Buf, BufMut};
use futures::{Async, Poll};
use mio::event::Source;
use std::io::{self, Read, Write};
use tokio_io::{AsyncRead, AsyncWrite};
use tokio_reactor::{Handle, Ready};

/// A source that belongs to a reactor. See `tokio_reactor::PollEvented`.
#[deprecated(since = "0.1.2", note = "PollEvented2 instead")]
#[derive(Debug)]
pub struct PollEvented<E: Source> {
    io: tokio_reactor::PollEvented<E>,
    handle: Handle,
}

#[allow(deprecated)]
impl<E: Source> PollEvented<E> {
    /// Registers `io` with the reactor of `handle`.
    pub fn new(io: E, handle: &Handle) -> io::Result<PollEvented<E>> {
        let io = tokio_reactor::PollEvented::new_with_handle(io, handle)?;
        Ok(PollEvented { io, handle: handle.clone() })
    }

    /// Whether a read is worth a try; if not, the current task is woken when it is.
    pub fn poll_read(&mut self) -> Async<()> {
        tried(self.io.poll_read_ready(Ready::readable())).map(drop)
    }

    /// Whether a write is worth a try; if not, the current task is woken when it is.
    pub fn poll_write(&mut self) -> Async<()> {
        tried(self.io.poll_write_ready()).map(drop)
    }

    /// What of `mask` is ready; if nothing is, the current task is woken when something is.
    pub fn poll_ready(&mut self, mask: Ready) -> Async<Ready> {
        let mut ready = Ready::empty();
        if mask.is_readable() {
            if let Async::Ready(read) = tried(self.io.poll_read_ready(mask - Ready::writable())) {
                ready |= read.unwrap_or(Ready::readable());
            }
        }
        if mask.is_writable() {
            if let Async::Ready(write) = tried(self.io.poll_write_ready()) {
                ready |= write.unwrap_or(Ready::writable());
            }
        }
        if ready.is_empty() {
            Async::NotReady
        } else {
            Async::Ready(ready)
        }
    }

    /// A read would block: the current task is woken when one is worth a try again.
    pub fn need_read(&mut self) -> io::Result<()> {
        self.io.clear_read_ready(Ready::readable())
    }

    /// A write would block: the current task is woken when one is worth a try again.
    pub fn need_write(&mut self) -> io::Result<()> {
        self.io.clear_write_ready()
    }

    /// The reactor.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The source.
    pub fn get_ref(&self) -> &E {
        self.io.get_ref()
    }

    /// The source.
    pub fn get_mut(&mut self) -> &mut E {
        self.io.get_mut()
    }

    /// The source, which the reactor does not have any more.
    ///
    /// # Panics
    ///
    /// If the system refuses to take it out of the reactor.
    pub fn into_inner(self) -> E {
        self.io.into_inner().expect("a source can be taken out of its reactor")
    }
}

/// An error is worth a try: the operation reports it.
fn tried<T>(poll: Poll<T, io::Error>) -> Async<Option<T>> {
    match poll {
        Ok(ready) => ready.map(Some),
        Err(_) => Async::Ready(None),
    }
}

#[allow(deprecated)]
impl<E: Source + Read> Read for PollEvented<E> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.read(buf)
    }
}

#[allow(deprecated)]
impl<E: Source + Write> Write for PollEvented<E> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.io.write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.io.flush()
    }
}

#[allow(deprecated)]
impl<E: Source + Read> AsyncRead for PollEvented<E> {
    fn read_buf<B: BufMut>(&mut self, buf: &mut B) -> Poll<usize, io::Error> {
        AsyncRead::read_buf(&mut self.io, buf)
    }
}

#[allow(deprecated)]
impl<E: Source + Write> AsyncWrite for PollEvented<E> {
    fn shutdown(&mut self) -> Poll<(), io::Error> {
        Ok(Async::Ready(()))
    }

    fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll<usize, io::Error> {
        self.io.write_buf(buf)
    }
}
