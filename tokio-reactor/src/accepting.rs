//! How a listener goes on when it cannot accept: skips what was aborted, pauses when there is no
//! room.

mod verdict;

use self::verdict::Verdict;
use crate::{Backoff, Direction, LateBound, LateSource};
use std::io;
use std::task::{ready, Poll};
use std::time::Duration;
use tokio_task::Caller;

/// How many aborted connections one poll skips before it lets other tasks run.
const SKIPS: usize = 64;

/// Accepts again and again, with longer and longer pauses while there is no room for another
/// socket: 10 ms at first, 1 second at most. Other tasks run meanwhile, and may close theirs.
///
/// One is kept by each task that accepts. Serves both generations.
///
/// ```
/// use std::future::poll_fn;
/// use std::net::{TcpListener, TcpStream};
/// use tokio_reactor::{Accepting, LateBound};
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let client = TcpStream::connect(listener.local_addr()?)?;
/// listener.set_nonblocking(true)?;
/// let listener = LateBound::sole(listener);
///
/// let mut accepting = Accepting::new();
/// let (_, addr) = futures03::executor::block_on(poll_fn(|cx| {
///     accepting.poll_with(cx.into(), |caller| listener.poll_accept(caller, |l| l.accept()))
/// }))?;
/// assert_eq!(addr, client.local_addr()?);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Accepting {
    pause: Backoff,
    /// How long the next pause is.
    next: Duration,
}

impl Accepting {
    /// One that does not pause yet.
    pub fn new() -> Self {
        Accepting { pause: Backoff::new(), next: FIRST_PAUSE }
    }

    /// What `accept` says, unless it says that the process or the system has no room for another
    /// socket. Then `caller` is woken later, to try again: the connection waits in the listener's
    /// queue, and the listener's readiness stands.
    ///
    /// # Errors
    ///
    /// The other errors of `accept`.
    ///
    /// # Panics
    ///
    /// When it has to wait, for [`Caller::Futures01`] outside a futures 0.1 task.
    pub fn poll_with<R>(
        &mut self,
        caller: Caller<'_>,
        accept: impl FnOnce(Caller<'_>) -> Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        ready!(self.pause.poll_elapsed(caller));
        match ready!(accept(caller)) {
            Err(error) if Verdict::of(&error) == Verdict::Exhausted => {
                self.pause.start(self.next);
                self.next = (2 * self.next).min(LONGEST_PAUSE);
                if self.pause.poll_elapsed(caller).is_ready() {
                    // Not even a reactor to wait by could be had: other tasks run in between.
                    caller.wake();
                }
                Poll::Pending
            }
            result => {
                self.next = FIRST_PAUSE;
                Poll::Ready(result)
            }
        }
    }
}

impl Default for Accepting {
    fn default() -> Self {
        Accepting::new()
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl<S: LateSource> LateBound<S> {
    /// [`poll_io`](LateBound::poll_io) for a listener: `accept` is tried again when a connection
    /// was aborted before it was accepted.
    ///
    /// # Errors
    ///
    /// If there is no room for another socket (the connection is still there then, see
    /// [`Accepting`]), if the listener itself has failed, and those of [`bind`](LateBound::bind).
    ///
    /// # Panics
    ///
    /// As [`PollEvented::poll_io`](crate::PollEvented::poll_io).
    pub fn poll_accept<R>(
        &self,
        caller: Caller<'_>,
        mut accept: impl FnMut(&S::Source) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        for _ in 0..SKIPS {
            match ready!(self.poll_io(caller, Direction::Read, &mut accept)) {
                Err(error) if Verdict::of(&error) == Verdict::Aborted => {}
                result => return Poll::Ready(result),
            }
        }
        caller.wake();
        Poll::Pending
    }
}

#[cfg(all(test, not(tokio_loom)))]
mod tests {
    use super::*;
    use futures03::executor::block_on;
    use std::future::poll_fn;
    use std::net;

    fn bound() -> (LateBound<net::TcpListener>, net::TcpStream) {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        listener.set_nonblocking(true).unwrap();
        (LateBound::sole(listener), client)
    }

    #[test]
    fn aborted_connections_are_skipped_and_the_next_one_is_taken() {
        let (listener, client) = bound();
        let mut aborted = 0;
        let (_, addr) = block_on(poll_fn(|cx| {
            listener.poll_accept(cx.into(), |socket| {
                if aborted < 3 * SKIPS {
                    aborted += 1;
                    return Err(io::ErrorKind::ConnectionAborted.into());
                }
                socket.accept()
            })
        }))
        .unwrap();
        assert_eq!(addr, client.local_addr().unwrap());
        assert_eq!(aborted, 3 * SKIPS);
    }

    #[test]
    fn a_failed_listener_reports_its_error() {
        let (listener, _client) = bound();
        let failed: io::Result<()> = block_on(poll_fn(|cx| {
            listener.poll_accept(cx.into(), |_| Err(io::ErrorKind::InvalidInput.into()))
        }));
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}
