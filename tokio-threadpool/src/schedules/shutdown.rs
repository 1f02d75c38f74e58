//! The end of a pool: each task is complete or dropped, once, `Shutdown` resolves, and no thread is left.

use super::support::{check, yield_once, Event};
use crate::sync::thread;

/// Spawns from outside, some of which come too late, while the pool waits for the last task.
#[test]
fn a_pool_that_stops_when_idle_refuses_a_task_or_runs_it() {
    check(|world| {
        let pool = world.pool(2);
        let (sender, counter) = (pool.sender().clone(), world.counter());
        let spawns = thread::spawn(move || {
            let mut refused = 0;
            for _ in 0..2 {
                let inside = sender.clone();
                let child = counter.clone();
                let parent = async move {
                    // While this task runs the pool is not idle.
                    inside.spawn(child.count(async {})).expect("the pool drains");
                };
                refused += usize::from(sender.spawn(counter.count(parent)).is_err());
            }
            refused
        });
        pool.spawn(world.count(yield_once()));
        world.wait_while_others_spawn(pool.shutdown_on_idle());
        let refused = spawns.join().expect("it does not panic");
        world.assert_dropped_but(refused);
        assert_eq!(world.ran(), 1 + 2 * (2 - refused));
    });
}

/// `shutdown` refuses all tasks from then on, and is not held up by those that it refused.
#[test]
fn a_refused_task_does_not_keep_the_pool() {
    check(|world| {
        let pool = world.pool(2);
        let (sender, counter) = (pool.sender().clone(), world.counter());
        let spawns = thread::spawn(move || {
            (0..2).filter(|_| sender.spawn(counter.count(async {})).is_err()).count()
        });
        let (sender, counter) = (pool.sender().clone(), world.counter());
        pool.spawn(world.count(async move {
            yield_once().await;
            let _ = sender.spawn(counter.count(async {}));
        }));
        world.wait_while_others_spawn(pool.shutdown());
        let refused = spawns.join().expect("it does not panic");
        world.assert_dropped_but(refused);
        // One more, if its parent was early.
        let ran = world.ran();
        assert!(ran == 3 - refused || ran == 4 - refused, "{ran} ran, {refused} were refused");
    });
}

/// The last tasks are complete on two workers, and by a thread that is none.
#[test]
fn the_last_of_several_tasks_stops_the_pool() {
    check(|world| {
        let pool = world.pool(3);
        let event = Event::default();
        for _ in 0..2 {
            pool.spawn(world.count(yield_once()));
        }
        let aborted = pool.spawn(world.count({
            let event = event.clone();
            async move { event.wait().await }
        }));
        let other = thread::spawn(move || aborted.abort());
        world.wait(pool.shutdown_on_idle());
        other.join().expect("it does not panic");
    });
}

/// Wakes, spawns, cancellations and completions go on while the pool stops.
#[test]
fn a_pool_that_stops_now_drops_every_task() {
    check(|world| {
        let pool = world.pool(2);
        let event = Event::default();
        let waits = |event: Event| world.count(async move { event.wait().await });
        let waiting = pool.spawn(waits(event.clone()));
        pool.spawn(world.count(async {
            loop {
                // Else PCT may run nothing but this.
                thread::yield_now();
                yield_once().await;
            }
        }));
        let (sender, counter) = (pool.sender().clone(), world.counter());
        let wakes = thread::spawn({
            let event = event.clone();
            move || event.set()
        });
        let spawns = thread::spawn(move || {
            let refused = usize::from(sender.spawn(counter.count(yield_once())).is_err());
            waiting.abort();
            refused
        });
        world.wait_while_others_spawn(pool.shutdown_now());
        let refused = spawns.join().expect("it does not panic");
        world.assert_dropped_but(refused);
        wakes.join().expect("it does not panic");
    });
}

/// The owner drops the pool: it has ended when that returns.
#[test]
fn a_pool_that_is_dropped_has_ended() {
    check(|world| {
        let pool = world.pool(2);
        let event = Event::default();
        let wakes = thread::spawn({
            let event = event.clone();
            move || event.set()
        });
        pool.spawn(world.count(async move { event.wait().await }));
        pool.spawn(world.count(yield_once()));
        drop(pool);
        world.assert_dropped();
        wakes.join().expect("it does not panic");
    });
}

/// A task drops its own pool, and cannot wait for the end.
#[test]
fn a_pool_may_be_dropped_by_its_own_task() {
    check(|world| {
        let pool = world.pool(2);
        let (sender, counter) = (pool.sender().clone(), world.counter());
        pool.spawn(world.count(yield_once()));
        let _ = sender.spawn(counter.count(async move {
            drop(pool);
            yield_once().await;
        }));
    });
}

/// A task that a pool drops spawns another one, in its destructor.
#[test]
fn a_destructor_may_spawn_while_the_pool_stops() {
    struct Spawns(crate::Sender, super::support::Counter);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let _ = self.0.spawn(self.1.count(async {}));
        }
    }
    check(|world| {
        let pool = world.pool(2);
        for _ in 0..2 {
            let spawns = Spawns(pool.sender().clone(), world.counter());
            pool.spawn(world.count(async move {
                let _spawns = spawns;
                yield_once().await;
            }));
        }
        world.wait(pool.shutdown_now());
    });
}
