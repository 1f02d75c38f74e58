//! Names of 0.1 that newer ones have replaced.
#![allow(deprecated)]

use crate::clock::{self, Clock};
use crate::timer::Handle;
use crate::{Delay, Error};
use futures::{Async, Future, Poll};
use std::error;
use std::fmt;
use std::sync::Weak;
use std::time::Instant;
use tokio_executor::park::Unpark;
use tokio_task::Caller;

/// A source of the current time, as a [`Timer`](crate::Timer) asks it.
#[deprecated(since = "0.2.4", note = "use `clock::Now` instead")]
#[doc(hidden)]
pub trait Now {
    /// What time it is.
    fn now(&mut self) -> Instant;

    /// As [`clock::Now::subscribe`].
    fn subscribe(&mut self, timer: Weak<dyn Unpark>) -> bool {
        let _ = timer;
        false
    }
}

impl Now for Clock {
    fn now(&mut self) -> Instant {
        Clock::now(self)
    }

    fn subscribe(&mut self, timer: Weak<dyn Unpark>) -> bool {
        Clock::subscribe(self, timer)
    }
}

/// The system's clock, and any other.
#[deprecated(since = "0.2.4", note = "use `clock::Clock` instead")]
#[doc(hidden)]
pub use clock::Clock as SystemNow;

/// A future that has time until a deadline.
#[deprecated(since = "0.2.6", note = "use `Timeout` instead")]
#[doc(hidden)]
#[derive(Debug)]
pub struct Deadline<T> {
    future: T,
    delay: Delay,
}

/// The error of a [`Deadline`].
#[deprecated(since = "0.2.6", note = "use `timeout::Error` instead")]
#[doc(hidden)]
#[derive(Debug)]
pub struct DeadlineError<T>(Kind<T>);

#[derive(Debug)]
enum Kind<T> {
    Inner(T),
    Elapsed,
    Timer(Error),
}

impl<T> Deadline<T> {
    /// Gives `future` time until `deadline`.
    pub fn new(future: T, deadline: Instant) -> Deadline<T> {
        Deadline { future, delay: Delay::new(deadline) }
    }

    /// What has limited time.
    pub fn get_ref(&self) -> &T {
        &self.future
    }

    /// What has limited time.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.future
    }

    /// What had limited time.
    pub fn into_inner(self) -> T {
        self.future
    }
}

impl<T: Future> Future for Deadline<T> {
    type Item = T::Item;
    type Error = DeadlineError<T::Error>;

    fn poll(&mut self) -> Poll<T::Item, Self::Error> {
        if let Async::Ready(item) = self.future.poll().map_err(DeadlineError::inner)? {
            return Ok(Async::Ready(item));
        }
        match self.delay.poll_elapsed(Caller::Futures01) {
            std::task::Poll::Ready(Ok(())) => Err(DeadlineError::elapsed()),
            std::task::Poll::Ready(Err(error)) => Err(DeadlineError::timer(error)),
            std::task::Poll::Pending => Ok(Async::NotReady),
        }
    }
}

impl<T> DeadlineError<T> {
    /// The future failed with `err`.
    pub fn inner(err: T) -> DeadlineError<T> {
        DeadlineError(Kind::Inner(err))
    }

    /// Whether the future failed.
    pub fn is_inner(&self) -> bool {
        matches!(self.0, Kind::Inner(_))
    }

    /// What the future failed with.
    pub fn into_inner(self) -> Option<T> {
        match self.0 {
            Kind::Inner(err) => Some(err),
            _ => None,
        }
    }

    /// The time was up.
    pub fn elapsed() -> DeadlineError<T> {
        DeadlineError(Kind::Elapsed)
    }

    /// Whether the time was up.
    pub fn is_elapsed(&self) -> bool {
        matches!(self.0, Kind::Elapsed)
    }

    /// The timer failed with `err`.
    pub fn timer(err: Error) -> DeadlineError<T> {
        DeadlineError(Kind::Timer(err))
    }

    /// Whether the timer failed.
    pub fn is_timer(&self) -> bool {
        matches!(self.0, Kind::Timer(_))
    }

    /// What the timer failed with.
    pub fn into_timer(self) -> Option<Error> {
        match self.0 {
            Kind::Timer(err) => Some(err),
            _ => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for DeadlineError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Inner(err) => err.fmt(f),
            Kind::Elapsed => f.write_str("the time was up"),
            Kind::Timer(err) => err.fmt(f),
        }
    }
}

impl<T: error::Error> error::Error for DeadlineError<T> {}

impl Handle {
    /// Gives `future` time until `deadline`, by this timer.
    #[deprecated(since = "0.2.6", note = "use `timeout` instead")]
    #[doc(hidden)]
    pub fn deadline<T>(&self, future: T, deadline: Instant) -> Deadline<T> {
        Deadline { future, delay: self.delay(deadline) }
    }
}
