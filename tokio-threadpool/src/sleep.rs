//! When a worker may sleep, where, and who wakes it.
//!
//! # Who sleeps where
//!
//! | worker | sleeps | until |
//! |---|---|---|
//! | the last one awake | in the shared driver, if the pool has one | an event, a wake |
//! | the others | on their own parkers | a wake |
//! | one of all these, while anybody is awake: the *standby* | where it is | as above, or the standby period (2 ms, or 1 where workers got stuck) is over |
//!
//! Light work stays on one worker. What protects the others from a worker that is stuck in one
//! poll is the standby: after each period it looks whether an awake worker's tick stood still,
//! whether queues are long, and whether anybody asked the driver meanwhile. If so, it steals, and
//! takes over the driver; unless that worker only waits for the standby's own processor
//! (`processor.rs`). After ten looks at which everyone else was asleep it sleeps without a
//! limit ("deep"): an idle pool never wakes up. Whoever starts to work when nobody stands by pokes
//! a sleeper into standing by.
//!
//! # The word
//!
//! ```text
//!   31 ....... 16   15 ....... 0
//! ┌──────────────┬──────────────┐
//! │  searching   │    asleep    │
//! └──────────────┴──────────────┘
//! ```
//!
//! `asleep` is the number of workers in the set of sleepers; both change under one lock, so they
//! are always equal. `searching` counts workers that were woken for work and have not found any
//! yet; while there is one, nobody else is woken.
//!
//! # Transitions (all under the lock; [`Sleepers`] has the details)
//!
//! | | event | asleep | searching | owes |
//! |---|---|---|---|---|
//! | `lie_down` | a worker found nothing | +1 | −1 if it searched | one more look at the injector |
//! | `get_up` | its sleep ended by itself | −1 | | |
//! | `get_up` | somebody woke it | (was −1) | (was +1) | it now searches |
//! | `wake_one` | there is work | −1 | +1 | unpark that worker |
//! | `activate` | a worker found work | | −1 if it searched | unpark the new standby, if any |
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `lie_down`: `fence(SeqCst)` after the word | SeqCst | the fence in `is_all_asleep` | see the proof |
//! | `is_all_asleep`: `fence(SeqCst)` before the word | SeqCst | the fence in `lie_down` | see the proof |
//! | all changes of the word | Relaxed | – | the lock orders them; readers without the lock want a hint or use the fence |
//!
//! # No task is forgotten
//!
//! Only a worker itself fills its own queue, and it lies down only when that queue and its
//! next-to-run slot are empty. So while everyone sleeps, only the injector can hold a task, put
//! there by another thread: it pushed, then asked `is_all_asleep`. The last worker lay down, then
//! looked at the injector. Between each pair stands a `SeqCst` fence, and one of the fences comes
//! first. If the pusher's does, the worker's look sees the task. If the worker's does, the pusher
//! sees everyone asleep, and wakes one. If the pusher did not see everyone asleep, somebody is
//! awake and has its last look at the injector before it: the same argument again.
//!
//! A wake of the driver stays until somebody asks the driver; and an awake worker may ask it, without
//! waiting, just when the sleeper is on its way there. So the sleeper takes the driver's lock, then
//! asks [`Sleep::is_in`] whether its bed is still the same, and only then waits. A wake before that
//! look has changed the bed; one after it can be noticed by nobody else, since asking needs the
//! lock.
//!
//! While somebody is awake, a task may wait for a worker that is stuck: for this there is the
//! standby; and if nobody sleeps, a busy worker looks instead, as often. `sleepers.rs` checks, in every state that up to four workers can reach, that the count
//! equals the set, that one sleeper stands by while anybody works, and that the driver is attended
//! when all sleep. `model.rs` checks the handshake.

use self::sleepers::Sleepers;
pub(crate) use self::sleepers::{Bed, Place, Reason};
use crate::sync::{fence, load_exclusive, lock, AtomicUsize, Mutex};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::Duration;

#[cfg(all(test, tokio_loom))]
mod model;
mod sleepers;

/// How long a standby sleeps between two looks.
pub(crate) const STANDBY: Duration = Duration::from_millis(2);

/// The same while workers get stuck.
pub(crate) const ALERT: Duration = Duration::from_millis(1);

/// How many looks at a sleeping pool make a standby sleep without a limit.
pub(crate) const LOOKS: u32 = 10;

/// The most workers that the word can count.
pub(crate) const MAX_WORKERS: usize = ASLEEP_MASK;

const ASLEEP: usize = 1;
const ASLEEP_MASK: usize = 0xffff;
const SEARCHING: usize = 0x1_0000;

#[derive(Debug)]
pub(crate) struct Sleep {
    word: AtomicUsize,
    sleepers: Mutex<Sleepers>,
    workers: usize,
}

impl Sleep {
    pub(crate) fn new(workers: usize, has_driver: bool) -> Self {
        assert!(workers <= MAX_WORKERS, "a pool has at most {MAX_WORKERS} workers");
        Sleep {
            word: AtomicUsize::new(0),
            sleepers: Mutex::new(Sleepers::new(workers, has_driver)),
            workers,
        }
    }

    /// After a push to the injector: whether nobody is awake to find it.
    pub(crate) fn is_all_asleep(&self) -> bool {
        fence(SeqCst);
        self.word.load(Relaxed) & ASLEEP_MASK == self.workers
    }

    /// A hint: somebody sleeps, and nobody is on the way to look for work.
    #[inline]
    pub(crate) fn may_wake(&self) -> bool {
        let word = self.word.load(Relaxed);
        word & ASLEEP_MASK != 0 && word < SEARCHING
    }

    /// A hint: nobody sleeps, so nobody stands by.
    pub(crate) fn is_all_awake(&self) -> bool {
        self.word.load(Relaxed) & ASLEEP_MASK == 0
    }

    /// Whether nobody sleeps, and so nobody stands by: for a worker that has got up, before it
    /// looks for cores that lie open (`offer.rs`).
    pub(crate) fn is_all_awake_now(&self) -> bool {
        fence(SeqCst);
        self.is_all_awake()
    }

    /// A hint: everyone but the caller is asleep.
    pub(crate) fn is_alone(&self) -> bool {
        self.word.load(Relaxed) & ASLEEP_MASK >= self.workers - 1
    }

    /// `worker` found nothing. It looks at the injector once more before it sleeps.
    pub(crate) fn lie_down(&self, worker: usize, searched: bool, reason: Reason) -> Bed {
        let mut sleepers = lock(&self.sleepers);
        let bed = sleepers.lie_down(worker, reason);
        let word = load_exclusive(&self.word) + ASLEEP - if searched { SEARCHING } else { 0 };
        self.word.store(word, Relaxed);
        drop(sleepers);
        fence(SeqCst);
        bed
    }

    /// Whether `worker` still has this `bed`: nobody has woken it since it lay down, nor made it
    /// stand by.
    ///
    /// To be asked with the driver's lock held, before waiting there. Until then whoever asks the
    /// driver without waiting may have swallowed the wake.
    pub(crate) fn is_in(&self, worker: usize, bed: Bed) -> bool {
        lock(&self.sleepers).bed(worker) == Some(bed)
    }

    /// `worker` is awake again. True if somebody woke it for work: it now searches.
    pub(crate) fn get_up(&self, worker: usize) -> bool {
        let mut sleepers = lock(&self.sleepers);
        let by_itself = sleepers.get_up(worker);
        if by_itself {
            self.word.store(load_exclusive(&self.word) - ASLEEP, Relaxed);
        }
        !by_itself
    }

    /// There is work for one more: takes a sleeper that `suits`, unless somebody searches already.
    /// The caller unparks it.
    pub(crate) fn wake_one(&self, suits: impl Fn(usize) -> bool) -> Option<(usize, Place)> {
        let mut sleepers = lock(&self.sleepers);
        let word = load_exclusive(&self.word);
        if word >= SEARCHING {
            return None;
        }
        let woken = sleepers.wake_one(suits)?;
        self.word.store(word - ASLEEP + SEARCHING, Relaxed);
        Some(woken)
    }

    /// `worker` found work. The caller unparks the one that stands by from now on.
    pub(crate) fn activate(&self, worker: usize, searched: bool) -> Option<(usize, Place)> {
        let mut sleepers = lock(&self.sleepers);
        if searched {
            self.word.store(load_exclusive(&self.word) - SEARCHING, Relaxed);
        }
        sleepers.activate(worker)
    }

    /// Everyone is to look at the pool's state. The caller unparks them; they search.
    pub(crate) fn wake_all(&self) -> Vec<(usize, Place)> {
        let mut sleepers = lock(&self.sleepers);
        let woken = sleepers.wake_all();
        let word = load_exclusive(&self.word) + woken.len() * SEARCHING - woken.len() * ASLEEP;
        self.word.store(word, Relaxed);
        woken
    }

    /// Where `worker` sleeps, if it does.
    pub(crate) fn place_of(&self, worker: usize) -> Option<Place> {
        lock(&self.sleepers).bed(worker).map(|bed| bed.place)
    }

    pub(crate) fn is_asleep(&self, worker: usize) -> bool {
        lock(&self.sleepers).is_asleep(worker)
    }
}
