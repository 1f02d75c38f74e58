//! What a worker does when it has nothing to do, and how it asks the driver when it has.

use super::standby::TAKEOVER;
use super::Worker;
use crate::core::Core;
use crate::lifecycle::Stage;
use crate::pool::Driver;
use crate::processor::Processor;
use crate::sleep::{Bed, Place, Reason, LOOKS, STANDBY};
use crate::sync::{lock, thread};
use std::fmt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::TryLockError;
use std::time::{Duration, Instant};
use tokio_task::panics::discard;

impl Worker {
    /// There is nothing to do.
    pub(super) fn rest(&self, core: &Core) {
        self.pool.drain_returns(core);
        core.queue.shrink();
        self.pool.remotes[core.index].processor.leave();
        let looks = core.looks.get();
        let reason = if looks == TAKEOVER {
            core.looks.set(0);
            Reason::Takeover
        } else if looks >= LOOKS {
            core.looks.set(0);
            Reason::Deep
        } else {
            Reason::Dry
        };
        self.remember(core);
        core.fresh.set(true);
        core.busy_since.set(None);
        core.last_house.set(None);
        core.last_turn.set(None);
        core.noted.set(None);
        core.next_house.set(core.tick.get().wrapping_add(1));
        let stalled = self.pool.permits.is_stalled();
        let bed = self.pool.sleep.lie_down(core.index, core.searching.take(), reason);
        let stays = self.pool.injector.is_empty()
            && match self.pool.lifecycle.stage() {
                Stage::Running => true,
                Stage::Draining | Stage::Closing => !self.pool.close_if_idle(),
                Stage::Stopped => false,
            };
        if stays {
            if bed.standby {
                self.remember_times(core);
            }
            let limit = (bed.standby || stalled).then(|| self.period());
            match (bed.place, &self.pool.driver) {
                (Place::Driver, Some(driver)) => self.wait_in_driver(core, driver, bed, limit),
                _ => self.wait(core, limit),
            }
        }
        if self.pool.sleep.get_up(core.index) {
            core.searching.set(true);
        } else if stays && bed.standby && !self.has_work(core) {
            self.look(core);
        }
        if stalled {
            self.pool.permits.retry();
        }
    }

    pub(super) fn has_work(&self, core: &Core) -> bool {
        !core.queue.is_empty() || !self.pool.remotes[core.index].next.is_empty()
    }

    /// Waits in this worker's own `Park`.
    fn wait(&self, core: &Core, limit: Option<Duration>) {
        let failed = {
            let mut park = core.park.borrow_mut();
            self.drive(|| match limit {
                Some(limit) => park.park_timeout(limit),
                None => park.park(),
            })
        };
        pause_if(failed);
    }

    /// Waits in the shared driver.
    fn wait_in_driver(&self, core: &Core, driver: &Driver, bed: Bed, limit: Option<Duration>) {
        // Somebody may be asking it without waiting; not for long.
        let mut park = lock(&driver.park);
        if !self.pool.sleep.is_in(core.index, bed) {
            return;
        }
        let Some(shared) = &mut *park else { return };
        core.turns.set(driver.turns.fetch_add(1, Relaxed) + 1);
        let failed = self.drive(|| match limit {
            Some(limit) => shared.park_timeout(limit),
            None => shared.park(),
        });
        drop(park);
        pause_if(failed);
    }

    /// Asks the driver, and this worker's own `Park`, without waiting.
    pub(super) fn turn(&self, core: &Core) {
        if self.pool.config.custom_park {
            let mut park = core.park.borrow_mut();
            self.drive(|| park.park_timeout(Duration::ZERO));
        }
        let Some(driver) = &self.pool.driver else { return };
        let mut park = match driver.park.try_lock() {
            Ok(park) => park,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // Somebody waits in it.
            Err(TryLockError::WouldBlock) => return,
        };
        if let Some(park) = &mut *park {
            core.turns.set(driver.turns.fetch_add(1, Relaxed) + 1);
            self.drive(|| park.park_timeout(Duration::ZERO));
        }
    }

    /// Whether this worker, though busy, leaves the driver to another one on the same processor, as
    /// no other is free: so it gets no new work from there, runs dry, and sleeps. Two would only
    /// take turns.
    pub(super) fn leaves_driver(&self, core: &Core, now: Instant) -> bool {
        if self.pool.config.custom_park {
            return false;
        }
        // To look touches what the others write; so no more often than a standby would.
        let second = match core.second.get() {
            Some((then, second)) if now.duration_since(then) < STANDBY => second,
            _ => {
                let before = &self.pool.remotes[..core.index];
                let second = Processor::is_shared(before.iter().map(|remote| &remote.processor))
                    && self.is_crowded(core);
                core.second.set(Some((now, second)));
                second
            }
        };
        // But only if somebody does ask it.
        let turns = self.turns();
        second && core.turns.replace(turns) != turns
    }

    /// Runs a `Park`, which may wake tasks of this pool on this thread. True if it failed.
    fn drive<E: fmt::Display>(&self, park: impl FnOnce() -> Result<(), E>) -> bool {
        self.driving.set(true);
        // A foreign waker that panics must not take the worker with it.
        let result = catch_unwind(AssertUnwindSafe(park));
        self.driving.set(false);
        match result {
            Ok(Ok(())) => return false,
            Ok(Err(error)) => log::error!("a worker failed to wait: {error}"),
            Err(payload) => {
                discard(payload);
                log::error!("a `Park`, or a waker in it, panicked");
            }
        }
        true
    }
}

/// A `Park` that fails at once, again and again, must not keep a processor busy. To be called
/// without its lock.
fn pause_if(failed: bool) {
    if failed {
        thread::park_timeout(Duration::from_millis(10));
    }
}
