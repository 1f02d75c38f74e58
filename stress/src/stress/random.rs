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

    /// One for the thing of this number: the same, whatever was taken from others before.
    pub(super) fn of(&self, number: u64) -> Random {
        Random::seeded(self.0 ^ mix(number))
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

    /// How long to wait for something: once in `n` times no longer than `most` microseconds, else for as
    /// long as it takes.
    pub(super) fn patience(&mut self, n: u64, most: u64) -> Duration {
        match self.once_in(n) {
            true => self.micros(0..=most),
            false => Duration::from_secs(3_600),
        }
    }
}

/// A permutation of the 64-bit numbers that leaves no pattern.
pub(super) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let [mut one, mut other] = [7, 7].map(Random::seeded);
        assert!((0..100).all(|_| one.number() == other.number()));
        assert_ne!(Random::seeded(8).number(), Random::seeded(7).number());
    }

    #[test]
    fn a_number_has_its_own_whatever_others_have_taken() {
        let (all, mut fifth) = (Random::seeded(7), Random::seeded(7).of(5));
        let before: Vec<u64> = (0..5).map(|n| all.of(n).number()).collect();
        let number = fifth.number();
        assert_eq!(all.of(5).number(), number);
        assert!(!before.contains(&number));
        assert_ne!(all.of(6).number(), all.of(5).number());
        assert_ne!(all.named("tcp").number(), all.named("udp").number());
    }
}
