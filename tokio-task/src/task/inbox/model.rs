//! `inbox` under every interleaving. Fails if `push`'s exchange or `take_all`'s swap is made Relaxed,
//! if `push` forgets the link to the older tasks, or if `append` forgets the new end.

use super::*;
use crate::task::owned::{Owned, Returns};
use crate::task::{Runner, Schedule};
use crate::Std;
use loom::cell::UnsafeCell;
use loom::thread;
use std::any::Any;
use std::sync::{Arc, Mutex};

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

/// What the tasks did, in order: the number of the producer, and of its task. `std`'s lock, which
/// orders nothing for loom.
type Ran = Arc<Mutex<Vec<(usize, usize)>>>;

/// What a producer writes before it pushes.
struct Written(UnsafeCell<usize>);

// SAFETY: loom reports accesses that race.
unsafe impl Sync for Written {}

/// Pushes `tasks` tasks; each reads what was written before its push.
fn produce(inbox: &Inbox, ran: &Ran, producer: usize, tasks: usize) {
    for number in 0..tasks {
        let ran = ran.clone();
        let written = Arc::new(Written(UnsafeCell::new(0)));
        let read = written.clone();
        let body = Std(async move {
            // SAFETY: loom reports a write that is not before this.
            assert_eq!(read.0.with(|value| unsafe { *value }), 1);
            ran.lock().unwrap().push((producer, number));
        });
        let task = Task::new(body, Ready);
        // SAFETY: the task is not pushed yet.
        written.0.with_mut(|value| unsafe { *value = 1 });
        inbox.push(task);
    }
}

fn run(mut batch: Batch) {
    let expected = batch.len();
    let mut found = 0;
    while let Some(task) = batch.pop() {
        task.run(&Ready);
        found += 1;
    }
    assert_eq!(found, expected);
}

/// Nothing is lost, nothing comes twice, and the tasks of one producer come in order.
fn race(producers: usize, tasks: usize) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(move || {
        let inbox = Arc::new(Inbox::new());
        let ran = Ran::default();
        let threads: Vec<_> = (0..producers)
            .map(|producer| {
                let (inbox, ran) = (inbox.clone(), ran.clone());
                thread::spawn(move || produce(&inbox, &ran, producer, tasks))
            })
            .collect();
        let other = inbox.clone();
        let taker = thread::spawn(move || run(other.take_all()));
        for thread in threads {
            thread.join().unwrap();
        }
        taker.join().unwrap();
        let mut early = inbox.take_all();
        for late in [producers, producers + 1] {
            produce(&inbox, &ran, late, 1);
            early.append(inbox.take_all());
        }
        run(early);

        let ran = ran.lock().unwrap();
        assert_eq!(ran.len(), producers * tasks + 2);
        for producer in 0..producers {
            let mine = ran.iter().filter(|(p, _)| *p == producer).map(|(_, number)| *number);
            assert!(mine.eq(0..tasks));
        }
        assert_eq!(ran[ran.len() - 2..], [(producers, 0), (producers + 1, 0)]);
    });
}

#[test]
fn one_producer_races_with_the_taker() {
    race(1, 2);
}

#[test]
fn two_producers_race_with_the_taker() {
    race(2, 1);
}

/// Two takers share what was pushed.
#[test]
fn two_takers_share() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(|| {
        let inbox = Arc::new(Inbox::new());
        let ran = Ran::default();
        let (other, ran_there) = (inbox.clone(), ran.clone());
        let producer = thread::spawn(move || produce(&other, &ran_there, 0, 2));
        let takers = [0, 1].map(|_| {
            let inbox = inbox.clone();
            thread::spawn(move || run(inbox.take_all()))
        });
        producer.join().unwrap();
        for taker in takers {
            taker.join().unwrap();
        }
        run(inbox.take_all());
        let mut ran = ran.lock().unwrap();
        ran.sort();
        assert_eq!(*ran, [(0, 0), (0, 1)]);
    });
}
