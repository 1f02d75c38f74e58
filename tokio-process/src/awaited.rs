//! The futures of this crate as std futures.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::Caller;

/// A [`Child`](crate::Child), [`StatusAsync`](crate::StatusAsync),
/// [`OutputAsync`](crate::OutputAsync) or [`WaitWithOutput`](crate::WaitWithOutput) as a std
/// `Future`.
///
/// `.await` makes it; to hand one to `join!` or the like, call `into_future()`. Dropping it drops
/// what it waits for.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Awaited<F>(F);

impl<F> Awaited<F> {
    pub(crate) fn new(future: F) -> Self {
        Awaited(future)
    }
}

/// One definition of a poll, for either generation.
pub(crate) trait PollWith: futures::Future<Error = io::Error> + Unpin {
    fn poll_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<Self::Item>>;
}

#[allow(private_bounds, reason = "only the futures of this crate")]
impl<F: futures::Future<Error = io::Error> + PollWith> Future for Awaited<F> {
    type Output = io::Result<<F as futures::Future>::Item>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}

/// Makes a type with a `poll_with` a future of futures 0.1 that can be awaited.
macro_rules! both_generations {
    ($name:ty, $item:ty) => {
        impl crate::awaited::PollWith for $name {
            fn poll_with(
                &mut self,
                caller: tokio_task::Caller<'_>,
            ) -> std::task::Poll<std::io::Result<$item>> {
                <$name>::poll_with(self, caller)
            }
        }

        impl futures::Future for $name {
            type Item = $item;
            type Error = std::io::Error;

            fn poll(&mut self) -> futures::Poll<$item, std::io::Error> {
                tokio_task::to_futures01(<$name>::poll_with(self, tokio_task::Caller::Futures01))
            }
        }

        impl std::future::IntoFuture for $name {
            type Output = std::io::Result<$item>;
            type IntoFuture = crate::Awaited<$name>;

            fn into_future(self) -> crate::Awaited<$name> {
                crate::Awaited::new(self)
            }
        }
    };
}
pub(crate) use both_generations;
