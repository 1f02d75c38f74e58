//! Tasks: join handles, groups, what blocks, what is not `Send`, and values that belong to them; futures
//! of one generation in tasks of the other.
//!
//! Spawning a std future returns a [`JoinHandle`]. In an `async` block, [`Futures01AsStd`] makes
//! any futures 0.1 future or stream one of std; in futures 0.1 code, [`StdAsFutures01`] does the
//! reverse. The futures that this crate itself hands out need no adapter.
//!
//! ```
//! use futures::{future, Future};
//! use tokio::task::{Futures01AsStd, StdAsFutures01};
//!
//! tokio::run(async {
//!     let one = Futures01AsStd::new(future::ok::<u32, ()>(1)).await.unwrap();
//!     assert_eq!(one, 1);
//! });
//! tokio::run(StdAsFutures01::new(async { 2 }).map(|two| assert_eq!(two, 2)).map_err(|e| match e {}));
//! ```

#[cfg(feature = "rt-full")]
mod block_in_place;
mod join_set;
#[cfg(feature = "rt-full")]
mod local_set;
#[cfg(feature = "rt-full")]
pub(crate) mod spawn_blocking;
#[cfg(feature = "rt-full")]
mod spawn_local;
mod task_local;
mod unconstrained;
mod yield_now;

#[cfg(feature = "rt-full")]
pub use self::block_in_place::block_in_place;
pub use self::join_set::JoinSet;
#[cfg(feature = "rt-full")]
pub use self::local_set::LocalSet;
#[cfg(feature = "rt-full")]
pub use self::spawn_blocking::spawn_blocking;
#[cfg(feature = "rt-full")]
pub use self::spawn_local::spawn_local;
pub use self::task_local::{AccessError, LocalKey, TaskLocalFuture};
pub use self::unconstrained::{unconstrained, Unconstrained};
pub use self::yield_now::{yield_now, yield_now_futures01, YieldNow, YieldNowFutures01};
#[cfg(feature = "rt-full")]
#[doc(no_inline)]
pub use crate::executor::spawn;
#[doc(hidden)]
pub use futures::task_local as futures01_task_local;
pub use tokio_task::{
    with_futures01, AbortHandle, Futures01AsStd, Join, JoinError, JoinHandle, Never, Sink01AsStd,
    SinkStdAsFutures01, StdAsFutures01,
};
