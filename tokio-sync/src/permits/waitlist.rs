//! The queue of those who wait for a permit: places that know their neighbours, in a slab. No
//! atomics; it stands behind a lock. Once it has grown, waiting allocates nothing.

use crate::wakes::Wakes;
use slab::Slab;
use std::mem;
use tokio_task::Waiter;

pub(super) struct Waitlist {
    places: Slab<Linked>,
    first: Option<usize>,
    last: Option<usize>,
}

struct Linked {
    place: Place,
    /// Neighbours, while it waits.
    previous: Option<usize>,
    next: Option<usize>,
}

/// What became of one who waits.
pub(super) enum Place {
    Waiting(Waiter),
    /// A permit is here; its owner has been woken and takes it.
    Granted,
    /// Closed meanwhile.
    Refused,
}

impl Waitlist {
    pub(super) fn new() -> Self {
        Waitlist { places: Slab::new(), first: None, last: None }
    }

    /// Whether nobody waits. There may be places whose owner has not looked yet.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// A place at the end.
    pub(super) fn push(&mut self, waiter: Waiter) -> usize {
        let linked = Linked { place: Place::Waiting(waiter), previous: self.last, next: None };
        let key = self.places.insert(linked);
        match self.last.replace(key) {
            Some(last) => self.places[last].next = Some(key),
            None => self.first = Some(key),
        }
        key
    }

    pub(super) fn get(&mut self, key: usize) -> &mut Place {
        &mut self.places[key].place
    }

    /// Grants a permit to the first in the queue, who is to be woken.
    pub(super) fn grant_first(&mut self) -> Option<Waiter> {
        self.settle_first(Place::Granted)
    }

    /// Refuses everybody.
    pub(super) fn refuse_all(&mut self) -> Wakes {
        let mut wakes = Wakes::default();
        while let Some(waiter) = self.settle_first(Place::Refused) {
            wakes.push(waiter);
        }
        wakes
    }

    fn settle_first(&mut self, outcome: Place) -> Option<Waiter> {
        let first = self.first?;
        self.unlink(first);
        match mem::replace(&mut self.places[first].place, outcome) {
            Place::Waiting(waiter) => Some(waiter),
            _ => unreachable!("only those who wait are linked"),
        }
    }

    /// Ends a place. Drop the result when the lock is gone.
    pub(super) fn remove(&mut self, key: usize) -> Place {
        if let Place::Waiting(_) = self.places[key].place {
            self.unlink(key);
        }
        self.places.remove(key).place
    }

    fn unlink(&mut self, key: usize) {
        let Linked { previous, next, .. } = self.places[key];
        match previous {
            Some(previous) => self.places[previous].next = next,
            None => self.first = next,
        }
        match next {
            Some(next) => self.places[next].previous = previous,
            None => self.last = previous,
        }
    }
}
