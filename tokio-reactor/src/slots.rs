//! From a token to its slot, without a lock.
//!
//! Slots stand in pages that are added and never taken away, each twice as large as the one
//! before, so a token's slot is found by arithmetic and stays where it is. A token is an index and
//! the generation of the owner. Which slots are free only concerns binding and freeing a source:
//! `owners.rs`.

use crate::slot::{Gone, Slot, GENERATIONS};
use mio::Token;
use owners::{Owners, Refused, CHUNK};
use std::io;
use std::sync::OnceLock;
use tokio_task::panics::Panics;

mod owners;

/// All slots of one reactor.
#[derive(Debug)]
pub(crate) struct Slots {
    pages: [OnceLock<Box<[Slot]>>; PAGES],
    owners: Owners,
}

/// One owner of one slot: the index below, the generation above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key(usize);

impl Key {
    fn new(index: u32, generation: u64) -> Key {
        Key((generation as usize) << INDEX_BITS | index as usize)
    }

    pub(crate) fn token(self) -> Token {
        Token(self.0)
    }

    pub(crate) fn generation(self) -> u64 {
        (self.0 >> INDEX_BITS) as u64
    }

    #[inline]
    pub(crate) fn from_token(token: Token) -> Key {
        Key(token.0)
    }

    #[inline]
    fn index(self) -> u32 {
        (self.0 & INDEX_MASK) as u32
    }
}

impl Slots {
    pub(crate) fn new() -> Self {
        Slots { pages: [const { OnceLock::new() }; PAGES], owners: Owners::default() }
    }

    /// A slot for a new owner.
    ///
    /// Fails when the reactor is gone, and when all tokens are taken.
    pub(crate) fn occupy(&self) -> io::Result<Key> {
        let page = |index| {
            let page = Place::of(index).page;
            self.pages[page].get_or_init(|| (0..page_len(page)).map(|_| Slot::new()).collect());
        };
        let own = |index| Key::new(index, self.slot(index).map_or(0, Slot::occupy));
        self.owners.occupy(page, own).map_err(|refused| match refused {
            Refused::Closed => Gone.into(),
            Refused::Full => io::Error::other("the reactor has no room for another source"),
        })
    }

    /// Frees the slot of `key`, once, also if a waiter panics when it is dropped.
    pub(crate) fn vacate(&self, key: Key, panics: &mut Panics) {
        if let Some(slot) = self.slot(key.index()) {
            // Drops waiters: before a lock is taken.
            panics.hold(|| slot.vacate());
        }
        self.owners.vacate(key.index());
    }

    /// The slot of `key`, which has perhaps another owner by now.
    #[inline]
    pub(crate) fn get(&self, key: Key) -> Option<&Slot> {
        self.slot(key.index())
    }

    /// Lets nobody in any more, and returns all slots, to be closed.
    pub(crate) fn close(&self) -> impl Iterator<Item = &Slot> {
        self.owners.close();
        self.pages.iter().filter_map(OnceLock::get).flat_map(|page| page.iter())
    }

    /// True if no slot has an owner.
    pub(crate) fn is_empty(&self) -> bool {
        self.owners.is_empty()
    }

    #[inline]
    fn slot(&self, index: u32) -> Option<&Slot> {
        let place = Place::of(index);
        self.pages.get(place.page)?.get()?.get(place.offset)
    }
}

/// Where a slot stands.
struct Place {
    page: usize,
    offset: usize,
}

impl Place {
    #[inline]
    fn of(index: u32) -> Place {
        // Counted from the length of the first page, each page begins at a power of two.
        let shifted = index as usize + FIRST_PAGE;
        let page = (shifted.ilog2() - FIRST_PAGE.ilog2()) as usize;
        Place { page, offset: shifted - page_len(page) }
    }
}

const fn page_len(page: usize) -> usize {
    FIRST_PAGE << page
}

/// The token of the reactor's own waker; no key has it.
pub(crate) const WAKE: Token = Token(INDEX_MASK);

/// 16 million sources where a token has 64 bits, half a million where it has 32.
const LIMIT: u32 = (FIRST_PAGE << PAGES) as u32 - FIRST_PAGE as u32;
const PAGES: usize = if usize::BITS >= 64 { 18 } else { 13 };
const FIRST_PAGE: usize = 64;

const INDEX_BITS: u32 = if usize::BITS >= 64 { 32 } else { 20 };
const INDEX_MASK: usize = (1 << INDEX_BITS) - 1;

// A chunk of new slots stands in one page.
const _: () = assert!(FIRST_PAGE % CHUNK as usize == 0);

// A token holds an index and a generation, and leaves the index of `WAKE` alone.
const _: () = assert!(LIMIT as usize <= INDEX_MASK);
const _: () = assert!(GENERATIONS - 1 <= (usize::MAX >> INDEX_BITS) as u64);

#[cfg(all(test, not(tokio_loom)))]
mod tests {
    use super::*;

    fn vacate(slots: &Slots, key: Key) {
        let mut panics = Panics::none();
        slots.vacate(key, &mut panics);
        panics.resume();
    }

    #[test]
    fn every_index_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for index in 0..10_000 {
            let place = Place::of(index);
            assert_eq!((place.page, place.offset), expected);
            expected.1 += 1;
            if expected.1 == page_len(expected.0) {
                expected = (expected.0 + 1, 0);
            }
        }
        let last = Place::of(LIMIT - 1);
        assert_eq!((last.page, last.offset), (PAGES - 1, page_len(PAGES - 1) - 1));
    }

    #[test]
    fn a_token_leads_back_to_its_key() {
        for generation in [0, 1, GENERATIONS - 1] {
            for index in [0, 63, LIMIT - 1] {
                let key = Key::from_token(Key::new(index, generation).token());
                assert_eq!((key.index(), key.generation()), (index, generation));
                assert_ne!(key.token(), WAKE);
            }
        }
    }

    #[test]
    fn a_freed_slot_is_used_again_under_another_token() {
        let slots = Slots::new();
        let first = slots.occupy().unwrap();
        assert!(!slots.is_empty());
        vacate(&slots, first);
        assert!(slots.is_empty());
        let second = slots.occupy().unwrap();
        assert_eq!(first.index(), second.index());
        assert_ne!(first.token(), second.token());
        assert!(!slots.is_empty());
    }

    #[test]
    fn generations_wrap_around_in_their_field() {
        let slots = Slots::new();
        let first = slots.occupy().unwrap();
        vacate(&slots, first);
        for _ in 1..GENERATIONS {
            let key = slots.occupy().unwrap();
            assert!(key.generation() > 0 && key.generation() < GENERATIONS);
            vacate(&slots, key);
        }
        assert_eq!(slots.occupy().unwrap(), first);
    }

    #[test]
    fn nobody_comes_in_after_close() {
        let slots = Slots::new();
        let _ = slots.close();
        assert_eq!(slots.occupy().unwrap_err().to_string(), "reactor gone");
    }
}
