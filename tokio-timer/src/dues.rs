//! When each wait of a shard is due, as its owner wants it: readable and, to put it off, writable
//! without the shard's lock.
//!
//! A wait's word is its moment, `FIRED` or `GONE`.
//!
//! | from | to | by | with the shard's lock |
//! |---|---|---|---|
//! | any | a moment | its owner, when it files the wait | yes |
//! | a moment | a later moment | its owner, `postpone` | no |
//! | the moment it is filed under | `FIRED` | the driver, who takes its waiter | yes |
//! | any moment | `GONE` | the driver's end, which takes its waiter | yes |
//!
//! All orders are `Relaxed`: a word says all there is to know, and waiters are under the lock. The
//! driver and `postpone` both compare: either the driver finds the later moment and files the wait
//! anew, or the owner finds that it is too late.

use crate::pages::{page_len, place, PAGES};
use crate::sync::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::OnceLock;

#[derive(Debug, Default)]
pub(crate) struct Dues {
    pages: [OnceLock<Box<[AtomicU64]>>; PAGES],
}

/// What has become of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It lasts until this moment.
    Waiting(u64),
    Fired,
    /// The timer ended first.
    Gone,
}

const FIRED: u64 = u64::MAX;
const GONE: u64 = u64::MAX - 1;

impl Dues {
    #[inline]
    pub(crate) fn look(&self, index: u32) -> Fate {
        match self.word(index).load(Relaxed) {
            FIRED => Fate::Fired,
            GONE => Fate::Gone,
            due => Fate::Waiting(due),
        }
    }

    /// The wait is filed under `due`.
    pub(crate) fn set(&self, index: u32, due: u64) {
        let (page, at) = place(index);
        let new = || (0..page_len(page)).map(|_| AtomicU64::new(FIRED)).collect();
        self.pages[page].get_or_init(new)[at].store(due, Relaxed);
    }

    /// Puts a wait off from `from` to `to`, which is not earlier. False if it has ended.
    pub(crate) fn postpone(&self, index: u32, from: u64, to: u64) -> bool {
        self.word(index).compare_exchange(from, to, Relaxed, Relaxed).is_ok()
    }

    /// Ends a wait that was filed under `due`; fails with the later moment that it was put off to.
    pub(crate) fn fire(&self, index: u32, due: u64) -> Result<(), u64> {
        self.word(index).compare_exchange(due, FIRED, Relaxed, Relaxed).map(drop)
    }

    pub(crate) fn give_up(&self, index: u32) {
        self.word(index).store(GONE, Relaxed);
    }

    #[inline]
    fn word(&self, index: u32) -> &AtomicU64 {
        let (page, at) = place(index);
        &self.pages[page].get().expect("the page of a wait")[at]
    }
}
