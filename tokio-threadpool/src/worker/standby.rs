//! Standing by: looking whether another worker is stuck or has too much to do, or whether nobody
//! asks the driver. `sleep.rs` tells when.

use super::Worker;
use crate::core::Core;
use crate::sleep::{ALERT, STANDBY};
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tokio_task::Task;

/// A backlog of this length makes a standby steal.
const STANDBY_QUEUE: usize = 8;

/// After so many looks at workers of which none is stuck, none is expected to be.
pub(super) const CALM: u32 = 500;

/// A value of `Core::looks` that means: take over the driver.
pub(super) const TAKEOVER: u32 = u32::MAX;

impl Worker {
    /// What a standby has to remember before it sleeps.
    pub(super) fn remember(&self, core: &Core) {
        let mut seen = core.seen.borrow_mut();
        seen.ticks.clear();
        seen.ticks.extend(self.pool.remotes.iter().map(|remote| remote.tick.load(Relaxed)));
        seen.turns = self.turns();
    }

    pub(super) fn turns(&self) -> usize {
        self.pool.driver.as_ref().map_or(0, |driver| driver.turns.load(Relaxed))
    }

    /// As a standby, looks whether another worker is stuck or has too much to do.
    pub(super) fn look(&self, core: &Core) {
        if self.pool.sleep.is_alone() {
            core.looks.set(core.looks.get() + 1);
            self.pool.remotes[core.index].crowded.store(false, Relaxed);
            core.looked.set(true);
            return;
        }
        core.looks.set(0);
        let (found, stuck) = self.look_at_others(core);
        // Nobody has asked the driver for a whole period.
        if self.turns() == core.seen.borrow().turns {
            self.turn(core);
        }
        match found {
            Some(task) => core.queue.push(task),
            None if stuck => core.looks.set(TAKEOVER),
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
        if let (Some(task), _) = self.look_at_others(core) {
            core.queue.push(task);
        }
        // Whoever sleeps does this when it gets up.
        if self.pool.permits.is_stalled() {
            self.pool.permits.retry();
        }
        self.remember(core);
    }

    /// Steals from a worker that is stuck or has too much to do. Also says whether one is stuck.
    pub(super) fn look_at_others(&self, core: &Core) -> (Option<Task>, bool) {
        let seen = core.seen.borrow();
        let mut found = None;
        let mut stuck = false;
        let crowded = self.is_crowded(core);
        if let Some(left) = self.pool.alert.load(Relaxed).checked_sub(1) {
            self.pool.alert.store(left, Relaxed);
        }
        self.pool.backups.adopt_orphans(&self.pool);
        for other in self.others(core) {
            let remote = &self.pool.remotes[other];
            let tick = remote.tick.load(Relaxed);
            let still = seen.ticks.get(other) == Some(&tick) && !self.pool.sleep.is_asleep(other);
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
        if found.is_none() && (stuck || self.pool.injector.backlog_len() >= STANDBY_QUEUE) {
            found = self.pool.injector.take(&core.queue, self.pool.remotes.len());
        }
        (found, stuck)
    }
}
