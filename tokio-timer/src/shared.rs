//! What a timer shares with its handles and its waits.

use crate::alarm::{Alarm, NEVER};
use crate::dues::Fate;
use crate::shard::{Driver, Look, Shard};
use crate::sync::AtomicU64;
use crate::wheel::Wheel;
use crate::Error;
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio_executor::park::Unpark;
use tokio_task::panics::Panics;
use tokio_task::{Caller, Waiter};

#[cfg(all(test, tokio_loom))]
mod model;
#[cfg(all(test, not(tokio_loom)))]
mod tests;

/// Outlives its timer while there are handles and waits, closed.
pub(crate) struct Shared {
    /// Moment 0.
    start: Instant,
    alarm: CachePadded<Alarm>,
    /// The latest moment that the driver has seen. A hint: what is due by then need not wait.
    seen: AtomicU64,
    unpark: Box<dyn Unpark>,
    shards: Box<[CachePadded<Shard>]>,
}

/// Names a wait. Its owner is the only one who uses it, and frees it once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    index: u32,
    shard: u32,
}

impl Shared {
    pub(crate) fn new(start: Instant, unpark: Box<dyn Unpark>) -> Self {
        Self::with_limit(start, unpark, crate::pages::LIMIT)
    }

    /// One that takes at most `limit` waits in a shard.
    pub(crate) fn with_limit(start: Instant, unpark: Box<dyn Unpark>, limit: u32) -> Self {
        Shared {
            start,
            alarm: CachePadded::new(Alarm::new()),
            seen: AtomicU64::new(0),
            unpark,
            shards: (0..SHARDS)
                .map(|_| CachePadded::new(Shard::new(Wheel::with_limit(limit))))
                .collect(),
        }
    }

    /// `at` in nanoseconds since the start. What is out of reach is as late as can be.
    #[inline]
    pub(crate) fn moment(&self, at: Instant) -> u64 {
        nanos(at.saturating_duration_since(self.start))
    }

    /// The driver has seen `now`. Time does not go back: gives the latest moment.
    pub(crate) fn see(&self, now: Instant) -> u64 {
        let now = self.moment(now).max(self.seen.load(Relaxed));
        self.seen.store(now, Relaxed);
        now
    }

    #[inline]
    pub(crate) fn has_seen(&self, due: u64) -> bool {
        due <= self.seen.load(Relaxed)
    }

    #[inline]
    pub(crate) fn fate(&self, key: Key) -> Fate {
        self.shard(key).fate(key.index)
    }

    /// Has `caller` woken at `due`.
    #[inline]
    pub(crate) fn register(&self, due: u64, caller: Caller<'_>) -> Result<Key, Error> {
        let waiter = Waiter::from(caller);
        let shard = home();
        let (index, driver) = self.shards[shard].register(&self.alarm, due, waiter)?;
        self.tell(driver);
        Ok(Key { index, shard: shard as u32 })
    }

    /// The same with a wait that has ended.
    pub(crate) fn register_again(
        &self,
        key: Key,
        due: u64,
        caller: Caller<'_>,
    ) -> Result<(), Error> {
        let waiter = Waiter::from(caller);
        let driver = self.shard(key).register_again(&self.alarm, key.index, due, waiter)?;
        self.tell(driver);
        Ok(())
    }

    /// Moves the end of a wait. False if it has ended.
    pub(crate) fn move_to(&self, key: Key, due: u64) -> bool {
        let shard = self.shard(key);
        match shard.fate(key.index) {
            Fate::Fired | Fate::Gone => false,
            Fate::Waiting(from) if from <= due => shard.postpone(key.index, from, due),
            Fate::Waiting(_) => match shard.hasten(&self.alarm, key.index, due) {
                Some(driver) => {
                    self.tell(driver);
                    true
                }
                None => false,
            },
        }
    }

    /// Has a wait wake `caller`. False if it has ended.
    pub(crate) fn wait(&self, key: Key, caller: Caller<'_>) -> bool {
        let shard = self.shard(key);
        match shard.will_wake(key.index, caller) {
            Some(true) => true,
            Some(false) => shard.replace(key.index, caller.into()),
            None => false,
        }
    }

    /// Ends a wait, or forgets one that has ended.
    #[inline]
    pub(crate) fn free(&self, key: Key) {
        self.shard(key).free(&self.alarm, key.index);
    }

    /// Wakes all that is due at `now`. For the driver alone.
    pub(crate) fn fire(&self, now: u64, batch: &mut Vec<Waiter>, panics: &mut Panics) {
        if self.alarm.first() <= now {
            let _ = self.look(now, batch, panics);
        }
    }

    /// Until when the driver may sleep, having told those who register; `None` for ever. It must
    /// not sleep if that is not after `now`: something is due, or was just woken. For the driver
    /// alone.
    pub(crate) fn lie_down(
        &self,
        now: u64,
        batch: &mut Vec<Waiter>,
        panics: &mut Panics,
    ) -> Option<u64> {
        if self.alarm.first() > now && self.alarm.take_stale() && self.look(now, batch, panics) {
            return Some(now);
        }
        loop {
            let first = self.alarm.first();
            if first <= now || self.alarm.lie_down(first) {
                return (first != NEVER).then_some(first);
            }
        }
    }

    /// The driver sleeps no more.
    pub(crate) fn get_up(&self) {
        self.alarm.get_up();
    }

    /// Wakes what is due, and sets the alarm for what is not. True if there was something.
    fn look(&self, now: u64, batch: &mut Vec<Waiter>, panics: &mut Panics) -> bool {
        self.alarm.take();
        let mut first = NEVER;
        let mut woken = false;
        for shard in &self.shards {
            loop {
                let look = shard.take_due(now, batch);
                woken |= !batch.is_empty();
                wake_all(batch, panics);
                if let Look::Until(until) = look {
                    first = first.min(until);
                    break;
                }
            }
        }
        self.alarm.settle(first);
        woken
    }

    /// The timer has ended: wakes all, and takes no more waits.
    pub(crate) fn close(&self, batch: &mut Vec<Waiter>, panics: &mut Panics) {
        for shard in &self.shards {
            shard.close();
        }
        for shard in &self.shards {
            let mut from = Some(0);
            while let Some(at) = from {
                from = shard.take_left(at, batch);
                wake_all(batch, panics);
            }
        }
    }

    fn tell(&self, driver: Driver) {
        if driver == Driver::Unpark {
            self.unpark.unpark();
        }
    }

    fn shard(&self, key: Key) -> &Shard {
        &self.shards[key.shard as usize]
    }
}

/// The clock was moved.
impl Unpark for Shared {
    fn unpark(&self) {
        self.unpark.unpark();
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

fn wake_all(batch: &mut Vec<Waiter>, panics: &mut Panics) {
    for waiter in batch.drain(..) {
        panics.hold(|| waiter.wake());
    }
}

/// In nanoseconds, as many as a wheel can hold at most.
#[inline]
pub(crate) fn nanos(time: Duration) -> u64 {
    let nanos = time.as_secs().saturating_mul(1_000_000_000);
    nanos.saturating_add(time.subsec_nanos().into()).min(LATEST)
}

/// The shard of this thread.
#[inline]
fn home() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static HOME: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    HOME.try_with(|home| {
        if home.get() == usize::MAX {
            home.set(NEXT.fetch_add(1, Relaxed) % SHARDS);
        }
        home.get()
    })
    .unwrap_or(0)
}

/// 146 years after the start: before `NEVER`, and before what `dues` keeps for itself.
const LATEST: u64 = u64::MAX >> 2;

#[cfg(not(tokio_loom))]
const SHARDS: usize = 8;
#[cfg(tokio_loom)]
const SHARDS: usize = 1;
