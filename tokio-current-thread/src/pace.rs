//! How long the parker, and so sockets and timers, wait while tasks are ready; and how long tasks wait
//! for main futures that are done at once. Kept from one call to the next.

use std::mem;
use std::time::{Duration, Instant};

/// The parker is asked after so many polls at the latest,
const TURN: u32 = 64;

/// or after about so long: then fewer, long polls have gone by.
const BUSY: Duration = Duration::from_micros(200);

/// The clock is looked at after so many polls at the latest; oftener when they take long.
const CLOCK: u32 = 16;

/// Counts polls since the parker was asked.
#[derive(Debug)]
pub(crate) struct Pace {
    asked: Instant,
    polls: u32,
    /// How many polls go by from one look at the clock to the next.
    stride: u32,
    /// How many are left of it.
    left: u32,
    /// The last main future was done before any task had a turn.
    tasks_are_next: bool,
}

impl Pace {
    pub(crate) fn new() -> Self {
        Pace { asked: Instant::now(), polls: 0, stride: CLOCK, left: CLOCK, tasks_are_next: false }
    }

    /// How many polls may follow before [`Pace::is_due`] has to be asked. At least one.
    pub(crate) fn left(&self) -> usize {
        self.left as usize
    }

    /// Takes note of polls; says whether to ask the parker now.
    pub(crate) fn is_due(&mut self, polls: u32) -> bool {
        self.polls += polls;
        self.left = self.left.saturating_sub(polls);
        if self.left > 0 {
            return false;
        }
        let elapsed = self.asked.elapsed();
        let per_busy = BUSY.as_nanos() * u128::from(self.polls) / elapsed.as_nanos().max(1);
        self.stride = u32::try_from(per_busy).unwrap_or(CLOCK).clamp(1, CLOCK);
        self.left = self.stride;
        self.polls >= TURN || elapsed >= BUSY
    }

    /// Whether ready tasks have a turn before the main future's first poll.
    pub(crate) fn tasks_are_next(&mut self) -> bool {
        mem::take(&mut self.tasks_are_next)
    }

    /// A main future is done. If ready tasks got no turn beside it, they come first the next time.
    pub(crate) fn ended(&mut self, tasks_wait: bool) {
        self.tasks_are_next = tasks_wait;
    }

    /// The parker has been asked.
    pub(crate) fn asked(&mut self) {
        self.asked = Instant::now();
        self.polls = 0;
        self.left = self.stride;
    }
}

#[cfg(all(test, not(tokio_loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_parker_is_asked_after_64_quick_polls() {
        let mut pace = Pace::new();
        // However slow the machine: it is due at 64 polls or before.
        let mut polls = 0;
        while !pace.is_due(1) {
            polls += 1;
            assert!(polls < TURN);
            assert!(pace.left() >= 1);
        }
        pace.asked();
        assert!(pace.left() >= 1);
    }

    #[test]
    fn the_parker_is_asked_after_each_long_poll() {
        let mut pace = Pace::new();
        pace.asked = Instant::now() - Duration::from_millis(20);
        assert!(pace.is_due(CLOCK));
        pace.asked();
        assert_eq!(pace.left(), 1);
    }
}
