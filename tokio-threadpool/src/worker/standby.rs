//! Standing by: looking whether another worker is stuck or has too much to do, or whether nobody
//! asks the driver. `sleep.rs` tells when.

use super::Worker;
use crate::core::{Core, Sign};
use crate::pool::Remote;
use crate::processor;
use crate::sleep::{ALERT, STANDBY};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tokio_task::Task;

/// A backlog of this length makes a standby steal.
const STANDBY_QUEUE: usize = 8;

/// After so many looks at workers of which none is stuck, none is expected to be.
pub(super) const CALM: u32 = 500;

/// A worker that seems to wait for its processor at so many looks in the same poll is stuck.
pub(super) const WAITS: u32 = 5;

/// A value of `Core::looks` that means: take over the driver.
pub(super) const TAKEOVER: u32 = u32::MAX;

/// What a look at the others showed.
pub(super) struct Looked {
    pub(super) found: Option<Task>,
    /// A worker is stuck.
    pub(super) stuck: bool,
    /// A worker waits for the processor that this thread runs on.
    pub(super) waits: bool,
}

impl Worker {
    /// What a standby has to remember before it sleeps.
    pub(super) fn remember(&self, core: &Core) {
        let mut seen = core.seen.borrow_mut();
        seen.workers.resize_with(self.pool.remotes.len(), Sign::default);
        for (sign, remote) in seen.workers.iter_mut().zip(&self.pool.remotes) {
            let tick = remote.tick.load(Relaxed);
            if sign.tick != tick {
                *sign = Sign { tick, ..Sign::default() };
            }
        }
        seen.turns = self.turns();
    }

    /// The same of the time that others take on this processor. To ask takes the better part of a
    /// microsecond for each.
    pub(super) fn remember_times(&self, core: &Core) {
        let mut seen = core.seen.borrow_mut();
        for (sign, remote) in seen.workers.iter_mut().zip(&self.pool.remotes) {
            // Not anew in the same poll: it may get its processor for a little while at a time.
            if sign.time.is_none() {
                sign.time = remote.processor.time();
            }
        }
    }

    pub(super) fn turns(&self) -> usize {
        self.pool.driver.as_ref().map_or(0, |driver| driver.turns.load(Relaxed))
    }

    /// As a standby, looks whether another worker is stuck or has too much to do.
    pub(super) fn look(&self, core: &Core) {
        if self.pool.sleep.is_alone() {
            core.looks.set(core.looks.get() + 1);
            // Where there is but one processor, it will not be free when somebody wants help.
            if !processor::is_only_one() {
                self.pool.remotes[core.index].crowd.forget();
            }
            core.looked.set(true);
            return;
        }
        core.looks.set(0);
        let looked = self.look_at_others(core);
        // Nobody has asked the driver for a whole period, for another reason than that it waits for
        // this processor.
        if !looked.waits && self.turns() == core.seen.borrow().turns {
            self.turn(core);
        }
        match looked.found {
            Some(task) => core.queue.push(task),
            None if looked.stuck => core.looks.set(TAKEOVER),
            None => {}
        }
        core.looked.set(true);
    }

    /// How long a standby sleeps. A poll that lasts too long is seldom the only one, and the system lets
    /// a standby wait for its processor: up to 4 ms for one that a poll keeps busy. Where threads are
    /// lacking, it is the period that `permits.rs` counts in.
    pub(super) fn period(&self) -> Duration {
        if self.pool.alert.load(Relaxed) == 0 || self.pool.permits.is_stalled() {
            STANDBY
        } else {
            ALERT
        }
    }

    /// While nobody sleeps, nobody stands by: a worker that is busy looks, no more often than a
    /// standby would.
    pub(super) fn stand_in(&self, core: &Core, now: Instant) {
        if core.last_look.get().is_some_and(|last| now.duration_since(last) < self.period()) {
            return;
        }
        core.last_look.set(Some(now));
        if let Some(task) = self.look_at_others(core).found {
            core.queue.push(task);
        }
        // Whoever sleeps does this when it gets up.
        if self.pool.permits.is_stalled() {
            self.pool.permits.retry();
        }
        self.remember(core);
        self.remember_times(core);
    }

    /// Steals from a worker that is stuck or has too much to do.
    pub(super) fn look_at_others(&self, core: &Core) -> Looked {
        let mut seen = core.seen.borrow_mut();
        let (mut found, mut stuck, mut waits) = (None, false, false);
        let crowded = self.is_crowded(core);
        if let Some(left) = self.pool.alert.load(Relaxed).checked_sub(1) {
            self.pool.alert.store(left, Relaxed);
        }
        self.pool.backups.adopt_orphans(&self.pool);
        for other in self.others(core) {
            let remote = &self.pool.remotes[other];
            let tick = remote.tick.load(Relaxed);
            let sign = seen.workers.get_mut(other).filter(|sign| sign.tick == tick);
            let sign = sign.filter(|_| !self.pool.sleep.is_asleep(other));
            let mut still = sign.is_some();
            if let Some(sign) = sign.filter(|sign| crowded && self.waits(remote, sign)) {
                sign.waits += 1;
                (still, waits) = (false, true);
            }
            stuck |= still;
            if still {
                remote.note_stuck(tick);
                // If it blocks, a thread of its own takes its place, and nothing is wrong; nor is it
                // stuck if there is no thread for it.
                if !self.pool.rescue(other) && !self.pool.backups.may_have_orphans() {
                    self.pool.alert.store(CALM, Relaxed);
                }
            }
            if still || (!crowded && remote.stealer.len() >= STANDBY_QUEUE) {
                found = self.steal_from(core, other);
            }
            if found.is_some() {
                break;
            }
        }
        let backlog = !waits && self.pool.injector.backlog_len() >= STANDBY_QUEUE;
        if found.is_none() && (stuck || backlog) {
            found = self.pool.injector.take(&core.queue, self.pool.remotes.len());
        }
        Looked { found, stuck, waits }
    }

    /// Whether another worker makes no progress only because it waits for this processor. Not for ever:
    /// a poll that blocks again and again for a moment looks the same.
    fn waits(&self, other: &Remote, sign: &Sign) -> bool {
        let waits = |before| other.processor.waits(before, self.period() / 2);
        sign.waits < WAITS && sign.time.is_some_and(waits)
    }
}
