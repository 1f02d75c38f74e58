//! One read.

use super::operation::{awaitable, poll_read, Operation};
use crate::AsyncRead;
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::io;

/// Reads once, some bytes, into `buf`.
///
/// The future gives the reader, the buffer, and the number of bytes at the buffer's start that
/// were read; 0 means the end of the stream, or that the buffer is empty. Cancelling is safe: a
/// future that is dropped before it completed has read nothing.
///
/// See [the module](crate::io) for interruptions, errors, dropping and panics. Serves both
/// generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use tokio_io::io::read;
///
/// let (rest, buf, n) = read(&b"hello"[..], [0; 4]).wait().unwrap();
/// assert_eq!((rest, &buf, n), (&b"o"[..], b"hell", 4));
/// ```
///
/// # Errors
///
/// Those of the reader.
pub fn read<R, T>(rd: R, buf: T) -> Read<R, T>
where
    R: AsyncRead,
    T: AsMut<[u8]>,
{
    Read { operation: Operation::on((rd, buf)) }
}

/// The future of [`read`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct Read<R, T> {
    operation: Operation<(R, T)>,
}

impl<R, T> Future01 for Read<R, T>
where
    R: AsyncRead,
    T: AsMut<[u8]>,
{
    type Item = (R, T, usize);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(R, T, usize), io::Error> {
        let ((reader, buf), n) =
            try_ready!(self.operation.poll(|(reader, buf)| poll_read(reader, buf.as_mut())));
        Ok(Async::Ready((reader, buf, n)))
    }
}

awaitable!(Read<R, T>);
