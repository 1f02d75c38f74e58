//! `blocking` while the system refuses threads: nobody's tasks are left, and all goes on in the end.

use super::support::{block_on, blocking, check, pass_time_until, yield_once, Event};
use crate::sync::thread;
use crate::Builder;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::Arc;

/// Threads are refused at first. Closures that would take the last worker wait.
#[test]
fn closures_that_wait_for_a_thread_run_when_there_is_one() {
    check(|world| {
        let workers = world.one_of([1, 2]);
        let refuse = Arc::new(AtomicBool::new(false));
        let pool = world.build(Builder::new().pool_size(workers).refuse_threads(refuse.clone()));
        refuse.store(true, Relaxed);
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
        let refuse = Arc::new(AtomicBool::new(false));
        let pool = world.build(Builder::new().pool_size(2).refuse_threads(refuse.clone()));
        refuse.store(true, Relaxed);
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
        let refuse = Arc::new(AtomicBool::new(false));
        let pool = world.build(Builder::new().pool_size(3).refuse_threads(refuse.clone()));
        refuse.store(true, Relaxed);
        let event = Event::default();
        for _ in 0..3 {
            let event = event.clone();
            pool.spawn(world.count(async move {
                let _ = blocking(|| event.block()).await;
                yield_once().await;
            }));
        }
        let other = thread::spawn(move || event.set());
        world.wait(pool.shutdown_now());
        other.join().expect("it does not panic");
        block_on(async {});
    });
}
