//! Time, parking and processors under shuttle, which has none of them.
//!
//! Time passes only when a scenario says so, by [`advance`]. Until then no wait with a limit ends
//! by itself: so no timeout papers over a wake that was lost, and what waits for one is found as a
//! deadlock. Nothing ends spuriously either.
//!
//! Threads do not say which processor they are on, unless a scenario spreads them over some.

use super::{lock, thread, Condvar, Mutex};
use crate::processor::NOWHERE;
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
    static PROCESSORS: Cell<u32> = const { Cell::new(0) };
}

/// The processor that this thread runs on.
pub(crate) fn here() -> u32 {
    let thread = usize::from(thread::current().id()) as u32;
    thread.checked_rem(PROCESSORS.get()).unwrap_or(NOWHERE)
}

/// How often this thread has waited: that is not told.
pub(crate) fn blocks() -> u64 {
    0
}

/// This thread's number, which nothing is asked of.
pub(crate) fn thread() -> u32 {
    0
}

/// How much processor time a thread has taken: that is not told.
pub(crate) fn time(_thread: u32) -> Option<Duration> {
    None
}

/// Whether a thread waits for a processor: nor that.
pub(crate) fn is_ready(_thread: u32) -> bool {
    false
}

/// Whether `taken` are all processors.
pub(crate) fn are_all_in(taken: impl Iterator<Item = u32>) -> bool {
    let taken: Vec<u32> = taken.collect();
    (0..PROCESSORS.get()).all(|processor| taken.contains(&processor))
}

/// Spreads the threads over so many.
#[cfg(test)]
pub(crate) fn set_processors(processors: u32) {
    PROCESSORS.set(processors);
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

/// As at the start, for another schedule.
#[cfg(test)]
pub(crate) fn reset() {
    PROCESSORS.set(0);
    CLOCK.set(Clock::new());
}
