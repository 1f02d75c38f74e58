//! Time passes: who stands by looks at the others, at any moment.

use super::support::{block_on, blocking, check, pass_time_until, yield_once, Event};
use crate::sleep::STANDBY;
use crate::sync::{simulated, thread};

/// A worker is stuck in a poll that waits for a task behind it, in its queue or next to run.
#[test]
fn a_task_behind_one_that_is_stuck_is_run() {
    check(|world| {
        let workers = world.one_of([2, 3]);
        let pool = world.pool(workers);
        let event = Event::default();
        let (sender, counter, blocks) = (pool.sender().clone(), world.counter(), event.clone());
        let stuck = pool.spawn(world.count(async move {
            let sets = blocks.clone();
            sender.spawn(counter.count(async move { sets.set() })).expect("the pool runs");
            blocks.block();
        }));
        pass_time_until(|| event.is_set());
        block_on(stuck).expect("it runs to its end");
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 2);
    });
}

/// Looks, rescues and deep sleep at any moment change nothing for tasks that wake each other and
/// block.
#[test]
fn nothing_is_lost_when_time_passes_at_any_moment() {
    check(|world| {
        let pool = world.pool(3);
        let time = thread::spawn(|| (0..6).for_each(|_| simulated::advance(STANDBY)));
        let events = [Event::default(), Event::default()];
        let [sets, waits] = events.clone();
        pool.spawn(world.count(async move {
            yield_once().await;
            sets.set();
            waits.wait().await;
        }));
        let [blocks, sets] = events;
        pool.spawn(world.count(async move {
            blocking(|| blocks.block()).await.expect("the pool runs");
            sets.set();
        }));
        world.wait(pool.shutdown_on_idle());
        time.join().expect("it does not panic");
        assert_eq!(world.ran(), 2);
    });
}

/// Time passes for so long that an idle pool sleeps without a limit; then there is work again.
#[test]
fn an_idle_pool_wakes_up_from_deep_sleep() {
    check(|world| {
        let pool = world.pool(2);
        let time = thread::spawn(|| {
            for _ in 0..12 {
                simulated::advance(STANDBY);
                thread::yield_now();
            }
        });
        for _ in 0..2 {
            block_on(pool.spawn(world.count(yield_once()))).expect("it runs to its end");
        }
        time.join().expect("it does not panic");
        drop(pool);
        world.assert_dropped();
    });
}
