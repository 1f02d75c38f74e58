//! Sending to a receiver to which the socket is not connected.
//!
//! When such a receiver's queue is full of others' datagrams, Linux does not tell when there is
//! room: the socket itself is writable all the time. So whoever waits for the socket also looks
//! again now and then.

use crate::UnixDatagram;
use socket2::SockAddr;
use std::io;
use std::task::Poll;
use std::time::Duration;
use tokio_reactor::Backoff;
use tokio_task::Caller;

/// How one task waits until it has sent.
#[derive(Debug)]
pub(crate) struct Delivery {
    pause: Backoff,
    /// How long the next pause is.
    next: Duration,
}

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

impl Delivery {
    pub(crate) fn new() -> Self {
        Delivery { pause: Backoff::new(), next: FIRST_PAUSE }
    }

    /// Sends, or has `caller` woken when the socket has room, and after a pause.
    pub(crate) fn poll_with(
        &mut self,
        caller: Caller<'_>,
        socket: &UnixDatagram,
        buf: &[u8],
        to: &SockAddr,
    ) -> Poll<io::Result<usize>> {
        let mut sent = socket.poll_deliver(caller, buf, to);
        if sent.is_pending()
            && self.pause.is_waiting()
            && self.pause.poll_elapsed(caller).is_ready()
        {
            sent = match socket.deliver_now(buf, to) {
                Err(error) if is_temporary(&error) => Poll::Pending,
                result => Poll::Ready(result),
            };
        }
        match sent {
            Poll::Ready(_) => {
                self.pause.reset();
                self.next = FIRST_PAUSE;
            }
            Poll::Pending if !self.pause.is_waiting() => {
                self.pause.start(self.next);
                self.next = (2 * self.next).min(LONGEST_PAUSE);
                if self.pause.poll_elapsed(caller).is_ready() {
                    // The pause is over already: look again, after other tasks.
                    caller.wake();
                }
            }
            Poll::Pending => {}
        }
        sent
    }
}

fn is_temporary(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
