//! All bytes of a buffer.

use super::operation::{awaitable, poll_write, Operation};
use crate::AsyncWrite;
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::io;

/// Writes all of `buf`; does not flush.
///
/// The future gives the writer and the buffer. Dropping it leaves an unknown part of the buffer
/// written.
///
/// See [the module](crate::io) for interruptions, errors, dropping and panics. Serves both
/// generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use std::io::Cursor;
/// use tokio_io::io::write_all;
///
/// let (writer, _) = write_all(Cursor::new(Vec::new()), "hello").wait().unwrap();
/// assert_eq!(writer.into_inner(), b"hello");
/// ```
///
/// # Errors
///
/// `WriteZero` if the writer takes no more bytes; and those of the writer.
pub fn write_all<A, T>(a: A, buf: T) -> WriteAll<A, T>
where
    A: AsyncWrite,
    T: AsRef<[u8]>,
{
    WriteAll { operation: Operation::on((a, buf)), written: 0 }
}

/// The future of [`write_all`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct WriteAll<A, T> {
    operation: Operation<(A, T)>,
    written: usize,
}

fn step(writer: &mut impl AsyncWrite, buf: &[u8], written: &mut usize) -> Poll01<(), io::Error> {
    while *written < buf.len() {
        *written += try_ready!(poll_write(writer, &buf[*written..]));
    }
    Ok(Async::Ready(()))
}

impl<A, T> Future01 for WriteAll<A, T>
where
    A: AsyncWrite,
    T: AsRef<[u8]>,
{
    type Item = (A, T);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(A, T), io::Error> {
        let written = &mut self.written;
        let (done, ()) =
            try_ready!(self.operation.poll(|(writer, buf)| step(writer, buf.as_ref(), written)));
        Ok(Async::Ready(done))
    }
}

awaitable!(WriteAll<A, T>);
