//! A worker's queue, and those who steal from it.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::thread;
use tokio_task::{Owned, Returns, RunQueue, Runner, Schedule, Std, Task};

/// An executor of tasks that are ready at their first poll.
struct Ready;

// SAFETY: no task is ever in a list.
unsafe impl Schedule for Ready {
    fn schedule(&self, _: Task) {
        unreachable!("woken");
    }

    fn completed(&self) {}

    fn panicked(&self, payload: Box<dyn Any + Send>) {
        std::panic::resume_unwind(payload);
    }

    fn returns(&self, _: u32) -> &Returns {
        unreachable!("in no list");
    }
}

// SAFETY: as above.
unsafe impl Runner for Ready {
    fn owned(&self) -> Option<&Owned> {
        None
    }

    fn requeue(&self, _: Task) {
        unreachable!("pending");
    }

    fn completed(&self) {}
}

/// Says what ran, and how often a future was dropped.
#[derive(Clone, Default)]
struct Log {
    ran: Arc<Mutex<Vec<usize>>>,
    dropped: Arc<AtomicUsize>,
}

impl Log {
    fn task(&self, number: usize) -> Task {
        struct Dropped(Arc<AtomicUsize>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.fetch_add(1, Relaxed);
            }
        }
        let (ran, dropped) = (self.ran.clone(), Dropped(self.dropped.clone()));
        let body = async move {
            let _dropped = &dropped;
            ran.lock().unwrap().push(number);
        };
        Task::new(Std(body), Ready)
    }
}

/// The next number of a fixed series that looks random.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn tasks_come_in_the_order_they_were_pushed_whoever_takes_them() {
    for seed in 0..20 {
        let mut random = seed;
        let (log, queue, mut oracle) = (Log::default(), RunQueue::new(), VecDeque::new());
        let stealer = queue.stealer();
        let mut expected = Vec::new();
        let mut pushed = 0;
        for _ in 0..300 {
            match next(&mut random) % 4 {
                0 | 1 => {
                    for _ in 0..next(&mut random) % 200 {
                        queue.push(log.task(pushed));
                        oracle.push_back(pushed);
                        pushed += 1;
                    }
                }
                2 => {
                    for _ in 0..next(&mut random) % 200 {
                        if let Some(task) = queue.pop() {
                            task.run(&Ready);
                            expected.push(oracle.pop_front().unwrap());
                        }
                    }
                }
                _ => {
                    let thief = RunQueue::new();
                    let before = oracle.len();
                    let Some(first) = stealer.steal(&thief) else {
                        assert_eq!(before, 0);
                        continue;
                    };
                    first.run(&Ready);
                    while let Some(task) = thief.pop() {
                        task.run(&Ready);
                    }
                    let loot = before - queue.len();
                    assert!(loot >= 1 && loot <= before - before / 2, "{loot} of {before}");
                    expected.extend(oracle.drain(..loot));
                    queue.shrink();
                }
            }
            assert_eq!(queue.len(), oracle.len());
            assert_eq!(stealer.len(), oracle.len());
            assert_eq!(queue.is_empty(), oracle.is_empty());
        }
        assert_eq!(*log.ran.lock().unwrap(), expected);
        drop((queue, stealer));
        assert_eq!(log.dropped.load(Relaxed), pushed);
    }
}

#[test]
fn tasks_that_are_left_are_cancelled_with_the_last_who_could_take_them() {
    let (log, queue) = (Log::default(), RunQueue::new());
    let stealer = queue.stealer();
    for number in 0..1_000 {
        queue.push(log.task(number));
    }
    drop(queue);
    assert_eq!(log.dropped.load(Relaxed), 0);
    let other = RunQueue::new();
    stealer.steal(&other).unwrap().run(&Ready);
    drop(stealer);
    assert_eq!(log.dropped.load(Relaxed), 1_000 - other.len());
    drop(other);
    assert_eq!(log.dropped.load(Relaxed), 1_000);
    assert_eq!(*log.ran.lock().unwrap(), [0]);
}

#[test]
fn thieves_and_the_owner_share_without_a_loss() {
    const TASKS: usize = 100_000;
    let (log, queue) = (Log::default(), RunQueue::new());
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            let (stealer, over) = (queue.stealer(), &over);
            scope.spawn(move || {
                let own = RunQueue::new();
                while !over.load(Relaxed) {
                    if let Some(task) = stealer.steal(&own) {
                        task.run(&Ready);
                    }
                    while let Some(task) = own.pop() {
                        task.run(&Ready);
                    }
                    own.shrink();
                    thread::yield_now();
                }
            });
        }
        let mut random = 7;
        let mut pushed = 0;
        while pushed < TASKS {
            // Sometimes more than a ring holds, sometimes fewer.
            for _ in 0..next(&mut random) % 1_000 {
                queue.push(log.task(pushed));
                pushed += 1;
            }
            for _ in 0..next(&mut random) % 1_000 {
                match queue.pop() {
                    Some(task) => task.run(&Ready),
                    None => queue.shrink(),
                }
            }
        }
        while let Some(task) = queue.pop() {
            task.run(&Ready);
        }
        // The thieves still run what they have taken.
        over.store(true, Relaxed);
    });
    let mut ran = log.ran.lock().unwrap();
    ran.sort_unstable();
    assert!(ran.iter().copied().eq(0..ran.len()));
    assert!(ran.len() >= TASKS);
    assert_eq!(log.dropped.load(Relaxed), ran.len());
}
