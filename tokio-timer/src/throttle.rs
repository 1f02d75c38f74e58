//! A limit to how often a stream has items.

use crate::delay::after;
use crate::{clock, Delay, Error};
use futures::{try_ready, Async, Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use pin_project_lite::pin_project;
use std::error;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;
use tokio_task::{to_futures01, Caller, Never};

pin_project! {
    /// A stream whose items are at least so far apart.
    ///
    /// Of either generation, as the stream inside is. After an item, the inner stream is not polled
    /// until the time has passed: what it has meanwhile, waits there. A `duration` of zero changes
    /// nothing.
    ///
    /// ```
    /// use futures::{stream, Future, Stream};
    /// use std::time::{Duration, Instant};
    /// use tokio_timer::throttle::Throttle;
    ///
    /// let start = Instant::now();
    /// let items = stream::iter_ok::<_, ()>(0..3);
    /// Throttle::new(items, Duration::from_millis(2)).for_each(|_| Ok(())).wait().unwrap();
    /// assert!(start.elapsed() >= Duration::from_millis(4));
    /// ```
    #[derive(Debug)]
    #[must_use = "streams do nothing unless polled"]
    pub struct Throttle<T> {
        #[pin]
        stream: T,
        duration: Duration,
        // Until when there is no item, once there was one.
        pause: Option<Delay>,
    }
}

impl<T> Throttle<T> {
    /// Keeps the items of `stream` at least `duration` apart.
    pub fn new(stream: T, duration: Duration) -> Self {
        Throttle { stream, duration, pause: None }
    }

    /// The stream inside.
    pub fn get_ref(&self) -> &T {
        &self.stream
    }

    /// The stream inside. Items that are taken out of it directly are not counted.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.stream
    }

    /// The stream inside.
    pub fn into_inner(self) -> T {
        self.stream
    }
}

fn poll_pause(pause: &mut Option<Delay>, caller: Caller<'_>) -> Poll<Result<(), Error>> {
    match pause {
        Some(delay) => delay.poll_with(caller),
        None => Poll::Ready(Ok(())),
    }
}

fn begin_pause(pause: &mut Option<Delay>, duration: Duration) {
    if !duration.is_zero() {
        let until = after(clock::now(), duration);
        match pause {
            Some(delay) => delay.reset(until),
            None => *pause = Some(Delay::new(until)),
        }
    }
}

impl<T: Stream01> Stream01 for Throttle<T> {
    type Item = T::Item;
    type Error = ThrottleError<T::Error>;

    fn poll(&mut self) -> Poll01<Option<T::Item>, Self::Error> {
        let paused = poll_pause(&mut self.pause, Caller::Futures01);
        try_ready!(to_futures01(paused).map_err(ThrottleError::from_timer_err));
        let item = try_ready!(self.stream.poll().map_err(ThrottleError::from_stream_err));
        if item.is_some() {
            begin_pause(&mut self.pause, self.duration);
        }
        Ok(Async::Ready(item))
    }
}

impl<T: Stream> Stream for Throttle<T> {
    type Item = Result<T::Item, ThrottleError<Never>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        if let Err(error) = ready!(poll_pause(this.pause, cx.into())) {
            return Poll::Ready(Some(Err(ThrottleError::from_timer_err(error))));
        }
        let item = ready!(this.stream.poll_next(cx));
        if item.is_some() {
            begin_pause(this.pause, *this.duration);
        }
        Poll::Ready(item.map(Ok))
    }
}

/// The error of a [`Throttle`]: the stream failed, or the timer did.
#[derive(Debug)]
pub struct ThrottleError<T>(Kind<T>);

#[derive(Debug)]
enum Kind<T> {
    Stream(T),
    Timer(Error),
}

impl<T> ThrottleError<T> {
    /// The stream failed with `err`.
    pub fn from_stream_err(err: T) -> Self {
        ThrottleError(Kind::Stream(err))
    }

    /// The timer failed with `err`.
    pub fn from_timer_err(err: Error) -> Self {
        ThrottleError(Kind::Timer(err))
    }

    /// What the stream failed with.
    pub fn get_stream_error(&self) -> Option<&T> {
        match &self.0 {
            Kind::Stream(err) => Some(err),
            Kind::Timer(_) => None,
        }
    }

    /// What the timer failed with.
    pub fn get_timer_error(&self) -> Option<&Error> {
        match &self.0 {
            Kind::Stream(_) => None,
            Kind::Timer(err) => Some(err),
        }
    }

    /// What the stream failed with.
    pub fn into_stream_error(self) -> Option<T> {
        match self.0 {
            Kind::Stream(err) => Some(err),
            Kind::Timer(_) => None,
        }
    }

    /// What the timer failed with.
    pub fn into_timer_error(self) -> Option<Error> {
        match self.0 {
            Kind::Stream(_) => None,
            Kind::Timer(err) => Some(err),
        }
    }

    /// Whether the stream failed.
    pub fn is_stream_error(&self) -> bool {
        self.get_stream_error().is_some()
    }

    /// Whether the timer failed.
    pub fn is_timer_error(&self) -> bool {
        self.get_timer_error().is_some()
    }
}

impl<T: error::Error> fmt::Display for ThrottleError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Stream(err) => write!(f, "stream error: {err}"),
            Kind::Timer(err) => write!(f, "timer error: {err}"),
        }
    }
}

impl<T: error::Error + 'static> error::Error for ThrottleError<T> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0 {
            Kind::Stream(err) => Some(err),
            Kind::Timer(err) => Some(err),
        }
    }
}
