//! Each task runs once, wherever it was spawned, and each wake is followed by a poll.

use super::support::{block_on, check, yield_once, Event};
use crate::sync::thread;

/// Two threads spawn from outside, and each task spawns another.
#[test]
fn every_task_runs_once() {
    check(|world| {
        let pool = world.pool(2);
        let (sender, counter) = (pool.sender().clone(), world.counter());
        let spawn = move || {
            let (inside, children) = (sender.clone(), counter.clone());
            let parent = async move {
                inside.spawn(children.count(async {})).expect("the pool runs");
            };
            sender.spawn(counter.count(parent)).expect("the pool runs");
        };
        let other = thread::spawn({
            let spawn = spawn.clone();
            move || {
                spawn();
                spawn();
            }
        });
        spawn();
        other.join().expect("it does not panic");
        world.wait(pool.shutdown_on_idle());
        assert_eq!((world.ran(), world.made()), (6, 6));
    });
}

/// Four workers, and more tasks than run in one's turn.
#[test]
fn every_task_of_a_crowd_runs_once() {
    check(|world| {
        let pool = world.pool(4);
        for _ in 0..10 {
            pool.spawn(world.count(yield_once()));
        }
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 10);
    });
}

/// Tasks wake each other in turn; they may be on any workers, asleep or not.
#[test]
fn tasks_wake_each_other() {
    check(|world| {
        let workers = world.one_of([2, 3]);
        let pool = world.pool(workers);
        let events: Vec<Event> = (0..6).map(|_| Event::default()).collect();
        let handles: Vec<_> = (0..2)
            .map(|me| {
                let events = events.clone();
                pool.spawn(world.count(async move {
                    for pair in events.chunks(2) {
                        pair[me].set();
                        pair[1 - me].wait().await;
                    }
                }))
            })
            .collect();
        for handle in handles {
            block_on(handle).expect("it runs to its end");
        }
        drop(pool);
        world.assert_dropped();
    });
}

/// A thread that is none of the pool's wakes tasks, in or between their polls, while they fall asleep.
#[test]
fn a_wake_from_outside_is_not_lost() {
    check(|world| {
        let pool = world.pool(2);
        let events: Vec<Event> = (0..3).map(|_| Event::default()).collect();
        let waker = thread::spawn({
            let events = events.clone();
            move || events.iter().for_each(Event::set)
        });
        let first = pool.spawn(world.count({
            let events = events.clone();
            async move {
                events[0].wait().await;
                events[2].wait().await;
            }
        }));
        let second = pool.spawn(world.count(async move { events[1].wait().await }));
        block_on(async { (first.await.unwrap(), second.await.unwrap()) });
        waker.join().expect("it does not panic");
        world.wait(pool.shutdown());
        assert_eq!(world.ran(), 2);
    });
}

/// The pool falls asleep between the rounds, or is about to.
#[test]
fn a_spawn_is_not_overlooked_by_who_falls_asleep() {
    check(|world| {
        let workers = world.one_of([1, 2]);
        let pool = world.pool(workers);
        for round in 0..3 {
            assert_eq!(block_on(pool.spawn(world.count(async move { round }))).unwrap(), round);
        }
        drop(pool);
        assert_eq!(world.ran(), 3);
    });
}

/// A task is cancelled while it runs, sleeps, is woken or completes. Its handle says what it was.
#[test]
fn a_task_is_cancelled_or_complete() {
    check(|world| {
        let pool = world.pool(2);
        let event = Event::default();
        let handle = pool.spawn(world.count({
            let event = event.clone();
            async move {
                event.wait().await;
                yield_once().await;
            }
        }));
        let abort = handle.abort_handle();
        let others = [thread::spawn(move || event.set()), thread::spawn(move || abort.abort())];
        match block_on(handle) {
            Ok(()) => assert_eq!(world.ran(), 1),
            Err(error) => assert!(error.is_cancelled()),
        }
        for other in others {
            other.join().expect("it does not panic");
        }
        world.wait(pool.shutdown_on_idle());
    });
}
