//! Timers for async code, by the names that tokio 1 gives them.
//!
//! They are the timers of [`tokio::timer`](crate::timer): one wheel serves both generations.
//!
//! ```
//! use std::time::Duration;
//! use tokio::time::{interval, sleep, timeout};
//!
//! tokio::run(async {
//!     sleep(Duration::from_millis(1)).await;
//!     let late = timeout(Duration::from_millis(1), std::future::pending::<()>()).await;
//!     assert!(late.is_err());
//!     let mut ticks = interval(Duration::from_millis(1));
//!     for _ in 0..3 {
//!         ticks.tick().await.unwrap();
//!     }
//! });
//! ```
//!
//! What differs from tokio 1: [`Instant`] is std's, deadlines included; [`Interval::tick`] returns a
//! `Result`; a test does not pause the time but gives its runtime a clock
//! (`runtime::Builder::clock`, [`MockClock`]).

pub use std::time::{Duration, Instant};
#[doc(no_inline)]
pub use tokio_timer::clock::MockClock;
pub use tokio_timer::std_future::{
    interval, interval_at, sleep, sleep_until, timeout, timeout_at, Elapsed, Sleep, Timeout,
};
#[doc(no_inline)]
pub use tokio_timer::Interval;

/// The errors of timers, where tokio 1 has them.
pub mod error {
    #[doc(no_inline)]
    pub use tokio_timer::std_future::Elapsed;
}
