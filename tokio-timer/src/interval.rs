//! Ticks at a fixed distance.

use crate::delay::after;
use crate::{clock, Delay, Error};
use futures::{Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::{Duration, Instant};
use tokio_task::{to_futures01, Caller};

/// A tick at a moment, and then at a fixed distance, for ever.
///
/// A futures 0.1 `Stream` and a [`futures_core::Stream`]; async code may call
/// [`tick`](Interval::tick). The items are the moments for which the ticks were due. Ticks that
/// were not polled for come one after the other, as fast as they are polled: none is left out.
///
/// Dropping it ends it. It comes to a timer at its first poll.
///
/// # Errors
///
/// See [`Delay`].
///
/// ```
/// use futures::{Future, Stream};
/// use std::time::Duration;
/// use tokio_timer::Interval;
///
/// let ticks = Interval::new_interval(Duration::from_millis(1)).take(2).collect().wait()?;
/// assert_eq!(ticks[1] - ticks[0], Duration::from_millis(1));
/// # Ok::<(), tokio_timer::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct Interval {
    delay: Delay,
    period: Duration,
}

impl Interval {
    /// The first tick at `at`, and then every `duration`.
    ///
    /// # Panics
    ///
    /// If `duration` is zero.
    pub fn new(at: Instant, duration: Duration) -> Interval {
        Interval::new_with_delay(Delay::new(at), duration)
    }

    /// The first tick when `duration` has passed, and then every `duration`.
    ///
    /// # Panics
    ///
    /// If `duration` is zero.
    pub fn new_interval(duration: Duration) -> Interval {
        Interval::new(after(clock::now(), duration), duration)
    }

    pub(crate) fn new_with_delay(delay: Delay, period: Duration) -> Interval {
        assert!(!period.is_zero(), "an interval needs a duration that is not zero");
        Interval { delay, period }
    }

    /// The next tick: for async code.
    ///
    /// Dropping the future loses no tick.
    ///
    /// # Errors
    ///
    /// See [`Delay`].
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use tokio_timer::Interval;
    ///
    /// # futures03::executor::block_on(async {
    /// let start = Instant::now();
    /// let mut interval = Interval::new(start, Duration::from_millis(1));
    /// assert_eq!(interval.tick().await?, start);
    /// assert_eq!(interval.tick().await?, start + Duration::from_millis(1));
    /// # Ok::<(), tokio_timer::Error>(()) }).unwrap();
    /// ```
    pub async fn tick(&mut self) -> Result<Instant, Error> {
        poll_fn(|cx| self.poll_with(cx.into())).await
    }

    /// The next tick. The one definition, for either generation.
    ///
    /// # Errors
    ///
    /// See [`Delay`].
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<Result<Instant, Error>> {
        ready!(self.delay.poll_with(caller))?;
        let tick = self.delay.deadline();
        self.delay.reset(after(tick, self.period));
        Poll::Ready(Ok(tick))
    }
}

impl Stream01 for Interval {
    type Item = Instant;
    type Error = Error;

    fn poll(&mut self) -> Poll01<Option<Instant>, Error> {
        to_futures01(self.poll_with(Caller::Futures01).map_ok(Some))
    }
}

impl Stream for Interval {
    type Item = Result<Instant, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_with(cx.into()).map(Some)
    }
}
