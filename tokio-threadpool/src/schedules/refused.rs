//! `blocking` while the system refuses threads: nobody's tasks are left, and all goes on in the end.

use super::driver::driven;
use super::support::{
    blocking, check, pass_time_until, pending_until_dropped, stop_while_closures_run, yield_once,
    Event, World,
};
use crate::sync::thread;
use crate::{Builder, ThreadPool};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Arc;

/// A pool that has its workers, and gets no other thread until the flag is reset.
fn without_threads(world: &World, workers: usize) -> (ThreadPool, Arc<AtomicBool>) {
    let refuse = Arc::new(AtomicBool::new(false));
    let pool = world.build(Builder::new().pool_size(workers).refuse_threads(refuse.clone()));
    refuse.store(true, Relaxed);
    (pool, refuse)
}

/// Threads are refused at first. Closures that would take the last worker wait.
#[test]
fn closures_that_wait_for_a_thread_run_when_there_is_one() {
    check(|world| {
        let workers = world.one_of([1, 2]);
        let (pool, refuse) = without_threads(world, workers);
        let event = Event::default();
        for _ in 0..2 {
            let event = event.clone();
            pool.spawn(world.count(async move {
                blocking(|| event.block()).await.expect("not for so long");
            }));
        }
        pool.spawn(world.count(async move {
            yield_once().await;
            event.set();
        }));
        let allows = thread::spawn(move || refuse.store(false, Relaxed));
        pass_time_until(|| world.ran() == 3);
        allows.join().expect("it does not panic");
        world.wait(pool.shutdown_on_idle());
    });
}

/// No thread ever comes: one worker at least goes on, and as closures end, all run.
#[test]
fn closures_take_turns_when_there_is_no_thread() {
    check(|world| {
        let (pool, _) = without_threads(world, 2);
        for _ in 0..3 {
            pool.spawn(world.count(async {
                blocking(thread::yield_now).await.expect("not for so long");
            }));
        }
        pass_time_until(|| world.ran() == 3);
        world.wait(pool.shutdown_on_idle());
    });
}

/// The pool stops with orphans, and with threads that block, and no thread to be had.
#[test]
fn a_pool_stops_without_threads() {
    check(|world| {
        let (pool, _) = without_threads(world, 3);
        stop_while_closures_run(world, pool);
    });
}

/// The pool stops when a core is an orphan. The closure waits until a task of that core is dropped.
#[test]
fn the_tasks_of_an_orphan_are_dropped_when_the_pool_stops() {
    check(|world| {
        let (pool, _) = without_threads(world, 2);
        let (sender, counter) = (pool.sender().clone(), world.counter());
        let started = Event::default();
        let starts = started.clone();
        pool.spawn(world.count(async move {
            let dropped = Event::default();
            let _ = sender.spawn(counter.count(pending_until_dropped(&dropped)));
            // It is polled on this core, which it belongs to from then on.
            yield_once().await;
            starts.set();
            let _ = blocking(|| dropped.block()).await;
        }));
        started.block();
        world.wait(pool.shutdown_now());
    });
}

/// The last core ends on a thread that cannot wait; a closure waits for the end of the driver.
#[test]
fn the_driver_ends_though_no_thread_takes_the_last_core() {
    check(|world| {
        let refuse = Arc::new(AtomicBool::new(false));
        let workers = world.one_of([1, 2]);
        let mut builder = Builder::new();
        let (pool, source) =
            driven(world, builder.pool_size(workers).refuse_threads(refuse.clone()));
        refuse.store(true, Relaxed);
        pool.spawn(world.count(async move {
            let _ = blocking(|| source.ended.block()).await;
            yield_once().await;
        }));
        world.wait(pool.shutdown_now());
    });
}
