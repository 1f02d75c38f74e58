//! For async code: waits that are std `Future`s, over the same timers.
//!
//! The crate's own names are those of futures 0.1, whose futures are awaitable too. These need no
//! `.into_future()` in `join!` and `select!`, and take std futures.

use crate::delay::after;
use crate::{clock, Delay, Error, Interval};
use pin_project_lite::pin_project;
use std::error;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::{Duration, Instant};

/// Waits for so long.
///
/// The time runs from this call. See [`Sleep`].
///
/// ```
/// use std::time::{Duration, Instant};
/// use tokio_timer::std_future::sleep;
///
/// # futures03::executor::block_on(async {
/// let start = Instant::now();
/// sleep(Duration::from_millis(2)).await;
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// # });
/// ```
pub fn sleep(duration: Duration) -> Sleep {
    Sleep { delay: Delay::new_timeout(duration) }
}

/// Waits until `deadline`. See [`Sleep`].
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { delay: Delay::new(deadline) }
}

/// The future of [`sleep`] and [`sleep_until`].
///
/// Like [`Delay`], it comes to a timer at its first poll, is never early, and leaves nothing
/// behind when it is dropped.
///
/// # Panics
///
/// If the timer is gone, or has too many waits. [`Delay`] gives an error instead.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled or awaited"]
pub struct Sleep {
    delay: Delay,
}

impl Sleep {
    /// When this completes.
    pub fn deadline(&self) -> Instant {
        self.delay.deadline()
    }

    /// See [`Delay::is_elapsed`].
    pub fn is_elapsed(&self) -> bool {
        self.delay.is_elapsed()
    }

    /// See [`Delay::reset`].
    pub fn reset(&mut self, deadline: Instant) {
        self.delay.reset(deadline);
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.delay.poll_with(cx.into()).map(sound)
    }
}

/// A tick at once, and then every `period`. See [`Interval`].
///
/// Mind that [`Interval::new_interval`] has its first tick when `period` has passed.
///
/// # Panics
///
/// If `period` is zero.
///
/// ```
/// use std::time::Duration;
/// use tokio_timer::std_future::interval;
///
/// # futures03::executor::block_on(async {
/// let mut interval = interval(Duration::from_millis(1));
/// for _ in 0..3 {
///     interval.tick().await?;
/// }
/// # Ok::<(), tokio_timer::Error>(()) }).unwrap();
/// ```
pub fn interval(period: Duration) -> Interval {
    Interval::new(clock::now(), period)
}

/// A tick at `start`, and then every `period`. See [`Interval`].
///
/// # Panics
///
/// If `period` is zero.
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    Interval::new(start, period)
}

/// Gives `future`, or what becomes a future when it is awaited, so much time.
///
/// The time runs from this call. See [`Timeout`].
///
/// ```
/// use std::future::pending;
/// use std::time::Duration;
/// use tokio_timer::std_future::timeout;
///
/// # futures03::executor::block_on(async {
/// assert_eq!(timeout(Duration::from_secs(1), async { 42 }).await, Ok(42));
/// assert!(timeout(Duration::from_millis(1), pending::<()>()).await.is_err());
/// # });
/// ```
pub fn timeout<F: IntoFuture>(duration: Duration, future: F) -> Timeout<F::IntoFuture> {
    timeout_at(after(clock::now(), duration), future)
}

/// Gives `future`, or what becomes a future when it is awaited, time until `deadline`.
///
/// See [`Timeout`].
pub fn timeout_at<F: IntoFuture>(deadline: Instant, future: F) -> Timeout<F::IntoFuture> {
    Timeout { future: future.into_future(), delay: Delay::new(deadline) }
}

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    ///
    /// The inner future is polled first: if it is ready, the time does not matter. When the time is
    /// up it stays inside, and is dropped with this.
    ///
    /// # Panics
    ///
    /// If the timer is gone, or has too many waits.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled or awaited"]
    pub struct Timeout<F> {
        #[pin]
        future: F,
        delay: Delay,
    }
}

impl<F> Timeout<F> {
    /// What has limited time.
    pub fn get_ref(&self) -> &F {
        &self.future
    }

    /// What has limited time.
    pub fn get_mut(&mut self) -> &mut F {
        &mut self.future
    }

    /// What had limited time.
    pub fn into_inner(self) -> F {
        self.future
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        sound(ready!(this.delay.poll_elapsed(cx.into())));
        Poll::Ready(Err(Elapsed(())))
    }
}

/// The time was up. The error of [`Timeout`]; becomes an [`io::Error`] of kind `TimedOut`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the time was up")
    }
}

impl error::Error for Elapsed {}

impl From<Elapsed> for io::Error {
    fn from(elapsed: Elapsed) -> io::Error {
        io::Error::new(io::ErrorKind::TimedOut, elapsed)
    }
}

#[track_caller]
fn sound(waited: Result<(), Error>) {
    if let Err(error) = waited {
        panic!("cannot wait: {error}");
    }
}
