//! All bytes up to the end of the stream.

use super::operation::{awaitable, poll_read, Operation};
use crate::AsyncRead;
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::fmt;
use std::io;

/// Reads to the end of the stream, appending to `buf`.
///
/// The future gives the reader and the buffer. There is no limit: to accept bytes from a peer
/// that is not trusted, wrap the reader in [`std::io::Read::take`]. Dropping the future loses what
/// was read so far.
///
/// See [the module](crate::io) for interruptions, errors, dropping and panics. Serves both
/// generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use tokio_io::io::read_to_end;
///
/// let (_, all) = read_to_end(&b" world"[..], b"hello".to_vec()).wait().unwrap();
/// assert_eq!(all, b"hello world");
/// ```
///
/// # Errors
///
/// Those of the reader.
pub fn read_to_end<A>(a: A, buf: Vec<u8>) -> ReadToEnd<A>
where
    A: AsyncRead,
{
    let filled = buf.len();
    ReadToEnd { reader: Operation::on(a), all: Growing { buf, filled } }
}

/// The future of [`read_to_end`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct ReadToEnd<A> {
    reader: Operation<A>,
    all: Growing,
}

/// The bytes so far, and behind them zeroes to be read over: each byte is zeroed once, however
/// small the reads are.
struct Growing {
    buf: Vec<u8>,
    filled: usize,
}

impl Growing {
    fn step(&mut self, reader: &mut impl AsyncRead) -> Poll01<(), io::Error> {
        loop {
            let room = &mut self.buf[self.filled..];
            if !room.is_empty() {
                match try_ready!(poll_read(reader, room)) {
                    0 => return Ok(Async::Ready(())),
                    n => self.filled += n,
                }
            } else if self.buf.len() < self.buf.capacity() {
                let len = self.buf.capacity().min(self.buf.len() + MOST_ZEROED_AT_ONCE);
                self.buf.resize(len, 0);
            } else {
                // Often the stream ends just here: look, before the buffer is doubled.
                let mut probe = [0; 32];
                match try_ready!(poll_read(reader, &mut probe)) {
                    0 => return Ok(Async::Ready(())),
                    n => self.buf.extend_from_slice(&probe[..n]),
                }
                self.filled = self.buf.len();
            }
        }
    }

    fn take(&mut self) -> Vec<u8> {
        self.buf.truncate(self.filled);
        std::mem::take(&mut self.buf)
    }
}

/// A buffer with much room may be given for little data.
const MOST_ZEROED_AT_ONCE: usize = 64 * 1024;

impl fmt::Debug for Growing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.buf[..self.filled].fmt(f)
    }
}

impl<A: AsyncRead> Future01 for ReadToEnd<A> {
    type Item = (A, Vec<u8>);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(A, Vec<u8>), io::Error> {
        let all = &mut self.all;
        let (reader, ()) = try_ready!(self.reader.poll(|reader| all.step(reader)));
        Ok(Async::Ready((reader, self.all.take())))
    }
}

awaitable!(ReadToEnd<A>);
