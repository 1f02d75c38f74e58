//! How a signal waits for its stream, and wakes it: a byte on its way through a pair of sockets.
//!
//! A pair for each stream, rather than one that all share: then nobody hands signals out, and a
//! stream needs no other reactor than its own. It costs two descriptors a stream. All that is
//! shared is in the system, so there is no order of memory operations to argue about.
//!
//! The handler's end does not block: when the pair is full the byte is thrown away, and those that
//! fill it report the signal.

use std::io::{self, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::task::{ready, Poll};
use tokio_reactor::{Direction, Handle, LateBound, LateSource};
use tokio_task::Caller;

/// The stream's end.
pub(super) struct Mailbox(LateBound<Receiving>);

impl Mailbox {
    /// The two ends. Both are closed on exec.
    pub(super) fn open(handle: &Handle) -> io::Result<(Mailbox, UnixStream)> {
        let (receiving, letters) = UnixStream::pair()?;
        receiving.set_nonblocking(true)?;
        letters.set_nonblocking(true)?;
        Ok((Mailbox(LateBound::with_handle(Receiving(receiving), handle)?), letters))
    }

    /// Waits until there is something in it, and takes all of it out.
    pub(super) fn poll_emptied(&self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        let taken = self.0.poll_stream_io(caller, Direction::Read, AT_ONCE, |mut socket| {
            let mut taken = 0;
            loop {
                match socket.read(&mut [0; AT_ONCE]) {
                    Ok(AT_ONCE) => taken += AT_ONCE,
                    Ok(n) => return Ok(taken + n),
                    Err(e) if taken > 0 && e.kind() == ErrorKind::WouldBlock => return Ok(taken),
                    Err(e) => return Err(e),
                }
            }
        });
        match ready!(taken)? {
            0 => Poll::Ready(Err(io::Error::other("the handler of the signal was taken away"))),
            _ => Poll::Ready(Ok(())),
        }
    }
}

const AT_ONCE: usize = 64;

/// A socket that comes to its reactor with the first poll.
struct Receiving(UnixStream);

impl LateSource for Receiving {
    type Source = mio::net::UnixStream;

    fn into_source(self) -> mio::net::UnixStream {
        mio::net::UnixStream::from_std(self.0)
    }

    fn from_source(source: mio::net::UnixStream) -> Self {
        Receiving(source.into())
    }
}
