//! The end of a background reactor, to be waited for.

use crate::background::Running;
use futures::{Future as Future01, Poll as Poll01};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::Ordering::Acquire;
use std::task::{Context, Poll};
use tokio_task::{to_futures01, Caller};

/// Waits until a background reactor has ended.
///
/// Of [`Background::shutdown_on_idle`](crate::Background::shutdown_on_idle) and
/// [`Background::shutdown_now`](crate::Background::shutdown_now). A futures 0.1 future, and
/// awaitable. It completes when the reactor is gone and its thread has ended. Dropping it cancels
/// nothing.
///
/// ```
/// use tokio_reactor::Reactor;
///
/// let background = Reactor::new()?.background()?;
/// futures03::executor::block_on(async { background.shutdown_now().await });
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "the shutdown goes on without it, but nothing waits for its end"]
pub struct Shutdown {
    running: Option<Running>,
}

/// A [`Shutdown`] that is awaited.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct ShutdownFuture(Shutdown);

impl Shutdown {
    pub(crate) fn of(running: Option<Running>) -> Self {
        Shutdown { running }
    }

    fn poll_with(&mut self, caller: Caller<'_>) -> Poll<()> {
        let Some(Running { control, .. }) = &self.running else { return Poll::Ready(()) };
        if !control.done.load(Acquire) {
            if let Some(displaced) = control.waiter.register(caller) {
                displaced.wake();
            }
            if !control.done.load(Acquire) {
                return Poll::Pending;
            }
        }
        self.join();
        Poll::Ready(())
    }

    /// Blocks until the thread has ended.
    pub(crate) fn join(&mut self) {
        if let Some(running) = self.running.take() {
            running.join();
        }
    }
}

impl Future01 for Shutdown {
    type Item = ();
    type Error = ();

    fn poll(&mut self) -> Poll01<(), ()> {
        to_futures01(self.poll_with(Caller::Futures01).map(Ok))
    }
}

impl IntoFuture for Shutdown {
    type Output = ();
    type IntoFuture = ShutdownFuture;

    fn into_future(self) -> ShutdownFuture {
        ShutdownFuture(self)
    }
}

impl Future for ShutdownFuture {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_with(cx.into())
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").finish_non_exhaustive()
    }
}
