//! A timing wheel: entries by the moment they are due, with a constant cost for each.
//!
//! Moments are nanoseconds since some start. A moment's *tick* is what is above its lowest 16 bits
//! (65.5 microseconds), read as eight digits of 6 bits. The wheel has a level for each digit, and
//! 64 slots in each level, which together reach over all of time.
//!
//! ```text
//!   moment  │ digit 7 │ ... │ digit 1 │ digit 0 │ 16 bits │
//!   level        7      ...      1         0      compared when the entry's tick has come
//! ```
//!
//! An entry is filed under the highest digit in which its tick differs from the wheel's cursor, in
//! the slot of that digit. So all entries of a level come before those of the next one, and within
//! a level they are in the order of their slots: the first entry is in the lowest slot of the
//! lowest level that has any, which two bit scans find. When the cursor reaches a slot of a higher
//! level, its entries move down. An entry moves at most seven times, and only if it lives so long.
//!
//! | operation | cost |
//! |---|---|
//! | `insert`, `remove`, `refile` | constant |
//! | `step` | constant; a scan of one slot when that is the slot of this very moment |
//!
//! `step` does one bit of work at a time, so that whoever shares the wheel behind a lock can let
//! others in between. Entries live in pages that never move; numbers name them.

use crate::pages::{page_len, place, LIMIT, PAGES};
use std::fmt;
use std::mem;

#[cfg(all(test, not(tokio_loom)))]
mod tests;

/// Values with the moments when they are due.
pub(crate) struct Wheel<T> {
    /// Filed entries, by level and slot: the first of each list. A level is made when needed.
    levels: [Option<Box<[u32; SLOTS]>>; LEVELS],
    /// Which slots have entries.
    occupied: [u64; LEVELS],
    /// Every tick before this one has been emptied.
    cursor: u64,
    draining: Option<Draining>,
    pages: Vec<Box<[Entry<T>]>>,
    /// Entries from here on were never used.
    fresh: u32,
    /// The first entry that was used and is free.
    free: u32,
    limit: u32,
}

/// A slot whose entries are being moved down, or found due.
#[derive(Clone, Copy)]
struct Draining {
    level: usize,
    slot: usize,
    /// How many entries at most; the rest was looked at already.
    left: u32,
}

struct Entry<T> {
    when: u64,
    value: Option<T>,
    links: Links,
}

/// Where an entry is in its list, which is a ring.
#[derive(Clone, Copy)]
struct Links {
    /// Of a free entry, the next free one.
    next: u32,
    prev: u32,
    filed: Filed,
}

impl Links {
    const NONE: Links = Links { next: NIL, prev: NIL, filed: Filed::No };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Filed {
    No,
    In { level: u8, slot: u8 },
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum Step {
    /// This entry is due. It is no longer filed, and still has its value.
    Due(u32),
    /// Something else; there may be more.
    Moved,
    /// Nothing is due before this moment. It may be earlier than the first entry.
    Until(u64),
}

impl<T> Wheel<T> {
    /// Without entries, at moment 0.
    pub(crate) fn new() -> Self {
        Self::with_limit(LIMIT)
    }

    /// One that takes at most `limit` entries.
    pub(crate) fn with_limit(limit: u32) -> Self {
        Wheel {
            levels: [const { None }; LEVELS],
            occupied: [0; LEVELS],
            cursor: 0,
            draining: None,
            pages: Vec::new(),
            fresh: 0,
            free: NIL,
            limit,
        }
    }

    /// Files `value` under `when`; gives it back if there is no room.
    #[inline]
    pub(crate) fn insert(&mut self, when: u64, value: T) -> Result<u32, T> {
        let index = match self.free {
            NIL if self.fresh == self.limit => return Err(value),
            NIL => self.extend(),
            free => {
                self.free = self.entry(free).links.next;
                free
            }
        };
        let links = self.link(index, when);
        let entry = self.entry_mut(index);
        entry.when = when;
        entry.value = Some(value);
        entry.links = links;
        Ok(index)
    }

    /// Frees an entry. It may be filed or not.
    #[inline]
    pub(crate) fn remove(&mut self, index: u32) -> Option<T> {
        let free = self.free;
        let entry = self.entry_mut(index);
        let value = entry.value.take();
        let links = mem::replace(&mut entry.links, Links { next: free, ..Links::NONE });
        self.free = index;
        self.unlink(index, links);
        value
    }

    /// Files an entry, which may be filed or not, under `when`.
    pub(crate) fn refile(&mut self, index: u32, when: u64) {
        self.unfile(index);
        let links = self.link(index, when);
        let entry = self.entry_mut(index);
        entry.when = when;
        entry.links = links;
    }

    /// Room for so many entries beyond those that there are, or as many as there can be.
    pub(crate) fn reserve(&mut self, free: usize, additional: usize) {
        let wanted = additional.saturating_sub(free);
        while self.capacity() - (self.fresh as usize) < wanted && self.pages.len() < PAGES {
            self.add_page();
        }
    }

    /// How many entries there is room for.
    pub(crate) fn capacity(&self) -> usize {
        self.pages.iter().map(|page| page.len()).sum()
    }

    pub(crate) fn is_filed(&self, index: u32) -> bool {
        self.entry(index).links.filed != Filed::No
    }

    pub(crate) fn when(&self, index: u32) -> u64 {
        self.entry(index).when
    }

    /// The value of an entry, if the number is in use.
    pub(crate) fn value(&self, index: u32) -> Option<&T> {
        if index < self.fresh {
            self.entry(index).value.as_ref()
        } else {
            None
        }
    }

    pub(crate) fn value_mut(&mut self, index: u32) -> &mut Option<T> {
        &mut self.entry_mut(index).value
    }

    /// How many numbers were ever given out: all are below this.
    pub(crate) fn used(&self) -> u32 {
        self.fresh
    }

    /// One bit of the work that is due at `now`.
    ///
    /// Entries come in the order of their ticks. `now` must not go back.
    pub(crate) fn step(&mut self, now: u64) -> Step {
        if let Some(draining) = self.draining {
            return self.drain(draining, now);
        }
        let Some(level) = self.occupied.iter().position(|slots| *slots != 0) else {
            return Step::Until(u64::MAX);
        };
        let slot = self.occupied[level].trailing_zeros() as usize;
        let above = self.cursor >> (DIGIT * (level as u32 + 1)) << (DIGIT * (level as u32 + 1));
        let start = above | (slot as u64) << (DIGIT * level as u32);
        let mut left = u32::MAX;
        if start > tick(now) {
            return Step::Until(self.earliest_of(level, slot, FEW).unwrap_or(start << BELOW));
        }
        if level == 0 && start == tick(now) {
            // The one slot that may have entries of before and after `now`.
            let mut count = 0;
            let mut earliest = u64::MAX;
            self.each_of(level, slot, |entry| {
                count += 1;
                earliest = earliest.min(entry.when);
                true
            });
            if earliest > now {
                return Step::Until(earliest);
            }
            left = count;
        }
        self.cursor = start;
        self.draining = Some(Draining { level, slot, left });
        Step::Moved
    }

    fn drain(&mut self, mut draining: Draining, now: u64) -> Step {
        let Draining { level, slot, left } = draining;
        if left == 0 || self.occupied[level] & 1 << slot == 0 {
            self.draining = None;
            return Step::Moved;
        }
        draining.left -= 1;
        self.draining = Some(draining);
        let index = self.first_of(level, slot);
        self.unfile(index);
        if level == 0 && self.entry(index).when <= now {
            return Step::Due(index);
        }
        // To a lower level; or, of this very tick, to the end of its list.
        let links = self.link(index, self.when(index));
        self.entry_mut(index).links = links;
        Step::Moved
    }

    /// The moment of the first entry of a slot, if it has at most `most`.
    fn earliest_of(&self, level: usize, slot: usize, most: u32) -> Option<u64> {
        let (mut count, mut earliest) = (0, u64::MAX);
        self.each_of(level, slot, |entry| {
            count += 1;
            earliest = earliest.min(entry.when);
            count <= most
        });
        (count <= most).then_some(earliest)
    }

    /// Looks at the entries of a slot that has some, while `look` says true.
    fn each_of(&self, level: usize, slot: usize, mut look: impl FnMut(&Entry<T>) -> bool) {
        let first = self.first_of(level, slot);
        let mut index = first;
        loop {
            let entry = self.entry(index);
            index = entry.links.next;
            if !look(entry) || index == first {
                return;
            }
        }
    }

    fn first_of(&self, level: usize, slot: usize) -> u32 {
        self.levels[level].as_ref().expect("a level with entries")[slot]
    }

    /// Puts an entry into the list of `when`. The links are for the entry to keep.
    #[inline]
    fn link(&mut self, index: u32, when: u64) -> Links {
        // What is due already goes where the cursor is.
        let tick = tick(when).max(self.cursor);
        let level = (tick ^ self.cursor).checked_ilog2().unwrap_or(0) / DIGIT;
        let slot = (tick >> (DIGIT * level)) as usize % SLOTS;
        let filed = Filed::In { level: level as u8, slot: slot as u8 };
        let level = level as usize;
        let slots = self.levels[level].get_or_insert_with(|| Box::new([NIL; SLOTS]));
        if self.occupied[level] & 1 << slot == 0 {
            self.occupied[level] |= 1 << slot;
            slots[slot] = index;
            return Links { prev: index, next: index, filed };
        }
        let next = slots[slot];
        let prev = mem::replace(&mut self.entry_mut(next).links.prev, index);
        self.entry_mut(prev).links.next = index;
        Links { prev, next, filed }
    }

    /// Takes an entry out of its list, if it is in one; keeps its value.
    pub(crate) fn unfile(&mut self, index: u32) {
        let links = mem::replace(&mut self.entry_mut(index).links, Links::NONE);
        self.unlink(index, links);
    }

    /// Takes an entry, which had these links, out of its list.
    #[inline]
    fn unlink(&mut self, index: u32, links: Links) {
        let Links { prev, next, filed: Filed::In { level, slot } } = links else { return };
        let (level, slot) = (level as usize, slot as usize);
        if next == index {
            self.occupied[level] &= !(1 << slot);
            return;
        }
        self.entry_mut(prev).links.next = next;
        self.entry_mut(next).links.prev = prev;
        let slots = self.levels[level].as_mut().expect("a level with entries");
        if slots[slot] == index {
            slots[slot] = next;
        }
    }

    /// A number that was not used before.
    fn extend(&mut self) -> u32 {
        let (page, _) = place(self.fresh);
        if page == self.pages.len() {
            self.add_page();
        }
        self.fresh += 1;
        self.fresh - 1
    }

    fn add_page(&mut self) {
        let len = page_len(self.pages.len());
        self.pages.push((0..len).map(|_| Entry::free()).collect());
    }

    #[inline]
    fn entry(&self, index: u32) -> &Entry<T> {
        let (page, at) = place(index);
        &self.pages[page][at]
    }

    #[inline]
    fn entry_mut(&mut self, index: u32) -> &mut Entry<T> {
        let (page, at) = place(index);
        &mut self.pages[page][at]
    }
}

impl<T> Entry<T> {
    fn free() -> Self {
        Entry { when: 0, value: None, links: Links::NONE }
    }
}

impl<T> fmt::Debug for Wheel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wheel").finish_non_exhaustive()
    }
}

fn tick(moment: u64) -> u64 {
    moment >> BELOW
}

/// Bits of a moment below a tick.
const BELOW: u32 = 16;
/// Bits of a digit.
const DIGIT: u32 = 6;
const SLOTS: usize = 1 << DIGIT;
const LEVELS: usize = (u64::BITS - BELOW).div_ceil(DIGIT) as usize;
/// No entry.
const NIL: u32 = u32::MAX;
/// With so few entries a slot is searched for its first one, which saves waking up for nothing.
const FEW: u32 = 32;
