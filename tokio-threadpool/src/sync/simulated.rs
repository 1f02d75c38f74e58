//! Time and parking under shuttle, which has no clock.
//!
//! Time passes only when a scenario says so, by [`advance`]. Until then no wait with a limit ends
//! by itself: so no timeout papers over a wake that was lost, and what waits for one is found as a
//! deadlock. Nothing ends spuriously either.

use super::{lock, Condvar, Mutex};
use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Blocks its thread until it is unparked; as crossbeam's.
pub(crate) struct Parker(Unparker);

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
    /// The limit of the wait that is under way has passed.
    over: bool,
}

impl Parker {
    pub(crate) fn new() -> Self {
        Parker(Unparker(Arc::default()))
    }

    pub(crate) fn unparker(&self) -> &Unparker {
        &self.0
    }

    pub(crate) fn park(&self) {
        self.wait(|_| ());
    }

    pub(crate) fn park_timeout(&self, limit: Duration) {
        self.wait(|state| match CLOCK.with_borrow(|clock| clock.now).checked_add(limit) {
            Some(end) if !limit.is_zero() => CLOCK.with_borrow_mut(|clock| {
                let bell = Arc::downgrade(&self.0 .0);
                clock.timers.push((
                    end,
                    Box::new(move || {
                        let Some(bell) = bell.upgrade() else { return };
                        lock(&bell.state).over = true;
                        bell.rung.notify_one();
                    }),
                ));
            }),
            Some(_) => state.over = true,
            None => {}
        });
    }

    /// `begin` is called with the lock held.
    fn wait(&self, begin: impl FnOnce(&mut State)) {
        let bell = &self.0 .0;
        let mut state = lock(&bell.state);
        state.over = false;
        begin(&mut state);
        while !state.unparked && !state.over {
            state = bell.rung.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
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
    timers: Vec<(Duration, Box<dyn FnOnce()>)>,
}

std::thread_local! {
    /// shuttle runs all threads of a test on one.
    static CLOCK: RefCell<Clock> = const { RefCell::new(Clock { now: Duration::ZERO, timers: Vec::new() }) };
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
        let timers = std::mem::take(&mut clock.timers);
        let (due, later) = timers.into_iter().partition(|(end, _)| *end <= clock.now);
        clock.timers = later;
        due
    });
    let due: Vec<(Duration, Box<dyn FnOnce()>)> = due;
    for (_, ring) in due {
        ring();
    }
}

/// Starts the clock anew, for another schedule.
#[cfg(test)]
pub(crate) fn reset() {
    CLOCK.with_borrow_mut(|clock| *clock = Clock { now: Duration::ZERO, timers: Vec::new() });
}
