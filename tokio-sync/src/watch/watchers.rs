//! The receivers that wait for the next value. No atomics; it stands behind a lock. A receiver has
//! one place, which is kept from one wait to the next.

use slab::Slab;
use std::mem;
use tokio_task::{Caller, Waiter};

pub(super) struct Watchers {
    places: Slab<Option<Waiter>>,
}

impl Watchers {
    pub(super) fn new() -> Self {
        Watchers { places: Slab::new() }
    }

    /// Whether the task in this place is `caller`.
    pub(super) fn knows(&self, place: Option<usize>, caller: Caller<'_>) -> bool {
        let known = place.and_then(|place| self.places[place].as_ref());
        known.is_some_and(|waiter| waiter.will_wake(caller))
    }

    /// Puts `waiter` in its place, and into `waiter` what was there. Drop that when the lock is
    /// gone.
    pub(super) fn put(&mut self, place: &mut Option<usize>, waiter: &mut Option<Waiter>) {
        let place = *place.get_or_insert_with(|| self.places.insert(None));
        mem::swap(&mut self.places[place], waiter);
    }

    /// Ends a place. Drop the result when the lock is gone.
    pub(super) fn remove(&mut self, place: usize) -> Option<Waiter> {
        self.places.remove(place)
    }

    /// Moves all who wait to `wakes`.
    pub(super) fn take(&mut self, wakes: &mut Vec<Waiter>) {
        wakes.extend(self.places.iter_mut().filter_map(|(_, waiter)| waiter.take()));
    }
}
