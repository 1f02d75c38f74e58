//! Bytes on their way: the value of each follows from its place, so that one that is lost, changed, doubled
//! or moved is found where it is read.

use super::random::{mix, Random};
use std::sync::atomic::{AtomicBool, AtomicU64};

/// Bytes from one writer to one reader, and how far both are.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) len: u64,
    pub(super) written: AtomicU64,
    pub(super) read: AtomicU64,
    /// The reader has found the end.
    pub(super) ended: AtomicBool,
    /// Tells the bytes of one direction from those of any other.
    key: u64,
}

impl Way {
    /// Mostly a short one.
    pub(super) fn any(random: &mut Random) -> Way {
        let longest = match random.within(0..=99) {
            0 => 1 << 20,
            1..=9 => 100_000,
            10..=49 => 8_000,
            _ => 300,
        };
        Way::new(random.within(0..=longest), random)
    }

    /// One of so many bytes.
    pub(super) fn new(len: u64, random: &mut Random) -> Way {
        Way::of(len, random.number())
    }

    pub(super) fn of(len: u64, key: u64) -> Way {
        let ended = AtomicBool::new(false);
        Way { len, written: AtomicU64::new(0), read: AtomicU64::new(0), ended, key }
    }

    /// The byte at a place.
    fn byte(&self, at: u64) -> u8 {
        mix(self.key ^ (at / 8)).to_le_bytes()[at as usize % 8]
    }

    /// Writes what is to be sent from `at` on.
    pub(super) fn fill(&self, at: u64, buf: &mut [u8]) {
        for (byte, at) in buf.iter_mut().zip(at..) {
            *byte = self.byte(at);
        }
    }

    /// Where `buf`, received at `at`, is not what was sent.
    pub(super) fn difference(&self, at: u64, buf: &[u8]) -> Option<u64> {
        let mut places = buf.iter().zip(at..);
        places.find(|(byte, at)| **byte != self.byte(*at)).map(|(_, at)| at)
    }
}
