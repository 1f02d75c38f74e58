//! The connections of a listener as a stream.

use crate::{UnixListener, UnixStream};
use futures::{Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_reactor::Accepting;
use tokio_task::{to_futures01, Caller};

/// The connections of a [`UnixListener`]; made by [`UnixListener::incoming`].
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
    listener: UnixListener,
    accepting: Accepting,
}

impl Incoming {
    pub(crate) fn new(listener: UnixListener) -> Self {
        Incoming { listener, accepting: Accepting::new() }
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
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<UnixStream>> {
        let accept = |caller: Caller<'_>| self.listener.poll_accept_with(caller);
        self.accepting.poll_with(caller, accept).map_ok(|(stream, _)| stream)
    }

    /// The listener, for its address and options.
    pub fn get_ref(&self) -> &UnixListener {
        &self.listener
    }

    /// Gives the listener back.
    pub fn into_inner(self) -> UnixListener {
        self.listener
    }
}

impl Stream01 for Incoming {
    type Item = UnixStream;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Option<UnixStream>, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01).map_ok(Some))
    }
}

impl Stream for Incoming {
    type Item = io::Result<UnixStream>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_with(cx.into()).map(Some)
    }
}
