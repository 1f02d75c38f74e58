//! Letting others run.

use futures::{Async, Future as Future01, Poll as Poll01};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::Caller;

/// Lets the other tasks of this worker run, then goes on. For std tasks; dropping it does nothing.
///
/// The task goes to the end of its worker's queue. Outside a task of a runtime it is just pending
/// once. A loop that computes for long and never waits calls this now and then; for work that blocks
/// there is `tokio_threadpool::blocking`.
///
/// ```
/// tokio::run(async {
///     for _ in 0..3 {
///         // .. compute a while ..
///         tokio::task::yield_now().await;
///     }
/// });
/// ```
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// As [`yield_now`], for futures 0.1 tasks. It never fails.
///
/// ```
/// use futures::Future;
///
/// tokio::run(tokio::task::yield_now_futures01().map(|()| println!("the others had their turn")));
/// ```
pub fn yield_now_futures01() -> YieldNowFutures01 {
    YieldNowFutures01(yield_now())
}

/// Is pending once. Made by [`yield_now`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct YieldNow {
    yielded: bool,
}

/// Is not ready once. Made by [`yield_now_futures01`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is polled"]
pub struct YieldNowFutures01(YieldNow);

impl YieldNow {
    fn poll_with(&mut self, caller: Caller<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        caller.wake();
        Poll::Pending
    }
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_with(cx.into())
    }
}

impl Future01 for YieldNowFutures01 {
    type Item = ();
    type Error = ();

    fn poll(&mut self) -> Poll01<(), ()> {
        match self.0.poll_with(Caller::Futures01) {
            Poll::Ready(()) => Ok(Async::Ready(())),
            Poll::Pending => Ok(Async::NotReady),
        }
    }
}
