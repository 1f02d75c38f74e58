//! Tasks that block: their cores lie open, are taken back or rescued; permits are waited for.

use super::driver::driven;
use super::support::{
    block_on, blocking, check, pass_time_until, pending_until_dropped, stop_while_closures_run,
    yield_once, Event,
};
use crate::sync::thread;
use crate::Builder;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The closure waits for another task, which was queued before or comes later.
#[test]
fn other_tasks_run_while_one_blocks() {
    check(|world| {
        let workers = world.one_of([1, 2]);
        let pool = world.pool(workers);
        let events = [Event::default(), Event::default()];
        let sets = |event: &Event| {
            let event = event.clone();
            world.count(async move { event.set() })
        };
        let blocks = events.clone();
        let blocked = pool.spawn(world.count(async move {
            blocking(|| blocks.iter().for_each(Event::block)).await.expect("the pool runs");
            yield_once().await;
        }));
        let sender = pool.sender().clone();
        let later = sets(&events[1]);
        let other = thread::spawn(move || drop(sender.spawn(later)));
        pool.spawn(sets(&events[0]));
        block_on(blocked).expect("it runs to its end");
        other.join().expect("it does not panic");
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 3);
    });
}

/// All workers block at the same time, and wait for a task that is left.
#[test]
fn a_task_is_run_though_all_workers_block() {
    check(|world| {
        let pool = world.pool(2);
        let event = Event::default();
        for _ in 0..2 {
            let event = event.clone();
            pool.spawn(world.count(async move {
                blocking(|| event.block()).await.expect("the pool runs");
            }));
        }
        pool.spawn(world.count(async move {
            yield_once().await;
            event.set();
        }));
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 3);
    });
}

/// A thread that has done its blocking, without a core, leaves at once, or is given another.
#[test]
fn a_thread_leaves_or_is_given_a_core() {
    check(|world| {
        let pool = world.build(Builder::new().pool_size(1).keep_alive(Some(Duration::ZERO)));
        let events = [Event::default(), Event::default()];
        for event in &events {
            let event = event.clone();
            pool.spawn(world.count(async move {
                blocking(|| event.block()).await.expect("the pool runs");
            }));
        }
        pool.spawn(world.count(async move { events.iter().for_each(Event::set) }));
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 3);
    });
}

/// One may block at a time; the others wait, and are given the permit one after the other.
#[test]
fn a_permit_goes_to_who_waits() {
    check(|world| {
        let workers = world.one_of([1, 2, 3]);
        let pool = world.build(Builder::new().pool_size(workers).max_blocking(1));
        for _ in 0..3 {
            pool.spawn(world.count(async {
                blocking(thread::yield_now).await.expect("the pool runs");
            }));
        }
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 3);
    });
}

/// Futures that wait for a permit are dropped, before, while or after it is granted, by tasks that go on,
/// and then wait for the task that is next.
#[test]
fn a_permit_is_not_lost_with_the_future_that_waits_for_it() {
    check(|world| {
        let workers = world.one_of([1, 2]);
        let pool = world.build(Builder::new().pool_size(workers).max_blocking(1));
        let [give_up, next] = [Event::default(), Event::default()];
        let gives_up = give_up.clone();
        pool.spawn(world.count(async move {
            blocking(|| gives_up.set()).await.expect("the pool runs");
        }));
        for _ in 0..2 {
            // A part of a task may have a waker of its own, which does nothing once it is dropped.
            let is_part = world.one_of([true, false]);
            let [give_up, next] = [give_up.clone(), next.clone()];
            pool.spawn(world.count(async move {
                {
                    let mut give_up = pin!(give_up.wait());
                    poll_fn(|cx| {
                        if give_up.as_mut().poll(cx).is_ready() {
                            return Poll::Ready(());
                        }
                        let waker = if is_part { Waker::noop() } else { cx.waker() };
                        crate::poll_blocking(&mut Context::from_waker(waker), || ()).map(drop)
                    })
                    .await;
                }
                next.wait().await;
            }));
        }
        pool.spawn(world.count(async move {
            blocking(|| next.set()).await.expect("the pool runs");
        }));
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 4);
    });
}

/// A task that was granted a permit, or waits for one, is cancelled.
#[test]
fn a_permit_that_is_not_used_goes_on() {
    check(|world| {
        let pool = world.build(Builder::new().pool_size(2).max_blocking(1));
        let mut handles: Vec<_> = (0..3)
            .map(|_| {
                pool.spawn(world.count(async {
                    blocking(thread::yield_now).await.expect("the pool runs");
                }))
            })
            .collect();
        let aborted = handles.remove(1);
        let other = thread::spawn(move || aborted.abort());
        for handle in handles {
            block_on(handle).expect("it runs to its end");
        }
        other.join().expect("it does not panic");
        world.wait(pool.shutdown_on_idle());
    });
}

/// The pool stops before, while and after closures run, with cores open, handed over and waited for.
#[test]
fn a_pool_stops_while_closures_run() {
    check(|world| {
        let pool = world.build(Builder::new().pool_size(2).max_blocking(2));
        stop_while_closures_run(world, pool);
    });
}

/// While a closure runs, the pool drops the other tasks; also those of the core that it laid open.
#[test]
fn a_closure_sees_other_tasks_dropped_when_the_pool_stops() {
    check(|world| {
        let pool = world.pool(2);
        let dropped = Event::default();
        pool.spawn(world.count(pending_until_dropped(&dropped)));
        pool.spawn(world.count(async move {
            let _ = blocking(|| dropped.block()).await;
        }));
        world.wait(pool.shutdown_now());
    });
}

/// A core is laid open just when the pool stops. The closure waits for the driver, which ends with the
/// last core.
#[test]
fn a_core_that_is_laid_open_when_the_pool_stops_is_taken() {
    check(|world| {
        let (pool, source) = driven(world, Builder::new().pool_size(2));
        pool.spawn(world.count(async move {
            let _ = blocking(|| source.ended.block()).await;
            yield_once().await;
        }));
        world.wait(pool.shutdown_now());
    });
}

/// Closures of `spawn_blocking` when the pool stops: each is dropped or runs, and its handle says which.
#[test]
fn a_closure_runs_or_is_dropped() {
    check(|world| {
        let pool = world.build(Builder::new().pool_size(1).max_blocking(1));
        let handles: Vec<_> = (0..3).map(|index| pool.spawn_blocking(move || index)).collect();
        let shuts_down = thread::spawn(move || {
            block_on(std::future::IntoFuture::into_future(pool.shutdown_now()))
        });
        for (index, handle) in handles.into_iter().enumerate() {
            match block_on(handle) {
                Ok(output) => assert_eq!(output, index),
                Err(error) => assert!(error.is_cancelled()),
            }
        }
        shuts_down.join().expect("it does not panic");
    });
}

/// While a closure runs nobody need be in the driver; who stands by sees to that, in time.
#[test]
fn an_event_reaches_a_task_while_another_blocks() {
    check(|world| {
        let (pool, source) = driven(world, Builder::new().pool_size(2));
        let (event, done) = (Event::default(), Event::default());
        pool.spawn(world.count({
            let (event, done) = (event.clone(), done.clone());
            async move {
                event.wait().await;
                done.set();
            }
        }));
        let blocks = done.clone();
        pool.spawn(world.count(async move {
            blocking(|| blocks.block()).await.expect("the pool runs");
        }));
        source.fire(&event);
        pass_time_until(|| done.is_set());
        world.wait(pool.shutdown_on_idle());
        assert_eq!(world.ran(), 2);
    });
}
