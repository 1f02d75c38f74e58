//! The connections of a listener as a stream, and how accepting goes on when there is no room.

use crate::listener::Verdict;
use crate::{TcpListener, TcpStream};
use futures::{Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;
use tokio_reactor::Backoff;
use tokio_task::{to_futures01, Caller};

/// The connections of a [`TcpListener`]; made by [`TcpListener::incoming`].
///
/// A futures 0.1 `Stream` and a [`futures_core::Stream`]. It never ends. Aborted connections are
/// skipped; while there are no file descriptors it pauses and lets other tasks run.
///
/// # Errors
///
/// If the listener itself has failed. The stream may be polled again.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Incoming {
    listener: TcpListener,
    accepting: Accepting,
}

impl Incoming {
    pub(crate) fn new(listener: TcpListener) -> Self {
        Incoming { listener, accepting: Accepting::default() }
    }

    /// The next connection. The one definition, for either generation.
    ///
    /// # Errors
    ///
    /// If the listener itself has failed.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<TcpStream>> {
        self.accepting.poll_with(&self.listener, caller).map_ok(|(stream, _)| stream)
    }

    /// The listener, for its address and options.
    pub fn get_ref(&self) -> &TcpListener {
        &self.listener
    }

    /// Gives the listener back.
    pub fn into_inner(self) -> TcpListener {
        self.listener
    }
}

impl Stream01 for Incoming {
    type Item = TcpStream;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Option<TcpStream>, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01).map_ok(Some))
    }
}

impl Stream for Incoming {
    type Item = io::Result<TcpStream>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_with(cx.into()).map(Some)
    }
}

/// Accepts again and again, with longer and longer pauses while there is no room for another
/// socket.
#[derive(Debug)]
pub(crate) struct Accepting {
    pause: Backoff,
    /// How long the next pause is.
    next: Duration,
}

impl Accepting {
    /// A connection waits in the queue while this pauses: the listener's readiness stands.
    pub(crate) fn poll_with(
        &mut self,
        listener: &TcpListener,
        caller: Caller<'_>,
    ) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        ready!(self.pause.poll_elapsed(caller));
        match ready!(listener.poll_accept_with(caller)) {
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
        Accepting { pause: Backoff::new(), next: FIRST_PAUSE }
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
