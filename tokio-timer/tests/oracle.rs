//! Delays that are made, reset, dropped and waited for at random, beside a plain list of deadlines.

mod support;

use proptest::prelude::*;
use std::time::{Duration, Instant};
use support::*;
use tokio_timer::Delay;

#[derive(Clone, Debug)]
enum Act {
    New(u64),
    Reset(usize, u64),
    Poll(usize),
    Drop(usize),
    Advance(u64),
}

/// Distances of all magnitudes, up to a day.
fn distance() -> impl Strategy<Value = u64> {
    (0u32..47, any::<u64>()).prop_map(|(bits, n)| n & ((1 << bits) - 1))
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => distance().prop_map(Act::New),
        3 => (any::<usize>(), distance()).prop_map(|(at, by)| Act::Reset(at, by)),
        2 => any::<usize>().prop_map(Act::Poll),
        1 => any::<usize>().prop_map(Act::Drop),
        3 => distance().prop_map(Act::Advance),
    ];
    prop::collection::vec(act, 1..80)
}

struct Wait {
    delay: Delay,
    task: Task,
    deadline: Instant,
    /// It was pending when it was last polled, and has not fired since.
    waits: bool,
    woken: usize,
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn delays_are_like_a_list_of_deadlines(acts in acts(), first in 0..2usize) {
        let mut mock = Mock::new();
        let mut waits: Vec<Wait> = Vec::new();
        for (i, act) in acts.into_iter().enumerate() {
            let len = waits.len().max(1);
            match act {
                Act::New(after) => {
                    let deadline = mock.now() + Duration::from_nanos(after);
                    let task = Task::new(BOTH[(first + i) % 2]);
                    let mut delay = Delay::new(deadline);
                    let waits_on = task.poll(|caller| delay.poll_with(caller)).is_pending();
                    prop_assert_eq!(waits_on, after > 0);
                    waits.push(Wait { delay, task, deadline, waits: waits_on, woken: 0 });
                }
                Act::Reset(at, after) => {
                    let deadline = mock.now() + Duration::from_nanos(after);
                    if let Some(wait) = waits.get_mut(at % len) {
                        wait.delay.reset(deadline);
                        wait.deadline = deadline;
                    }
                }
                Act::Poll(at) => {
                    let now = mock.now();
                    if let Some(wait) = waits.get_mut(at % len) {
                        let pending = wait.task.poll(|caller| wait.delay.poll_with(caller)).is_pending();
                        // What is due and waits is found by the next turn.
                        prop_assert!(pending || wait.deadline <= now, "early");
                        prop_assert!(!pending || wait.deadline > now || wait.waits, "late");
                        wait.waits = pending;
                    }
                }
                Act::Drop(at) => {
                    if !waits.is_empty() {
                        let wait = waits.swap_remove(at % len);
                        drop(wait.delay);
                        prop_assert_eq!(wait.task.held(), 0);
                    }
                }
                Act::Advance(by) => {
                    mock.advance(Duration::from_nanos(by));
                    let now = mock.now();
                    for wait in &mut waits {
                        let fires = wait.waits && wait.deadline <= now;
                        wait.woken += usize::from(fires);
                        wait.waits &= !fires;
                    }
                }
            }
            for wait in &waits {
                prop_assert_eq!(wait.task.woken(), wait.woken);
            }
        }
    }
}
