//! A future that need not let others run.

use futures::{Future as Future01, Poll as Poll01};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::without_budget;

/// Takes the limit off a future of either generation: its sockets and channels may complete any number of
/// operations in one poll.
///
/// Otherwise a task that never waits is made to wait after 128 operations, so that others have their turn. A
/// future without that limit can starve them.
///
/// ```
/// use tokio::task::unconstrained;
///
/// tokio::run(unconstrained(async { println!("std") }));
/// tokio::run(unconstrained(futures::future::lazy(|| Ok(println!("0.1")))));
/// ```
pub fn unconstrained<F>(future: F) -> Unconstrained<F> {
    Unconstrained { future }
}

pin_project! {
    /// A future without a limit. Made by [`unconstrained`].
    ///
    /// It is a std future if `F` is one, and a futures 0.1 future if `F` is one.
    #[must_use = "a future does nothing unless it is polled"]
    pub struct Unconstrained<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Future for Unconstrained<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        without_budget(|| self.project().future.poll(cx))
    }
}

impl<F: Future01> Future01 for Unconstrained<F> {
    type Item = F::Item;
    type Error = F::Error;

    fn poll(&mut self) -> Poll01<F::Item, F::Error> {
        without_budget(|| self.future.poll())
    }
}

impl<F> fmt::Debug for Unconstrained<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unconstrained").finish_non_exhaustive()
    }
}
