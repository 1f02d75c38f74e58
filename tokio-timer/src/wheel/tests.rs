//! The wheel beside a sorted list.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Act {
    Insert(u64),
    Remove(usize),
    Refile(usize, u64),
    /// So far on; then everything that is due comes out.
    Advance(u64),
    /// So far on, with so many steps only.
    Steps(u64, usize),
}

/// Distances of all magnitudes, so that all levels are met.
fn distance() -> impl Strategy<Value = u64> {
    (0u32..62, any::<u64>()).prop_map(|(bits, n)| n & ((1 << bits) - 1))
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => distance().prop_map(Act::Insert),
        1 => any::<usize>().prop_map(Act::Remove),
        1 => (any::<usize>(), distance()).prop_map(|(at, by)| Act::Refile(at, by)),
        2 => distance().prop_map(Act::Advance),
        2 => (distance(), 0usize..8).prop_map(|(by, steps)| Act::Steps(by, steps)),
    ];
    prop::collection::vec(act, 1..100)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_wheel_is_like_a_sorted_list(acts in acts()) {
        let mut wheel = Wheel::new();
        // What it has, by number: when it is due.
        let mut list = BTreeMap::new();
        let mut now = 0u64;
        let reach = |now: u64, by: u64| now.saturating_add(by).min(u64::MAX >> 2);
        let pick = |list: &BTreeMap<u32, u64>, at: usize| {
            list.keys().nth(at % list.len().max(1)).copied()
        };
        for act in acts {
            let (steps, all) = match act {
                Act::Insert(by) => {
                    let when = reach(now, by);
                    let index = wheel.insert(when, when).unwrap();
                    prop_assert!(list.insert(index, when).is_none());
                    continue;
                }
                Act::Remove(at) => {
                    if let Some(index) = pick(&list, at) {
                        prop_assert_eq!(wheel.remove(index), list.remove(&index));
                    }
                    continue;
                }
                Act::Refile(at, by) => {
                    if let Some(index) = pick(&list, at) {
                        let when = reach(now, by);
                        wheel.refile(index, when);
                        *wheel.value_mut(index) = Some(when);
                        list.insert(index, when);
                    }
                    continue;
                }
                Act::Advance(by) => { now = reach(now, by); (usize::MAX, true) }
                Act::Steps(by, steps) => { now = reach(now, by); (steps, false) }
            };
            let mut last = 0;
            for _ in 0..steps {
                match wheel.step(now) {
                    Step::Due(index) => {
                        let when = list.remove(&index).unwrap();
                        prop_assert!(when <= now, "early");
                        if all {
                            // In the order of the ticks, unless filed when it was due already.
                            prop_assert!(tick(when) >= tick(last) || tick(when) <= tick(wheel.cursor));
                            last = when;
                        }
                        prop_assert_eq!(wheel.remove(index), Some(when));
                    }
                    Step::Moved => {}
                    Step::Until(first) => {
                        prop_assert!(first > now);
                        let earliest = list.values().min().copied().unwrap_or(u64::MAX);
                        prop_assert!(first <= earliest, "late");
                        break;
                    }
                }
            }
        }
    }
}

#[test]
fn the_earliest_of_a_few_is_told_exactly() {
    let mut wheel = Wheel::new();
    let hour = 3_600_000_000_000;
    for i in 0..10 {
        wheel.insert(hour + i, ()).unwrap();
    }
    assert_eq!(wheel.step(0), Step::Until(hour));
}

#[test]
fn what_comes_out_late_comes_in_order() {
    let mut wheel = Wheel::new();
    let ms = 1_000_000;
    for i in [90, 70, 80, 5, 300, 60, 0] {
        wheel.insert(i * ms, i).unwrap();
    }
    let mut out = Vec::new();
    loop {
        match wheel.step(1000 * ms) {
            Step::Due(index) => out.push(wheel.remove(index).unwrap()),
            Step::Moved => {}
            Step::Until(_) => break,
        }
    }
    assert_eq!(out, [0, 5, 60, 70, 80, 90, 300]);
}

#[test]
fn a_full_wheel_gives_the_value_back() {
    let mut wheel = Wheel::with_limit(2);
    let first = wheel.insert(1, "a").unwrap();
    wheel.insert(1, "b").unwrap();
    assert_eq!(wheel.insert(1, "c"), Err("c"));
    wheel.remove(first);
    assert_eq!(wheel.insert(1, "c"), Ok(first));
}
