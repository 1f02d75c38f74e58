//! `run_queue` under every interleaving. Fails if the stores of the tail or the ring, a thief's loads of
//! them, its count out, or the owner's look at the count are made Relaxed, if a fence is taken away,
//! if a retired ring is freed at once, or if a thief forgets a task.

use super::*;
use crate::task::owned::{Owned, Returns};
use crate::task::{Runner, Schedule};
use crate::Std;
use loom::thread;
use std::any::Any;
use std::sync::Mutex as StdMutex;

/// An executor of tasks that are ready at their first poll.
struct Ready;

// SAFETY: no task is ever in a list.
unsafe impl Schedule for Ready {
    fn schedule(&self, _: Task) {
        panic!("woken");
    }

    fn completed(&self) {}

    fn panicked(&self, payload: Box<dyn Any + Send>) {
        std::panic::resume_unwind(payload);
    }

    fn returns(&self, _: u32) -> &Returns {
        panic!("in no list");
    }
}

// SAFETY: as above.
unsafe impl Runner for Ready {
    fn owned(&self) -> Option<&Owned> {
        None
    }

    fn requeue(&self, _: Task) {
        panic!("pending");
    }

    fn completed(&self) {}
}

/// What the tasks did. `std`'s lock, which orders nothing for loom.
type Ran = Arc<StdMutex<Vec<usize>>>;

/// What the owner writes before it pushes.
struct Written(loom::cell::UnsafeCell<usize>);

// SAFETY: loom reports accesses that race.
unsafe impl Sync for Written {}

fn push(queue: &RunQueue, ran: &Ran, number: usize) {
    let ran = ran.clone();
    let written = Arc::new(Written(loom::cell::UnsafeCell::new(0)));
    let read = written.clone();
    let body = Std(async move {
        // SAFETY: loom reports a write that is not before this.
        assert_eq!(read.0.with(|value| unsafe { *value }), 1);
        ran.lock().unwrap().push(number);
    });
    let task = Task::new(body, Ready);
    // SAFETY: the task is not pushed yet.
    written.0.with_mut(|value| unsafe { *value = 1 });
    queue.push(task);
}

fn pop(queue: &RunQueue) -> bool {
    queue.pop().map(|task| task.run(&Ready)).is_some()
}

/// Steals once, and runs what it got.
fn thief(stealer: Stealer) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let own = RunQueue::new();
        if let Some(task) = stealer.steal(&own) {
            task.run(&Ready);
        }
        while pop(&own) {}
    })
}

/// The owner does what `owner` says, with thieves beside it; then each of `tasks` has run once.
fn race(thieves: usize, tasks: usize, owner: impl Fn(&RunQueue, &Ran) + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(move || {
        let queue = RunQueue::new();
        let ran = Ran::default();
        // Before the thieves start, so that there is something to steal at once.
        push(&queue, &ran, 0);
        let thieves: Vec<_> = (0..thieves).map(|_| thief(queue.stealer())).collect();
        owner(&queue, &ran);
        while pop(&queue) {}
        for thief in thieves {
            thief.join().unwrap();
        }
        while pop(&queue) {}
        let mut ran = ran.lock().unwrap();
        ran.sort();
        assert!(ran.iter().copied().eq(0..tasks), "{ran:?}");
    });
}

/// The ring has two slots: the third task takes the place of the first.
#[test]
fn a_slot_is_overwritten_after_it_was_read() {
    race(1, 3, |queue, ran| {
        push(queue, ran, 1);
        assert!(pop(queue));
        push(queue, ran, 2);
    });
}

#[test]
fn the_ring_grows_beside_a_thief() {
    race(1, 4, |queue, ran| {
        push(queue, ran, 1);
        push(queue, ran, 2);
        push(queue, ran, 3);
    });
}

#[test]
fn the_ring_shrinks_beside_a_thief() {
    race(1, 4, |queue, ran| {
        push(queue, ran, 1);
        push(queue, ran, 2);
        while pop(queue) {}
        queue.shrink();
        push(queue, ran, 3);
        queue.shrink();
    });
}

#[test]
fn two_thieves_share() {
    race(2, 2, |queue, ran| push(queue, ran, 1));
}
