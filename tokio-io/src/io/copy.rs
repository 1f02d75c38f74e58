//! Everything from a reader to a writer.

use super::operation::{awaitable, poll_flush, poll_read, poll_write, Operation};
use crate::{AsyncRead, AsyncWrite};
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::fmt;
use std::io;
use tokio_task::{poll_proceed, Caller};

/// Copies all bytes of `reader` to `writer`, then flushes `writer`.
///
/// The future gives the number of bytes, the reader and the writer. It does not shut the writer
/// down, which may still be wanted for more.
///
/// It holds one buffer: none before it is polled, 2 KiB then, growing to 8 KiB while the reader
/// fills it. Bytes never wait in a buffer of the writer for bytes of the reader: when the reader
/// is not ready, the writer is flushed.
///
/// See [the module](crate::io) for interruptions, errors, dropping and panics. Serves both
/// generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use std::io::Cursor;
/// use tokio_io::io::copy;
///
/// let (n, _, writer) = copy(&b"hello"[..], Cursor::new(Vec::new())).wait().unwrap();
/// assert_eq!(n, 5);
/// assert_eq!(writer.into_inner(), b"hello");
/// ```
///
/// # Errors
///
/// Those of the reader and of the writer; `WriteZero` if the writer takes no more bytes.
pub fn copy<R, W>(reader: R, writer: W) -> Copy<R, W>
where
    R: AsyncRead,
    W: AsyncWrite,
{
    Copy { streams: Operation::on((reader, writer)), transfer: Transfer::default() }
}

/// The future of [`copy`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct Copy<R, W> {
    streams: Operation<(R, W)>,
    transfer: Transfer,
}

/// What is under way between the two streams.
#[derive(Default)]
struct Transfer {
    buf: Box<[u8]>,
    /// `buf[start..end]` is read and not yet written.
    start: usize,
    end: usize,
    /// Bytes written.
    copied: u64,
    ended: bool,
    /// Something was written since the last flush.
    unflushed: bool,
}

impl Transfer {
    fn step(
        &mut self,
        reader: &mut impl AsyncRead,
        writer: &mut impl AsyncWrite,
    ) -> Poll01<u64, io::Error> {
        loop {
            while self.start < self.end {
                let n = try_ready!(poll_write(writer, &self.buf[self.start..self.end]));
                self.start += n;
                self.copied += n as u64;
                self.unflushed = true;
            }
            if self.ended {
                try_ready!(poll_flush(writer));
                return Ok(Async::Ready(self.copied));
            }
            // Streams that are always ready, as those in memory are, must not keep the worker.
            if poll_proceed(Caller::Futures01).is_pending() {
                return Ok(Async::NotReady);
            }
            self.make_room();
            match poll_read(reader, &mut self.buf)? {
                Async::Ready(0) => self.ended = true,
                Async::Ready(n) => (self.start, self.end) = (0, n),
                Async::NotReady => {
                    if self.unflushed && poll_flush(writer)?.is_ready() {
                        self.unflushed = false;
                    }
                    return Ok(Async::NotReady);
                }
            }
        }
    }

    /// A bigger buffer when the last read has filled this one. Only while it holds nothing.
    fn make_room(&mut self) {
        let len = self.buf.len();
        if self.end == len && len < LARGEST_BUFFER {
            self.buf = vec![0; (2 * len).max(SMALLEST_BUFFER)].into();
            (self.start, self.end) = (0, 0);
        }
    }
}

/// Enough for a request or a line; what an idle connection costs.
const SMALLEST_BUFFER: usize = 2 * 1024;
/// Enough that system calls do not dominate.
const LARGEST_BUFFER: usize = 8 * 1024;

impl fmt::Debug for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transfer")
            .field("copied", &self.copied)
            .field("buffered", &(self.end - self.start))
            .field("ended", &self.ended)
            .finish()
    }
}

impl<R, W> Future01 for Copy<R, W>
where
    R: AsyncRead,
    W: AsyncWrite,
{
    type Item = (u64, R, W);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(u64, R, W), io::Error> {
        let transfer = &mut self.transfer;
        let ((reader, writer), copied) =
            try_ready!(self.streams.poll(|(reader, writer)| transfer.step(reader, writer)));
        Ok(Async::Ready((copied, reader, writer)))
    }
}

awaitable!(Copy<R, W>);
