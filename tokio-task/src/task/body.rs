//! What a task polls: the only place that knows there are two generations.

use super::header::Header;
use super::wake;
use futures::executor::{self, Spawn};
use futures::{Async, Future as Future01};
use std::future::Future;
use std::pin::Pin;
use std::ptr::NonNull;
use std::task::{Context, Poll};

/// A future of either generation, as a task polls it. Sealed: [`Std`], [`Futures01`] and
/// [`Futures01Result`] are all there are.
pub trait Body: sealed::Body + 'static {
    /// What the join handle yields.
    type Output: 'static;

    /// Polls with wake-ups that lead to the task of `header`.
    fn poll(self: Pin<&mut Self>, header: Ref) -> Poll<Self::Output>;
}

/// The task that a body belongs to, borrowed for one poll.
#[derive(Clone, Copy, Debug)]
pub struct Ref(pub(super) NonNull<Header>);

/// A std future.
#[derive(Debug)]
pub struct Std<F>(pub F);

impl<F: Future<Output: 'static> + 'static> Body for Std<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, header: Ref) -> Poll<F::Output> {
        // SAFETY: the one field is pinned when the whole is: it is never moved out, `Std` has no
        // `Drop` and is `Unpin` only if `F` is.
        let future = unsafe { self.map_unchecked_mut(|body| &mut body.0) };
        wake::with_waker(header.0, |waker| future.poll(&mut Context::from_waker(waker)))
    }
}

/// A futures 0.1 future whose result nobody asks for.
#[derive(Debug)]
pub struct Futures01<F>(Spawn<F>);

impl<F: Future01<Item = (), Error = ()>> Futures01<F> {
    /// A body that polls `future`.
    pub fn new(future: F) -> Self {
        Futures01(executor::spawn(future))
    }

    /// The future.
    pub fn into_future(self) -> F {
        self.0.into_inner()
    }
}

impl<F: Future01<Item = (), Error = ()> + 'static> Body for Futures01<F> {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, header: Ref) -> Poll<()> {
        poll_futures01(self, |body| &mut body.0, header).map(drop)
    }
}

/// A futures 0.1 future whose result goes to a join handle.
#[derive(Debug)]
pub struct Futures01Result<F>(Spawn<F>);

impl<F: Future01> Futures01Result<F> {
    /// A body that polls `future`.
    pub fn new(future: F) -> Self {
        Futures01Result(executor::spawn(future))
    }
}

impl<F: Future01<Item: 'static, Error: 'static> + 'static> Body for Futures01Result<F> {
    type Output = Result<F::Item, F::Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, header: Ref) -> Poll<Self::Output> {
        poll_futures01(self, |body| &mut body.0, header)
    }
}

#[inline]
fn poll_futures01<B, F: Future01>(
    body: Pin<&mut B>,
    spawn: impl FnOnce(&mut B) -> &mut Spawn<F>,
    header: Ref,
) -> Poll<Result<F::Item, F::Error>> {
    // SAFETY: futures 0.1 does not pin: its futures may be moved between polls, and the body is
    // not moved here anyway.
    let spawn = spawn(unsafe { body.get_unchecked_mut() });
    match spawn.poll_future_notify(&&wake::NOTIFIER, wake::id(header.0)) {
        Ok(Async::NotReady) => Poll::Pending,
        Ok(Async::Ready(item)) => Poll::Ready(Ok(item)),
        Err(error) => Poll::Ready(Err(error)),
    }
}

mod sealed {
    pub trait Body {}
    impl<F> Body for super::Std<F> {}
    impl<F> Body for super::Futures01<F> {}
    impl<F> Body for super::Futures01Result<F> {}
}
