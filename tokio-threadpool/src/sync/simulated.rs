//! Time and parking under shuttle, which has no clock.
//!
//! Time passes only when a scenario says so, by [`advance`]. Until then no wait with a limit ends
//! by itself: so no timeout papers over a wake that was lost, and what waits for one is found as a
//! deadlock. Nothing ends spuriously either.

use super::{lock, Condvar, Mutex};
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::sync::{Arc, LazyLock, PoisonError};
use std::time::{Duration, Instant};

/// Blocks its thread until it is unparked; as crossbeam's.
pub(crate) struct Parker(Unparker, PhantomData<Cell<()>>);

/// Unparks a [`Parker`].
#[derive(Clone)]
pub(crate) struct Unparker(Arc<Bell>);

#[derive(Default)]
struct Bell {
    state: Mutex<State>,
    rung: Condvar,
}

#[derive(Default)]
struct State {
    unparked: bool,
    /// Numbers the waits.
    wait: usize,
    /// The limit of the wait that is under way has passed.
    over: bool,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Parker(Unparker(Arc::default()), PhantomData)
    }

    pub(crate) fn unparker(&self) -> &Unparker {
        &self.0
    }

    pub(crate) fn park(&self) {
        self.wait(None);
    }

    pub(crate) fn park_timeout(&self, limit: Duration) {
        self.wait(Some(limit));
    }

    fn wait(&self, limit: Option<Duration>) {
        let bell = &self.0 .0;
        let mut state = lock(&bell.state);
        state.wait += 1;
        state.over = limit.is_some_and(|limit| limit.is_zero());
        if let Some(limit) = limit.filter(|limit| !limit.is_zero()) {
            let (parker, wait) = (self.0.clone(), state.wait);
            CLOCK.with_borrow_mut(|clock| {
                let end = clock.now.saturating_add(limit);
                clock.timers.push(Timer { end, parker, wait });
            });
        }
        while !state.unparked && !state.over {
            state = bell.rung.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.unparked = false;
    }
}

impl Unparker {
    pub(crate) fn unpark(&self) {
        lock(&self.0.state).unparked = true;
        self.0.rung.notify_one();
    }
}

struct Clock {
    now: Duration,
    timers: Vec<Timer>,
}

/// The limit of a wait, which may have ended before.
struct Timer {
    end: Duration,
    parker: Unparker,
    wait: usize,
}

impl Clock {
    const fn new() -> Self {
        Clock { now: Duration::ZERO, timers: Vec::new() }
    }
}

std::thread_local! {
    /// shuttle runs all threads of a test on one.
    static CLOCK: RefCell<Clock> = const { RefCell::new(Clock::new()) };
}

pub(crate) fn now() -> Instant {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    *START + CLOCK.with_borrow(|clock| clock.now)
}

/// Time passes, and waits come to their limits.
#[cfg(test)]
pub(crate) fn advance(by: Duration) {
    let due = CLOCK.with_borrow_mut(|clock| {
        clock.now += by;
        let now = clock.now;
        let (due, later): (Vec<_>, _) = clock.timers.drain(..).partition(|timer| timer.end <= now);
        clock.timers = later;
        due
    });
    for Timer { parker, wait, .. } in due {
        let mut state = lock(&parker.0.state);
        if state.wait == wait {
            state.over = true;
            parker.0.rung.notify_one();
        }
    }
}

/// Starts the clock anew, for another schedule.
#[cfg(test)]
pub(crate) fn reset() {
    CLOCK.set(Clock::new());
}
