#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! | module | is |
//! |---|---|
//! | [`timer`] | [`Timer`]: fires what is due, is a `Park`; its handles; which timer a thread uses |
//! | [`clock`] | where "now" comes from; a clock for tests |
//! | `delay` | [`Delay`]: a wait until a moment |
//! | `interval` | [`Interval`]: ticks |
//! | [`timeout`] | [`Timeout`]: a limit to the time of a future, or of each item of a stream |
//! | [`throttle`] | a limit to how often a stream has items |
//! | [`delay_queue`] | [`DelayQueue`]: values, each of which comes out when it is due |
//! | [`std_future`] | the same as std futures, for async code |
//! | `shared` | what a timer shares with its handles and waits |
//! | `alarm` | when the driver has to wake up |
//! | `shard` | the waits of some threads |
//! | `dues` | when each wait is due, readable without a lock |
//! | `wheel` | entries by the moment they are due |
//! | `pages` | where the entry of a number lives |
//! | `error` | [`Error`]: why a wait can fail |
//! | `panics` | panics of foreign code, put off |
//! | `sync` | std's or loom's atomics and locks |
//! | `deprecated` | names that newer ones have replaced |
#![forbid(unsafe_code)]

mod alarm;
pub mod clock;
mod delay;
pub mod delay_queue;
mod deprecated;
mod dues;
mod error;
mod interval;
mod pages;
mod shard;
mod shared;
pub mod std_future;
mod sync;
pub mod throttle;
pub mod timeout;
pub mod timer;
mod wheel;

pub use self::delay::{Delay, Delaying};
#[doc(no_inline)]
pub use self::delay_queue::DelayQueue;
#[allow(deprecated)]
#[doc(hidden)]
pub use self::deprecated::{Deadline, DeadlineError};
pub use self::error::Error;
pub use self::interval::Interval;
#[doc(no_inline)]
pub use self::timeout::Timeout;
#[doc(no_inline)]
pub use self::timer::{with_default, Timer};

use std::time::Duration;

/// A [`Delay`] until `duration` from now.
///
/// For async code there is [`std_future::sleep`], which is a std `Future`.
///
/// ```
/// use futures::Future;
/// use std::time::Duration;
///
/// tokio_timer::sleep(Duration::from_millis(1)).wait()?;
/// # Ok::<(), tokio_timer::Error>(())
/// ```
pub fn sleep(duration: Duration) -> Delay {
    Delay::new_timeout(duration)
}
