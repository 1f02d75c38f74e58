//! Names a timer, and keeps none going.

use super::{current, fallback};
use crate::shared::Shared;
use crate::{Delay, Error, Interval, Timeout};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A name for a [`Timer`](crate::Timer), to give delays to.
///
/// The default handle names no timer yet. A delay that is made with it, as by [`Delay::new`], comes
/// at its first poll to the current timer of the thread, which [`set_default`](super::set_default)
/// decides, and otherwise to the fallback: a timer on a thread of its own, started when it is first
/// needed, which sleeps until a delay is due. So delays work on any thread, under either
/// generation's `wait` or `block_on`.
///
/// Handles are cheap to clone and may be sent anywhere.
///
/// ```
/// use std::time::{Duration, Instant};
/// use tokio_timer::Timer;
///
/// let timer = Timer::default();
/// let handle = timer.handle();
/// let delay = handle.delay(Instant::now() + Duration::from_secs(1));
/// # drop(delay);
/// ```
#[derive(Clone, Default)]
pub struct Handle {
    timer: Option<Arc<Shared>>,
}

impl Handle {
    /// The current timer of this thread, by name; `None` if the thread has none.
    pub fn try_current() -> Option<Handle> {
        current::timer().map(|timer| Handle { timer: Some(timer) })
    }

    /// The current timer of this thread, by name; or else the default handle.
    pub fn current() -> Handle {
        Handle { timer: current::timer() }
    }

    pub(crate) fn to(shared: &Arc<Shared>) -> Handle {
        Handle { timer: Some(shared.clone()) }
    }

    /// A delay until `deadline`, by this timer.
    pub fn delay(&self, deadline: Instant) -> Delay {
        Delay::new_with_handle(deadline, self.clone())
    }

    /// A limit to the time that `value` may take, by this timer.
    pub fn timeout<T>(&self, value: T, deadline: Instant) -> Timeout<T> {
        Timeout::new_with_delay(value, self.delay(deadline))
    }

    /// A tick at `at`, and then every `duration`, by this timer.
    ///
    /// # Panics
    ///
    /// If `duration` is zero.
    pub fn interval(&self, at: Instant, duration: Duration) -> Interval {
        Interval::new_with_delay(self.delay(at), duration)
    }

    /// The timer that this names.
    pub(crate) fn named(&self) -> Option<&Arc<Shared>> {
        self.timer.as_ref()
    }

    /// Makes this name the timer that it stands for now.
    ///
    /// Fails if the fallback is needed and cannot be started.
    #[inline]
    pub(crate) fn resolve(&mut self) -> Result<&Arc<Shared>, Error> {
        if self.timer.is_none() {
            self.timer = Some(match current::timer() {
                Some(timer) => timer,
                None => fallback::timer()?,
            });
        }
        Ok(self.timer.as_ref().expect("named above"))
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.timer.is_some() { "Handle(named)" } else { "Handle(default)" })
    }
}
