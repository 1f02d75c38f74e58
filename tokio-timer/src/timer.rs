//! What fires delays when they are due: [`Timer`], its [`Handle`]s, and which timer a thread uses.

mod current;
mod fallback;
mod handle;

pub use self::current::{set_default, with_default, DefaultGuard};
pub use self::handle::Handle;
#[allow(deprecated)]
#[doc(hidden)]
pub use crate::deprecated::{Now, SystemNow};

use crate::clock::Clock;
use crate::shared::Shared;
use log::error;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_executor::park::{Park, ParkThread, Unpark};
use tokio_task::panics::Panics;
use tokio_task::Waiter;

/// Fires delays, and waits in `T` meanwhile.
///
/// A timer does nothing by itself: it is a [`Park`] around another one, such as a reactor, and does
/// its work when something parks in it, or calls [`turn`](Timer::turn). It sleeps no longer than
/// until the first delay is due. Delays come to it by a [`Handle`], from any thread; one that is due
/// before all others ends the sleep. It serves tasks of both generations alike.
///
/// A delay is never early. How late it is depends on how precisely `T` can wait: delays are kept to
/// the nanosecond. Delays of more than 146 years take 146 years.
///
/// When a timer is dropped, every task that waits for one of its delays is woken, and finds
/// [`Error::shutdown`](crate::Error::shutdown). Its handles take no new delays then.
///
/// ```
/// use std::time::{Duration, Instant};
/// use tokio_timer::Timer;
///
/// let mut timer = Timer::default();
/// let delay = timer.handle().delay(Instant::now() + Duration::from_millis(5));
/// timer.turn(Some(Duration::from_millis(1)))?;
/// # drop(delay);
/// # Ok::<(), tokio_executor::park::ParkError>(())
/// ```
#[must_use = "a timer does nothing unless something parks in it"]
pub struct Timer<T, N = Clock> {
    park: T,
    now: N,
    /// The clock is moved by hand, and unparks this.
    by_hand: bool,
    shared: Arc<Shared>,
    /// Empty between turns; kept for its room.
    batch: Vec<Waiter>,
}

/// That a turn of a [`Timer`] is over.
#[derive(Debug)]
pub struct Turn {
    _private: (),
}

impl<T: Park> Timer<T> {
    /// A timer that waits in `park`, and goes by this thread's [clock](crate::clock).
    pub fn new(park: T) -> Self {
        Timer::new_with_now(park, Clock::new())
    }
}

impl<T, N> Timer<T, N> {
    /// What this waits in.
    pub fn get_park(&self) -> &T {
        &self.park
    }

    /// What this waits in. Parking there directly fires no delays.
    pub fn get_park_mut(&mut self) -> &mut T {
        &mut self.park
    }
}

#[allow(deprecated)]
impl<T: Park, N: Now> Timer<T, N> {
    /// A timer that waits in `park`, and goes by `now`.
    pub fn new_with_now(park: T, mut now: N) -> Self {
        let shared = Arc::new(Shared::new(now.now(), Box::new(park.unpark())));
        let weak = Arc::downgrade(&shared) as Weak<dyn Unpark>;
        let by_hand = now.subscribe(weak);
        Timer { park, now, by_hand, shared, batch: Vec::new() }
    }

    /// A handle to this timer. It does not keep it going.
    pub fn handle(&self) -> Handle {
        Handle::to(&self.shared)
    }

    /// Waits until something is due, for at most `max_wait`, and fires what is due.
    ///
    /// `None` waits as long as it takes, `Some(Duration::ZERO)` does not wait. The turn also ends
    /// when what this waits in returns, perhaps with nothing fired.
    ///
    /// # Errors
    ///
    /// Those of the wait. What is due was fired nevertheless.
    ///
    /// # Panics
    ///
    /// If a task's waker panics, after all other tasks have been woken.
    pub fn turn(&mut self, max_wait: Option<Duration>) -> Result<Turn, T::Error> {
        let mut panics = Panics::none();
        let waited = self.wait(max_wait, &mut panics);
        let now = self.shared.see(self.now.now());
        self.shared.fire(now, &mut self.batch, &mut panics);
        panics.resume();
        waited.map(|()| Turn { _private: () })
    }

    fn wait(&mut self, max_wait: Option<Duration>, panics: &mut Panics) -> Result<(), T::Error> {
        if max_wait == Some(Duration::ZERO) {
            return self.park.park_timeout(Duration::ZERO);
        }
        let now = self.shared.see(self.now.now());
        let wait = match self.shared.lie_down(now, &mut self.batch, panics) {
            Some(due) if due <= now => Some(Duration::ZERO),
            Some(due) if !self.by_hand => {
                let until_due = Duration::from_nanos(due - now);
                Some(max_wait.map_or(until_due, |max| max.min(until_due)))
            }
            _ => max_wait,
        };
        let waited = match wait {
            Some(wait) => self.park.park_timeout(wait),
            None => self.park.park(),
        };
        self.shared.get_up();
        waited
    }
}

impl Default for Timer<ParkThread, Clock> {
    /// A timer for this thread, which sleeps while it waits.
    fn default() -> Self {
        Timer::new(ParkThread::new())
    }
}

/// Parking is a turn.
#[allow(deprecated)]
impl<T: Park, N: Now> Park for Timer<T, N> {
    type Unpark = T::Unpark;
    type Error = T::Error;

    fn unpark(&self) -> T::Unpark {
        self.park.unpark()
    }

    fn park(&mut self) -> Result<(), T::Error> {
        self.turn(None).map(|Turn { .. }| ())
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), T::Error> {
        self.turn(Some(duration)).map(|Turn { .. }| ())
    }
}

impl<T, N> Drop for Timer<T, N> {
    fn drop(&mut self) {
        let mut panics = Panics::none();
        self.shared.close(&mut self.batch, &mut panics);
        if panics.swallow() {
            error!("a waker panicked while its timer was dropped");
        }
    }
}

impl<T: fmt::Debug, N: fmt::Debug> fmt::Debug for Timer<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer")
            .field("park", &self.park)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}
