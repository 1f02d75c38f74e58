//! Where "now" comes from: the system's clock, or one of the program's own.
//!
//! A clock can be set for a thread, with [`set_default`] or [`with_default`]. Then [`now`], and all
//! of this crate that needs to know what time it is, ask that clock. It is there for tests:
//! [`MockClock`] is a clock that stands still until it is moved.

mod mock;

pub use self::mock::MockClock;

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::Instant;
use tokio_executor::park::Unpark;
use tokio_executor::Enter;

/// A source of the current time.
///
/// ```
/// use std::time::Instant;
/// use tokio_timer::clock::{Clock, Now};
///
/// struct Frozen(Instant);
///
/// impl Now for Frozen {
///     fn now(&self) -> Instant {
///         self.0
///     }
/// }
///
/// let start = Instant::now();
/// assert_eq!(Clock::new_with_now(Frozen(start)).now(), start);
/// ```
pub trait Now: Send + Sync + 'static {
    /// What time it is.
    ///
    /// It should not go back. A timer ignores it if it does, and waits until it goes on.
    fn now(&self) -> Instant;

    /// For clocks that are moved by hand. Such a clock keeps `timer`, calls its `unpark` whenever it
    /// was moved, and returns true; then the timer waits for that, instead of for the time that the
    /// system would take. By default false: the clock goes on by itself.
    fn subscribe(&self, timer: Weak<dyn Unpark>) -> bool {
        let _ = timer;
        false
    }
}

/// The system's clock, or a [`Now`] of the program's own. Cheap to clone.
#[derive(Clone)]
pub struct Clock {
    /// The system's if `None`.
    now: Option<Arc<dyn Now>>,
}

impl Clock {
    /// The clock of this thread: see [`set_default`]; by default the system's.
    pub fn new() -> Clock {
        current().unwrap_or_else(Clock::system)
    }

    /// A clock that asks `now`.
    pub fn new_with_now<T: Now>(now: T) -> Clock {
        Clock { now: Some(Arc::new(now)) }
    }

    /// The system's clock.
    pub fn system() -> Clock {
        Clock { now: None }
    }

    /// What time it is by this clock.
    pub fn now(&self) -> Instant {
        match &self.now {
            Some(now) => now.now(),
            None => Instant::now(),
        }
    }

    /// See [`Now::subscribe`].
    pub(crate) fn subscribe(&self, timer: Weak<dyn Unpark>) -> bool {
        self.now.as_ref().is_some_and(|now| now.subscribe(timer))
    }
}

/// [`Clock::new`].
impl Default for Clock {
    fn default() -> Self {
        Clock::new()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.now.is_some() { "Clock(custom)" } else { "Clock(system)" })
    }
}

thread_local! {
    /// The guards of this thread that are alive, the latest last, and their clocks.
    static CURRENT: RefCell<Vec<(u64, Clock)>> = const { RefCell::new(Vec::new()) };
}

/// What time it is by the clock of this thread.
///
/// ```
/// use std::time::Instant;
///
/// let before = Instant::now();
/// assert!(tokio_timer::clock::now() >= before);
/// ```
#[inline]
pub fn now() -> Instant {
    // Cloned, so that foreign code does not run while the list is borrowed.
    match current() {
        Some(clock) => clock.now(),
        None => Instant::now(),
    }
}

#[inline]
fn current() -> Option<Clock> {
    CURRENT.try_with(|current| current.borrow().last().map(|(_, clock)| clock.clone())).ok()?
}

/// Makes `clock` the clock of this thread until the guard is dropped.
///
/// Guards may be dropped in any order: the latest that is left decides. Dropped on another
/// thread, a guard changes nothing.
///
/// ```
/// use tokio_timer::clock::{self, MockClock};
///
/// let mock = MockClock::new();
/// let _guard = clock::set_default(&mock.clock());
/// assert_eq!(clock::now(), mock.now());
/// ```
pub fn set_default(clock: &Clock) -> DefaultGuard {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let guard = DefaultGuard { id: NEXT.fetch_add(1, Relaxed) };
    // While the thread's storage is torn down nothing is remembered.
    let _ = CURRENT.try_with(|current| current.borrow_mut().push((guard.id, clock.clone())));
    guard
}

/// Runs `f` with `clock` as the clock of this thread.
///
/// `enter` shows that the thread is inside an executor, and is handed on.
pub fn with_default<F, R>(clock: &Clock, enter: &mut Enter, f: F) -> R
where
    F: FnOnce(&mut Enter) -> R,
{
    let _guard = set_default(clock);
    f(enter)
}

/// Keeps a clock the one of a thread; made by [`set_default`].
#[must_use = "dropping this restores the clock of before"]
pub struct DefaultGuard {
    id: u64,
}

impl Drop for DefaultGuard {
    fn drop(&mut self) {
        let mut removed = None;
        let _ = CURRENT.try_with(|current| {
            let mut current = current.borrow_mut();
            if let Some(at) = current.iter().position(|(id, _)| *id == self.id) {
                removed = Some(current.remove(at));
            }
        });
        // Foreign code, and the list is free again.
        drop(removed);
    }
}

impl fmt::Debug for DefaultGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultGuard").finish_non_exhaustive()
    }
}
