//! Waiting for moments in time: delays, intervals, timeouts, queues.
//!
//! These are the names of futures 0.1; each can be awaited, or is a stream of either generation. Async
//! code finds the same timers in [`tokio::time`](crate::time), by the names it knows. All timers of a
//! task are driven by the runtime that polls it; on other threads, by a thread of their own.
//!
//! ```
//! use futures::Future;
//! use std::time::{Duration, Instant};
//! use tokio::timer::Delay;
//!
//! tokio::run(Delay::new(Instant::now() + Duration::from_millis(1)).map_err(|e| panic!("{e}")));
//! tokio::run(async {
//!     Delay::new(Instant::now() + Duration::from_millis(1)).await.unwrap();
//! });
//! ```

#[doc(no_inline)]
pub use tokio_timer::{delay_queue, timeout, Delay, DelayQueue, Error, Interval, Timeout};

/// The old name of a timeout.
#[deprecated(since = "0.1.8", note = "use `Timeout` instead")]
#[doc(hidden)]
#[allow(deprecated)]
pub type Deadline<T> = tokio_timer::Deadline<T>;

/// The error of a `Deadline`.
#[deprecated(since = "0.1.8", note = "use `Timeout` instead")]
#[doc(hidden)]
#[allow(deprecated)]
pub type DeadlineError<T> = tokio_timer::DeadlineError<T>;
