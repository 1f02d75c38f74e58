//! The end of writing.

use super::operation::{awaitable, poll_shutdown, Operation};
use crate::AsyncWrite;
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::io;

/// Flushes a writer and tells the other side that no more bytes follow; then gives it back.
///
/// What that means for the stream, [`AsyncWrite::shutdown`] says. See [the module](crate::io) for
/// interruptions, errors, dropping and panics. Serves both generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use std::io::Cursor;
/// use tokio_io::io::{shutdown, write_all};
///
/// let writer = write_all(Cursor::new(Vec::new()), "bye").and_then(|(w, _)| shutdown(w));
/// assert_eq!(writer.wait().unwrap().into_inner(), b"bye");
/// ```
///
/// # Errors
///
/// Those of the writer.
pub fn shutdown<A>(a: A) -> Shutdown<A>
where
    A: AsyncWrite,
{
    Shutdown { operation: Operation::on(a) }
}

/// The future of [`shutdown`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct Shutdown<A> {
    operation: Operation<A>,
}

impl<A: AsyncWrite> Future01 for Shutdown<A> {
    type Item = A;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<A, io::Error> {
        let (writer, ()) = try_ready!(self.operation.poll(poll_shutdown));
        Ok(Async::Ready(writer))
    }
}

awaitable!(Shutdown<A>);
