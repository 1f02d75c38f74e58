//! All bytes up to a delimiter.

use super::operation::{awaitable, Operation};
use crate::poll::nonblocking;
use crate::AsyncRead;
use futures::{try_ready, Async, Future as Future01, Poll as Poll01};
use std::io::{self, BufRead};

/// Reads up to and with the first `byte`, appending to `buf`.
///
/// The future gives the reader and the buffer. If the stream ends before, the buffer does not end
/// with `byte`; nothing new in it means that the stream had ended already. There is no limit: to
/// accept bytes from a peer that is not trusted, wrap the reader in [`std::io::Read::take`].
/// Dropping the future loses what was read so far.
///
/// See [the module](crate::io) for interruptions, errors, dropping and panics. Serves both
/// generations: poll it or await it.
///
/// ```
/// use futures::Future;
/// use tokio_io::io::read_until;
///
/// let (rest, line) = read_until(&b"a,b,c"[..], b',', Vec::new()).wait().unwrap();
/// assert_eq!((rest, &line[..]), (&b"b,c"[..], &b"a,"[..]));
/// ```
///
/// # Errors
///
/// Those of the reader.
pub fn read_until<A>(a: A, byte: u8, buf: Vec<u8>) -> ReadUntil<A>
where
    A: AsyncRead + BufRead,
{
    ReadUntil { operation: Operation::on((a, buf)), byte }
}

/// The future of [`read_until`].
#[must_use = "futures do nothing unless polled or awaited"]
#[derive(Debug)]
pub struct ReadUntil<A> {
    operation: Operation<(A, Vec<u8>)>,
    byte: u8,
}

/// Ready when `buf` ends with `byte`, or the stream has ended.
///
/// std appends what it consumed to `buf` even when it fails, so trying again goes on.
pub(super) fn step(
    reader: &mut impl BufRead,
    byte: u8,
    buf: &mut Vec<u8>,
) -> Poll01<(), io::Error> {
    nonblocking(|| reader.read_until(byte, buf).map(drop))
}

impl<A> Future01 for ReadUntil<A>
where
    A: AsyncRead + BufRead,
{
    type Item = (A, Vec<u8>);
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<(A, Vec<u8>), io::Error> {
        let byte = self.byte;
        let (done, ()) = try_ready!(self.operation.poll(|(reader, buf)| step(reader, byte, buf)));
        Ok(Async::Ready(done))
    }
}

awaitable!(ReadUntil<A>);
