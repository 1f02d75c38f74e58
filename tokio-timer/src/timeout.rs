//! A limit to the time that a future, or each item of a stream, may take.

mod error;

pub use self::error::Error;

use crate::delay::after;
use crate::{clock, Delay};
use futures::{Async, Future as Future01, Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::{Duration, Instant};
use tokio_task::{Caller, Futures01AsStd, Never};

pin_project! {
    /// Gives a futures 0.1 future, or each item of a stream of either generation, so much time.
    ///
    /// * Around a **future** of futures 0.1 it is such a future, and a std `IntoFuture`. When the
    ///   time is up before the future is done, its error is [`Error::elapsed`]; the future stays
    ///   inside, to be dropped or taken out. For std futures there is
    ///   [`std_future::timeout`](crate::std_future::timeout).
    /// * Around a **stream**, of either generation, it is such a stream. Each item has as much time
    ///   from the one before. An item that comes too late costs an error, and the next one has its
    ///   time again. Made with a deadline, by [`Handle::timeout`](crate::timer::Handle::timeout), it
    ///   limits the stream as a whole.
    ///
    /// What is inside is polled first: if it is ready, the time does not matter. The time runs
    /// from when this is made.
    ///
    /// ```
    /// use futures::{future, Future};
    /// use std::time::Duration;
    /// use tokio_timer::Timeout;
    ///
    /// let never = future::empty::<(), ()>();
    /// let error = Timeout::new(never, Duration::from_millis(1)).wait().unwrap_err();
    /// assert!(error.is_elapsed());
    /// ```
    #[derive(Debug)]
    #[must_use = "futures and streams do nothing unless polled"]
    pub struct Timeout<T> {
        #[pin]
        value: T,
        delay: Delay,
        // How long an item may take; `None` if there is one deadline for all.
        per_item: Option<Duration>,
    }
}

impl<T> Timeout<T> {
    /// Gives `value`, or each of its items, the time `timeout`.
    pub fn new(value: T, timeout: Duration) -> Timeout<T> {
        Timeout { value, delay: Delay::new_timeout(timeout), per_item: Some(timeout) }
    }

    pub(crate) fn new_with_delay(value: T, delay: Delay) -> Timeout<T> {
        Timeout { value, delay, per_item: None }
    }

    /// What has limited time.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// What has limited time.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// What had limited time.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: Future01> Timeout<T> {
    /// Gives `future` time until `deadline`.
    pub fn new_at(future: T, deadline: Instant) -> Timeout<T> {
        Timeout::new_with_delay(future, Delay::new(deadline))
    }
}

/// `Ready` when the time is up.
fn poll_limit<E>(delay: &mut Delay, caller: Caller<'_>) -> Poll<Error<E>> {
    match ready!(delay.poll_elapsed(caller)) {
        Ok(()) => Poll::Ready(Error::elapsed()),
        Err(error) => Poll::Ready(Error::timer(error)),
    }
}

/// The next item has its time from now on.
fn begin_item(delay: &mut Delay, per_item: Option<Duration>) {
    if let Some(time) = per_item {
        delay.reset(after(clock::now(), time));
    }
}

impl<T: Future01> Future01 for Timeout<T> {
    type Item = T::Item;
    type Error = Error<T::Error>;

    fn poll(&mut self) -> Poll01<T::Item, Self::Error> {
        if let Async::Ready(item) = self.value.poll().map_err(Error::inner)? {
            return Ok(Async::Ready(item));
        }
        match poll_limit(&mut self.delay, Caller::Futures01) {
            Poll::Ready(error) => Err(error),
            Poll::Pending => Ok(Async::NotReady),
        }
    }
}

impl<T: Future01> IntoFuture for Timeout<T> {
    type Output = Result<T::Item, Error<T::Error>>;
    type IntoFuture = Futures01AsStd<Timeout<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Futures01AsStd::new(self)
    }
}

impl<T: Stream01> Stream01 for Timeout<T> {
    type Item = T::Item;
    type Error = Error<T::Error>;

    fn poll(&mut self) -> Poll01<Option<T::Item>, Self::Error> {
        if let Async::Ready(item) = self.value.poll().map_err(Error::inner)? {
            if item.is_some() {
                begin_item(&mut self.delay, self.per_item);
            }
            return Ok(Async::Ready(item));
        }
        match poll_limit(&mut self.delay, Caller::Futures01) {
            Poll::Ready(error) => {
                begin_item(&mut self.delay, self.per_item);
                Err(error)
            }
            Poll::Pending => Ok(Async::NotReady),
        }
    }
}

impl<T: Stream> Stream for Timeout<T> {
    type Item = Result<T::Item, Error<Never>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if let Poll::Ready(item) = this.value.poll_next(cx) {
            if item.is_some() {
                begin_item(this.delay, *this.per_item);
            }
            return Poll::Ready(item.map(Ok));
        }
        let error = ready!(poll_limit(this.delay, cx.into()));
        begin_item(this.delay, *this.per_item);
        Poll::Ready(Some(Err(error)))
    }
}
