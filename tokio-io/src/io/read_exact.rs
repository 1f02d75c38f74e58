//! As many bytes as a buffer has room for.

use super::operation::{awaitable, poll_read, Operation};
use crate::AsyncRead;
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::io::{self, ErrorKind};

/// Reads until `buf` is full.
///
/// The future gives the reader and the buffer. An empty buffer is full at once. Dropping the
/// future loses the bytes that were read so far.
///
/// See [the module](crate::io) for interruptions, errors, dropping and panics. Serves both
/// generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use tokio_io::io::read_exact;
///
/// let (rest, buf) = read_exact(&b"hello"[..], [0; 4]).wait().unwrap();
/// assert_eq!((rest, &buf), (&b"o"[..], b"hell"));
/// ```
///
/// # Errors
///
/// `UnexpectedEof` if the stream ends before; and those of the reader.
pub fn read_exact<A, T>(a: A, buf: T) -> ReadExact<A, T>
where
    A: AsyncRead,
    T: AsMut<[u8]>,
{
    ReadExact { operation: Operation::on((a, buf)), filled: 0 }
}

/// The future of [`read_exact`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct ReadExact<A, T> {
    operation: Operation<(A, T)>,
    filled: usize,
}

fn step(reader: &mut impl AsyncRead, buf: &mut [u8], filled: &mut usize) -> Poll01<(), io::Error> {
    while *filled < buf.len() {
        let n = try_ready!(poll_read(reader, &mut buf[*filled..]));
        if n == 0 {
            let message = "the stream ended before the buffer was full";
            return Err(io::Error::new(ErrorKind::UnexpectedEof, message));
        }
        *filled += n;
    }
    Ok(Async::Ready(()))
}

impl<A, T> Future01 for ReadExact<A, T>
where
    A: AsyncRead,
    T: AsMut<[u8]>,
{
    type Item = (A, T);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(A, T), io::Error> {
        let filled = &mut self.filled;
        let (done, ()) =
            try_ready!(self.operation.poll(|(reader, buf)| step(reader, buf.as_mut(), filled)));
        Ok(Async::Ready(done))
    }
}

awaitable!(ReadExact<A, T>);
