//! Out of the buffers.

use super::operation::{awaitable, poll_flush, Operation};
use crate::AsyncWrite;
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::io;

/// Flushes a writer, and gives it back when everything written before has left its buffers.
///
/// See [the module](crate::io) for interruptions, errors, dropping and panics. Serves both
/// generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use std::io::{BufWriter, Cursor, Write};
/// use tokio_io::io::flush;
///
/// let mut writer = BufWriter::new(Cursor::new(Vec::new()));
/// writer.write_all(b"hello").unwrap();
/// let writer = flush(writer).wait().unwrap();
/// assert_eq!(writer.get_ref().get_ref(), b"hello");
/// ```
///
/// # Errors
///
/// Those of the writer.
pub fn flush<A>(a: A) -> Flush<A>
where
    A: AsyncWrite,
{
    Flush { operation: Operation::on(a) }
}

/// The future of [`flush`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct Flush<A> {
    operation: Operation<A>,
}

impl<A: AsyncWrite> Future01 for Flush<A> {
    type Item = A;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<A, io::Error> {
        let (writer, ()) = try_ready!(self.operation.poll(poll_flush));
        Ok(Async::Ready(writer))
    }
}

awaitable!(Flush<A>);
