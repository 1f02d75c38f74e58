//! More methods for futures 0.1 futures and streams.

mod enumerate;

pub use self::enumerate::Enumerate;

use futures::{Future, Stream};

#[cfg(feature = "timer")]
use std::time::Duration;
#[cfg(feature = "timer")]
use tokio_timer::throttle::Throttle;
#[cfg(feature = "timer")]
use tokio_timer::Timeout;

/// Methods that every futures 0.1 future gains.
pub trait FutureExt: Future {
    /// Gives the future so much time, from now; then it fails with an error that
    /// [`is_elapsed`](tokio_timer::timeout::Error::is_elapsed).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio::prelude::*;
    ///
    /// let late = future::empty::<(), ()>().timeout(Duration::from_millis(1)).wait();
    /// assert!(late.unwrap_err().is_elapsed());
    /// ```
    #[cfg(feature = "timer")]
    fn timeout(self, timeout: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        Timeout::new(self, timeout)
    }

    /// Gives the future time until `deadline`.
    #[cfg(feature = "timer")]
    #[deprecated(since = "0.1.8", note = "use `timeout` instead")]
    #[doc(hidden)]
    #[allow(deprecated)]
    fn deadline(self, deadline: std::time::Instant) -> tokio_timer::Deadline<Self>
    where
        Self: Sized,
    {
        tokio_timer::Deadline::new(self, deadline)
    }
}

impl<T: ?Sized + Future> FutureExt for T {}

/// Methods that every futures 0.1 stream gains.
pub trait StreamExt: Stream {
    /// Pairs each item with its number, from 0.
    ///
    /// ```
    /// use tokio::prelude::*;
    ///
    /// let letters = stream::iter_ok::<_, ()>(vec!['a', 'b']).enumerate();
    /// assert_eq!(letters.collect().wait(), Ok(vec![(0, 'a'), (1, 'b')]));
    /// ```
    fn enumerate(self) -> Enumerate<Self>
    where
        Self: Sized,
    {
        Enumerate::new(self)
    }

    /// Lets no two items come within less than `duration`.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use tokio::prelude::*;
    ///
    /// let start = Instant::now();
    /// let slow = stream::iter_ok::<_, ()>(0..3).throttle(Duration::from_millis(2));
    /// assert_eq!(slow.collect().wait().unwrap(), [0, 1, 2]);
    /// assert!(start.elapsed() >= Duration::from_millis(4));
    /// ```
    #[cfg(feature = "timer")]
    fn throttle(self, duration: Duration) -> Throttle<Self>
    where
        Self: Sized,
    {
        Throttle::new(self, duration)
    }

    /// Gives each item so much time, from the one before; an item that takes longer is an error
    /// that [`is_elapsed`](tokio_timer::timeout::Error::is_elapsed), after which the stream goes on.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio::prelude::*;
    ///
    /// let mut silent = stream::empty::<(), ()>()
    ///     .chain(future::empty().into_stream())
    ///     .timeout(Duration::from_millis(1))
    ///     .wait();
    /// assert!(silent.next().unwrap().unwrap_err().is_elapsed());
    /// ```
    #[cfg(feature = "timer")]
    fn timeout(self, timeout: Duration) -> Timeout<Self>
    where
        Self: Sized,
    {
        Timeout::new(self, timeout)
    }
}

impl<T: ?Sized + Stream> StreamExt for T {}
