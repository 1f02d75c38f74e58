//! What all futures of this crate share: one poll, and a spelling of it for either generation.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::Caller;

/// A future of this crate, as it is defined for both generations. Sealed.
///
/// Such a future is a futures 0.1 `Future` and a std `IntoFuture`: `.and_then(..)` it or `.await`
/// it. Where a std `Future` is asked for, as by `join!`, pass `operation.into_future()`.
///
/// # Cancellation
///
/// A future that was never polled has done nothing. One that is dropped while it is pending may
/// still do its work, on its own thread; what comes of it is dropped.
///
/// # Panics
///
/// If it is polled again after it was ready.
pub trait Operation: sealed::Operation {
    /// What `.await` gives: a `Result` of the futures 0.1 item and error.
    type Output;

    /// Completes when the operation has been carried out or has failed. The one definition, for
    /// either generation.
    fn poll_with(&mut self, caller: Caller<'_>) -> Poll<Self::Output>;
}

/// A future of this crate as a std `Future`; made by `into_future`, and so by `.await`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Running<F>(F);

impl<F: Operation> Running<F> {
    pub(crate) fn new(operation: F) -> Self {
        Running(operation)
    }
}

impl<F> Unpin for Running<F> {}

impl<F: Operation> Future for Running<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.0.poll_with(cx.into())
    }
}

pub(crate) mod sealed {
    pub trait Operation {}
}

/// Makes a type a future: `operation!({impl generics} Type {where clause} -> Item, Error, poll)`.
macro_rules! operation {
    (
        {$($generics:tt)*} $name:ty {$($bounds:tt)*} -> $item:ty, $error:ty,
        |$this:ident, $caller:ident| $poll:expr
    ) => {
        impl<$($generics)*> $crate::operation::sealed::Operation for $name $($bounds)* {}

        impl<$($generics)*> $crate::Operation for $name $($bounds)* {
            type Output = Result<$item, $error>;

            fn poll_with(
                &mut self,
                $caller: tokio_task::Caller<'_>,
            ) -> std::task::Poll<Self::Output> {
                let $this = self;
                $poll
            }
        }

        impl<$($generics)*> futures::Future for $name $($bounds)* {
            type Item = $item;
            type Error = $error;

            fn poll(&mut self) -> futures::Poll<$item, $error> {
                let caller = tokio_task::Caller::Futures01;
                tokio_task::to_futures01($crate::Operation::poll_with(self, caller))
            }
        }

        impl<$($generics)*> std::future::IntoFuture for $name $($bounds)* {
            type Output = Result<$item, $error>;
            type IntoFuture = $crate::Running<Self>;

            fn into_future(self) -> Self::IntoFuture {
                $crate::Running::new(self)
            }
        }
    };
}
pub(crate) use operation;
