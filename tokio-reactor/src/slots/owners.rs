//! Which slots have an owner: lists of free slots, one for each few threads.
//!
//! Binding a source takes a slot, and dropping it gives the slot back. If all threads did that
//! under one lock, it would be the busiest one of a server that accepts on many cores. So there
//! are several lists, each under a lock of its own, and a thread uses the same one each time.
//!
//! A list that is empty takes half of what another has, and only if none has any, slots that never
//! had an owner. So what one thread binds and another drops comes back, and there are hardly more
//! slots than were ever owned at a time. Another list's lock is only tried while one is held.

use super::LIMIT;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A lock for so many threads that they seldom meet.
const LISTS: usize = 16;

/// So many slots that never had an owner are taken at once. A page holds a multiple of it.
pub(super) const CHUNK: u32 = 16;

#[derive(Debug, Default)]
pub(super) struct Owners {
    lists: [List; LISTS],
    /// How many slots were ever taken. Relaxed: the locks order everything else.
    used: AtomicU32,
}

/// On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct List(Mutex<Free>);

#[derive(Debug, Default)]
pub(super) struct Free {
    slots: Vec<u32>,
    /// How many more were taken from this list for an owner than came back to it.
    live: isize,
    closed: bool,
}

/// Why there is no slot.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Closed,
    Full,
}

thread_local! {
    static HOME: Cell<usize> = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        Cell::new(THREADS.fetch_add(1, Relaxed) % LISTS)
    };
}

impl Owners {
    /// Takes a slot and calls `own` with its index, before `close` can return. `ready` is called
    /// before, with the first of a chunk that was never used.
    pub(super) fn occupy<R>(
        &self,
        ready: impl Fn(u32),
        own: impl FnOnce(u32) -> R,
    ) -> Result<R, Refused> {
        let mut home = self.home();
        if home.closed {
            return Err(Refused::Closed);
        }
        if home.slots.is_empty() {
            self.refill(&mut home, ready);
        }
        if let Some(index) = home.slots.pop() {
            home.live += 1;
            return Ok(own(index));
        }
        drop(home);
        // All slots have been used. What is free may be in lists that were busy.
        for list in &self.lists {
            let mut list = list.lock();
            if let Some(index) = list.slots.pop() {
                if list.closed {
                    return Err(Refused::Closed);
                }
                list.live += 1;
                return Ok(own(index));
            }
        }
        Err(Refused::Full)
    }

    /// Gives a slot back.
    pub(super) fn vacate(&self, index: u32) {
        let mut home = self.home();
        home.slots.push(index);
        home.live -= 1;
    }

    /// Lets nobody in any more.
    pub(super) fn close(&self) {
        for list in &self.lists {
            list.lock().closed = true;
        }
    }

    /// True if no slot has an owner.
    pub(super) fn is_empty(&self) -> bool {
        // All at once: a slot may be taken from one list and come back to another.
        let lists: Vec<_> = self.lists.iter().map(List::lock).collect();
        lists.iter().map(|list| list.live).sum::<isize>() == 0
    }

    fn refill(&self, home: &mut Free, ready: impl Fn(u32)) {
        for list in &self.lists {
            // Not waited for, since another thread may be waiting for `home`. That `home` is one
            // of these does no harm.
            let Ok(mut other) = list.0.try_lock() else { continue };
            let keep = other.slots.len() / 2;
            home.slots.extend(other.slots.drain(keep..));
            if !home.slots.is_empty() {
                return;
            }
        }
        let more = |used: u32| (used + CHUNK <= LIMIT).then_some(used + CHUNK);
        if let Ok(first) = self.used.fetch_update(Relaxed, Relaxed, more) {
            ready(first);
            // The lowest is used first.
            home.slots.extend((first..first + CHUNK).rev());
        }
    }

    fn home(&self) -> MutexGuard<'_, Free> {
        let home = HOME.try_with(Cell::get).unwrap_or(0);
        self.lists[home].lock()
    }
}

impl List {
    fn lock(&self) -> MutexGuard<'_, Free> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, not(tokio_loom)))]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::sync::{mpsc, Barrier};
    use std::thread;

    fn occupy(owners: &Owners) -> u32 {
        owners.occupy(|_| {}, |index| index).unwrap()
    }

    #[test]
    fn no_slot_has_two_owners() {
        const THREADS: usize = 8;
        let owners = Owners::default();
        let start = Barrier::new(THREADS);
        let taken: Vec<Vec<u32>> = thread::scope(|scope| {
            let threads = [(); THREADS].map(|()| {
                scope.spawn(|| {
                    start.wait();
                    let mut mine: Vec<_> = (0..500).map(|_| occupy(&owners)).collect();
                    for _ in 0..2_000 {
                        owners.vacate(mine.swap_remove(0));
                        mine.push(occupy(&owners));
                    }
                    mine
                })
            });
            threads.map(|thread| thread.join().unwrap()).into()
        });
        let all: Vec<u32> = taken.into_iter().flatten().collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 500 * THREADS);
        assert!(!owners.is_empty());
        all.into_iter().for_each(|index| owners.vacate(index));
        assert!(owners.is_empty());
    }

    /// One thread accepts, another drops: what the second frees must not pile up.
    #[test]
    fn what_one_thread_frees_another_uses_again() {
        let owners = Owners::default();
        let (give, take) = mpsc::sync_channel(0);
        let (done, freed) = mpsc::sync_channel(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                for index in take {
                    owners.vacate(index);
                    done.send(()).unwrap();
                }
            });
            for _ in 0..10_000 {
                give.send(occupy(&owners)).unwrap();
                freed.recv().unwrap();
            }
            drop(give);
        });
        assert!(owners.used.load(Relaxed) <= 2 * CHUNK);
        assert!(owners.is_empty());
    }

    #[test]
    fn the_last_slot_is_found_wherever_it_is_free() {
        let owners = Owners::default();
        owners.used.store(LIMIT, Relaxed);
        assert_eq!(owners.occupy(|_| {}, |_| ()), Err(Refused::Full));
        thread::scope(|scope| {
            for index in 0..5 {
                let owners = &owners;
                scope.spawn(move || owners.vacate(index));
            }
        });
        let found: HashSet<_> = (0..5).map(|_| occupy(&owners)).collect();
        assert_eq!(found.len(), 5);
        assert_eq!(owners.occupy(|_| {}, |_| ()), Err(Refused::Full));
    }

    #[test]
    fn nobody_comes_in_after_close() {
        let owners = Owners::default();
        owners.close();
        let refused = thread::scope(|scope| {
            [(); 20].map(|()| scope.spawn(|| owners.occupy(|_| {}, |_| ())).join().unwrap())
        });
        assert!(refused.iter().all(|refused| *refused == Err(Refused::Closed)));
    }
}
