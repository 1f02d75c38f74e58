//! A clock for tests, which stands still until it is moved.

use super::{Clock, Now};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio_executor::park::Unpark;

/// A clock that is moved by hand, so that a test of hours takes no time and gives the same result
/// each time.
///
/// Clones are the same clock. A [`Timer`](crate::Timer) that runs by it does not wait for the
/// system's time: it waits until [`advance`](MockClock::advance) is called, on any thread, and then
/// fires what is due.
///
/// ```
/// use std::task::{Context, Waker};
/// use std::time::Duration;
/// use tokio_executor::park::ParkThread;
/// use tokio_timer::clock::MockClock;
/// use tokio_timer::Timer;
///
/// let clock = MockClock::new();
/// let mut timer = Timer::new_with_now(ParkThread::new(), clock.clock());
/// let mut delay = timer.handle().delay(clock.now() + Duration::from_secs(3600));
///
/// let mut cx = Context::from_waker(Waker::noop());
/// assert!(delay.poll_with((&mut cx).into()).is_pending());
/// clock.advance(Duration::from_secs(3600));
/// timer.turn(Some(Duration::ZERO)).unwrap();
/// assert!(delay.poll_with((&mut cx).into()).is_ready());
/// ```
#[derive(Clone)]
pub struct MockClock {
    state: Arc<Mutex<State>>,
}

struct State {
    now: Instant,
    timers: Vec<Weak<dyn Unpark>>,
}

impl MockClock {
    /// A clock that stands at the system's present time.
    pub fn new() -> MockClock {
        MockClock::at(Instant::now())
    }

    /// A clock that stands at `now`.
    pub fn at(now: Instant) -> MockClock {
        MockClock { state: Arc::new(Mutex::new(State { now, timers: Vec::new() })) }
    }

    /// What time it is by this clock.
    pub fn now(&self) -> Instant {
        self.state().now
    }

    /// This as a [`Clock`], to set as the default or to make a timer with.
    pub fn clock(&self) -> Clock {
        Clock::new_with_now(self.clone())
    }

    /// Moves the clock on, and unparks the timers that run by it.
    ///
    /// # Panics
    ///
    /// If the new time is out of reach of `Instant`.
    pub fn advance(&self, by: Duration) {
        {
            let mut state = self.state();
            state.now = state.now.checked_add(by).expect("a time within the reach of `Instant`");
            state.timers.retain(|timer| timer.strong_count() > 0);
        }
        for at in 0.. {
            // Unparked, and perhaps dropped, with no lock held.
            let Some(timer) = self.state().timers.get(at).cloned() else { break };
            if let Some(timer) = timer.upgrade() {
                timer.unpark();
            }
        }
    }

    /// Moves the clock to `at`, even back. For tests of what happens then.
    pub fn set(&self, at: Instant) {
        self.state().now = at;
        self.advance(Duration::ZERO);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Now for MockClock {
    fn now(&self) -> Instant {
        self.now()
    }

    fn subscribe(&self, timer: Weak<dyn Unpark>) -> bool {
        self.state().timers.push(timer);
        true
    }
}

impl Default for MockClock {
    fn default() -> Self {
        MockClock::new()
    }
}

impl fmt::Debug for MockClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MockClock").field("now", &self.now()).finish_non_exhaustive()
    }
}
