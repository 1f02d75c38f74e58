//! The waits that some threads have registered, behind a lock of their own.
//!
//! A thread registers in its own shard, so it hardly ever meets another one at the lock. The driver
//! comes when something is due there, and lets others in after every few entries.
//!
//! No foreign code runs under the lock: waiters are made before it, and woken or dropped after it.

use crate::alarm::{Alarm, NEVER};
use crate::dues::{Dues, Fate};
use crate::sync::{lock, Mutex};
use crate::wheel::{Step, Wheel};
use crate::Error;
use tokio_task::{Caller, Waiter};

#[derive(Debug)]
pub(crate) struct Shard {
    dues: Dues,
    waits: Mutex<Waits>,
}

#[derive(Debug)]
struct Waits {
    wheel: Wheel<Waiter>,
    /// No wait is before this; and the alarm knows of it, unless the driver is just looking.
    first: u64,
    closed: bool,
}

/// The driver must be unparked, or need not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Driver {
    Unpark,
    Knows,
}

/// How far a look of the driver came.
#[derive(Debug)]
#[must_use]
pub(crate) enum Look {
    /// There is more.
    Paused,
    /// No other wait is before this.
    Until(u64),
}

impl Shard {
    pub(crate) fn new(wheel: Wheel<Waiter>) -> Self {
        let waits = Waits { wheel, first: NEVER, closed: false };
        Shard { dues: Dues::default(), waits: Mutex::new(waits) }
    }

    #[inline]
    pub(crate) fn fate(&self, index: u32) -> Fate {
        self.dues.look(index)
    }

    /// Has `waiter` woken at `due`.
    #[inline]
    pub(crate) fn register(
        &self,
        alarm: &Alarm,
        due: u64,
        waiter: Waiter,
    ) -> Result<(u32, Driver), Error> {
        let mut waits = lock(&self.waits);
        if waits.closed {
            drop(waits);
            return Err(Error::shutdown());
        }
        match waits.wheel.insert(due, waiter) {
            Ok(index) => {
                self.dues.set(index, due);
                Ok((index, waits.announce(alarm, due)))
            }
            Err(waiter) => {
                drop(waits);
                drop(waiter);
                Err(Error::at_capacity())
            }
        }
    }

    /// The same with a wait that has ended.
    pub(crate) fn register_again(
        &self,
        alarm: &Alarm,
        index: u32,
        due: u64,
        waiter: Waiter,
    ) -> Result<Driver, Error> {
        let mut waits = lock(&self.waits);
        if waits.closed {
            drop(waits);
            return Err(Error::shutdown());
        }
        let before = waits.wheel.value_mut(index).replace(waiter);
        self.dues.set(index, due);
        waits.wheel.refile(index, due);
        let driver = waits.announce(alarm, due);
        drop(waits);
        drop(before);
        Ok(driver)
    }

    /// Puts a wait off from `from` to `to`, without the lock. False if it has ended.
    pub(crate) fn postpone(&self, index: u32, from: u64, to: u64) -> bool {
        self.dues.postpone(index, from, to)
    }

    /// Has a wait end earlier. None if it has ended.
    pub(crate) fn hasten(&self, alarm: &Alarm, index: u32, due: u64) -> Option<Driver> {
        let mut waits = lock(&self.waits);
        if !waits.wheel.is_filed(index) {
            return None;
        }
        self.dues.set(index, due);
        waits.wheel.refile(index, due);
        Some(waits.announce(alarm, due))
    }

    /// Whether a wait will wake `caller`. None if it has ended.
    pub(crate) fn will_wake(&self, index: u32, caller: Caller<'_>) -> Option<bool> {
        let mut waits = lock(&self.waits);
        if !waits.wheel.is_filed(index) {
            return None;
        }
        // Comparing runs no foreign code.
        let waiter = waits.wheel.value_mut(index);
        Some(waiter.iter().any(|waiter| waiter.will_wake(caller)))
    }

    /// Has a wait wake `waiter` instead of whom it would. False if it has ended.
    pub(crate) fn replace(&self, index: u32, waiter: Waiter) -> bool {
        let mut waits = lock(&self.waits);
        let waiting = waits.wheel.is_filed(index);
        let dropped = match waiting {
            true => waits.wheel.value_mut(index).replace(waiter),
            false => Some(waiter),
        };
        drop(waits);
        drop(dropped);
        waiting
    }

    /// Ends a wait, or forgets one that has ended.
    #[inline]
    pub(crate) fn free(&self, alarm: &Alarm, index: u32) {
        let mut waits = lock(&self.waits);
        if waits.wheel.is_filed(index) && waits.wheel.when(index) <= waits.first {
            alarm.make_stale();
        }
        let waiter = waits.wheel.remove(index);
        drop(waits);
        drop(waiter);
    }

    /// Takes some of the waiters that are due at `now`.
    pub(crate) fn take_due(&self, now: u64, due: &mut Vec<Waiter>) -> Look {
        let mut waits = lock(&self.waits);
        let waits = &mut *waits;
        for _ in 0..STEPS {
            match waits.wheel.step(now) {
                Step::Due(index) => match self.dues.fire(index, waits.wheel.when(index)) {
                    Ok(()) => due.extend(waits.wheel.value_mut(index).take()),
                    Err(later) => waits.wheel.refile(index, later),
                },
                Step::Moved => {}
                Step::Until(first) => {
                    waits.first = first.min(NEVER);
                    return Look::Until(waits.first);
                }
            }
        }
        Look::Paused
    }

    /// Takes no more waits.
    pub(crate) fn close(&self) {
        lock(&self.waits).closed = true;
    }

    /// Takes some of the waiters that are left, from number `from` on; closed before. Says where
    /// to go on, if there are more.
    pub(crate) fn take_left(&self, from: u32, left: &mut Vec<Waiter>) -> Option<u32> {
        let mut waits = lock(&self.waits);
        let used = waits.wheel.used();
        let end = used.min(from + STEPS);
        for index in from..end {
            if waits.wheel.is_filed(index) {
                self.dues.give_up(index);
                waits.wheel.unfile(index);
                left.extend(waits.wheel.value_mut(index).take());
            }
        }
        (end < used).then_some(end)
    }
}

impl Waits {
    fn announce(&mut self, alarm: &Alarm, due: u64) -> Driver {
        if due < self.first {
            self.first = due;
            if alarm.lower(due) {
                return Driver::Unpark;
            }
        }
        Driver::Knows
    }
}

/// So much work at a time under the lock.
const STEPS: u32 = 64;
