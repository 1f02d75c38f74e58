//! Seeded random numbers (splitmix64), which fork: each task has its own, whatever the others do.

use std::ops::RangeInclusive;
use std::time::Duration;

/// A seeded generator.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The same seed gives the same numbers.
    pub(super) fn seeded(seed: u64) -> Random {
        Random(mix(seed))
    }

    /// One for this name, whatever was taken from `self` for others.
    pub(super) fn named(&self, name: &str) -> Random {
        Random::seeded(name.bytes().fold(self.0, |seed, byte| mix(seed ^ u64::from(byte))))
    }

    /// Another one, whose numbers are independent of those that `self` gives from now on.
    pub(super) fn fork(&mut self) -> Random {
        Random::seeded(self.number())
    }

    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    pub(super) fn within(&mut self, range: RangeInclusive<u64>) -> u64 {
        let (low, high) = range.into_inner();
        low + self.number() % (high - low + 1)
    }

    /// True once in `n` times.
    pub(super) fn once_in(&mut self, n: u64) -> bool {
        self.number() % n == 0
    }

    pub(super) fn one_of<T: Copy>(&mut self, choice: &[T]) -> T {
        choice[self.number() as usize % choice.len()]
    }

    pub(super) fn micros(&mut self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_micros(self.within(range))
    }
}

/// A permutation of the 64-bit numbers that leaves no pattern.
pub(super) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
