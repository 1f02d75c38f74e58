//! The events of a Windows console: Ctrl-C and Ctrl-Break.
//!
//! The system calls the console's handler on a thread of its own, which wakes the tasks: no
//! reactor is needed. As long as there is a stream for an event, the process goes on after it;
//! when the last one is dropped, the default (the process ends) is back.

use futures::{future, Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_io::IoFuture;
use tokio_reactor::Handle;
use tokio_task::{poll_proceed, to_futures01, Caller};

mod console;
pub(crate) mod listeners;

use self::listeners::{Kind, Listener};

/// Each time the process gets an event of its console.
///
/// A futures 0.1 `Stream` and a [`futures_core::Stream`] that never ends and never fails; see
/// [the crate](crate) for what it promises.
///
/// # Panics
///
/// When it has to wait, if it is polled as a futures 0.1 stream outside a futures 0.1 task.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Event(Listener);

/// A stream of each Ctrl-C, which listens from now on. For async code.
///
/// # Errors
///
/// If the system refuses the handler.
pub fn ctrl_c() -> io::Result<Event> {
    Event::listen(Kind::CtrlC)
}

/// A stream of each Ctrl-Break, which listens from now on. For async code.
///
/// # Errors
///
/// If the system refuses the handler.
pub fn ctrl_break() -> io::Result<Event> {
    Event::listen(Kind::CtrlBreak)
}

impl Event {
    /// A futures 0.1 future of a stream that yields each Ctrl-C.
    ///
    /// It listens from its first poll on, and is ready at once. Async code uses [`ctrl_c()`].
    ///
    /// # Errors
    ///
    /// If the system refuses the handler.
    pub fn ctrl_c() -> IoFuture<Event> {
        Box::new(future::lazy(|| Event::listen(Kind::CtrlC)))
    }

    /// The same: no reactor is needed.
    ///
    /// # Errors
    ///
    /// If the system refuses the handler.
    pub fn ctrl_c_handle(_handle: &Handle) -> IoFuture<Event> {
        Event::ctrl_c()
    }

    /// A futures 0.1 future of a stream that yields each Ctrl-Break.
    ///
    /// It listens from its first poll on, and is ready at once. Async code uses [`ctrl_break()`].
    ///
    /// # Errors
    ///
    /// If the system refuses the handler.
    pub fn ctrl_break() -> IoFuture<Event> {
        Box::new(future::lazy(|| Event::listen(Kind::CtrlBreak)))
    }

    /// The same: no reactor is needed.
    ///
    /// # Errors
    ///
    /// If the system refuses the handler.
    pub fn ctrl_break_handle(_handle: &Handle) -> IoFuture<Event> {
        Event::ctrl_break()
    }

    fn listen(kind: Kind) -> io::Result<Event> {
        console::install()?;
        Ok(Event(listeners::LISTENERS.listen(kind)))
    }

    /// Waits for the event. The one definition, for either generation.
    ///
    /// # Errors
    ///
    /// None.
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        ready!(poll_proceed(caller));
        self.0.poll_heard(caller).map(Ok)
    }

    /// Waits for the event, in async code. Dropping the future loses none.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn recv(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_with(cx.into())).await
    }
}

impl Stream01 for Event {
    type Item = ();
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Option<()>, io::Error> {
        to_futures01(self.poll_with(Caller::Futures01).map_ok(Some))
    }
}

impl Stream for Event {
    type Item = io::Result<()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_with(cx.into()).map(Some)
    }
}
