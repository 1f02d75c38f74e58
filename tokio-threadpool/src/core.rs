//! What makes a thread a worker: the queue, the owned tasks and the parker. It moves to another
//! thread when its own blocks.

use crate::park::BoxPark;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::{Duration, Instant};
use tokio_task::{Owned, RunQueue};

pub(crate) struct Core {
    pub(crate) index: usize,
    pub(crate) queue: RunQueue,
    pub(crate) owned: Owned,
    pub(crate) park: RefCell<BoxPark>,
    pub(crate) tick: Cell<u32>,
    /// How many tasks in a row came from the next-to-run slot.
    pub(crate) streak: Cell<u8>,
    /// Counted as searching in `Sleep`.
    pub(crate) searching: Cell<bool>,
    /// Has not said since it got up that it works.
    pub(crate) fresh: Cell<bool>,
    /// Looks in a row, as a standby, at which everyone else slept.
    pub(crate) looks: Cell<u32>,
    /// Since when there was work for a sleeper.
    pub(crate) busy_since: Cell<Option<Instant>>,
    /// When this worker, busy, last looked after the others.
    pub(crate) last_look: Cell<Option<Instant>>,
    /// The tick at which the worker keeps house next.
    pub(crate) next_house: Cell<u32>,
    /// When it did last, and at which tick; None if it has slept since.
    pub(crate) last_house: Cell<Option<(Instant, u32)>>,
    /// When it last asked the driver, and at which tick; None as above.
    pub(crate) last_turn: Cell<Option<(Instant, u32)>>,
    /// When it last said which processor it uses, and how often its thread had blocked by then; None
    /// if it has slept since.
    pub(crate) noted: Cell<Option<(Instant, u64)>>,
    /// When it last looked whether a worker before this one works on its processor, with no other
    /// one free, and whether that was so.
    pub(crate) second: Cell<Option<(Instant, bool)>>,
    /// How often the driver had been asked when this worker last thought of it.
    pub(crate) turns: Cell<usize>,
    /// Stood by, looked, and found nothing: goes back to sleep without another search.
    pub(crate) looked: Cell<bool>,
    /// What a standby remembers of the others while it sleeps.
    pub(crate) seen: RefCell<Seen>,
}

/// Signs of life of the other workers, as a standby saw them before it slept.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) workers: Vec<Sign>,
    pub(crate) turns: usize,
}

/// A worker's sign of life.
#[derive(Default)]
pub(crate) struct Sign {
    pub(crate) tick: u32,
    /// The processor time that its thread had taken when a standby first lay down at this tick, if it
    /// worked on the same processor.
    pub(crate) time: Option<Duration>,
    /// How many looks have found since that it waits for its processor.
    pub(crate) waits: u32,
}

impl Core {
    pub(crate) fn new(index: usize, park: BoxPark) -> Box<Core> {
        let number = u32::try_from(index + 1).expect("fewer workers than that");
        Box::new(Core {
            index,
            queue: RunQueue::new(),
            owned: Owned::new(number),
            park: RefCell::new(park),
            tick: Cell::new(0),
            streak: Cell::new(0),
            searching: Cell::new(false),
            fresh: Cell::new(true),
            looks: Cell::new(0),
            busy_since: Cell::new(None),
            last_look: Cell::new(None),
            next_house: Cell::new(0),
            last_house: Cell::new(None),
            last_turn: Cell::new(None),
            noted: Cell::new(None),
            second: Cell::new(None),
            turns: Cell::new(0),
            looked: Cell::new(false),
            seen: RefCell::default(),
        })
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").field("index", &self.index).finish_non_exhaustive()
    }
}
