//! Closures that block: each runs once, not more at a time than are allowed, also while the runtime
//! gets no threads.
//!
//! In a cycle either threads are refused, or closures wait for the runtime itself; not both. A pool all
//! of whose workers wait for it in closures, and that was refused threads when they began, does not
//! look for threads again before one of them is over, which `docs/design.md` says; in tokio-threadpool
//! `closures_that_wait_for_a_task_are_served_once_threads_can_be_had` shows it. When that test passes,
//! [`Cycle`] can go.

use super::cycle::BLOCKING;
use super::manner::{spawn_async, spawn_futures01};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::{future, Async, Future as _};
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio_threadpool::{blocking, poll_blocking};

pub(super) const COMPONENT: Component = Component {
    name: "blocking",
    shows: "closures that sleep, spin or run an executor; threads that are refused",
    run,
    company: Company::Others,
};

/// How many tasks want to block at a time.
const WIDTH: u64 = 60;

/// What is done in a cycle beside closures that sleep and spin.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cycle {
    RefusesThreads,
    WaitsForTheRuntime,
}

fn run(scope: &Scope, mut random: Random) {
    let cycle = random.one_of(&[Cycle::RefusesThreads, Cycle::WaitsForTheRuntime]);
    let tasks = scope.completes("task");
    let closures = scope.completes("closure");
    let running = Arc::new(AtomicU64::new(0));
    while scope.is_open() {
        if cycle == Cycle::RefusesThreads && random.once_in(30) {
            // Meanwhile no thread can be had for those that block.
            scope.refuse_threads.store(true, SeqCst);
            thread::sleep(random.micros(0..=8_000));
            scope.refuse_threads.store(false, SeqCst);
            scope.count("times without threads", 1);
        }
        if tasks.live() >= WIDTH {
            thread::sleep(random.micros(0..=1_000));
            continue;
        }
        one(scope, cycle, &running, &mut random);
        scope.count("closures", 1);
    }
    scope.settle(&tasks);
    scope.settle(&closures);
}

fn one(scope: &Scope, cycle: Cycle, running: &Arc<AtomicU64>, random: &mut Random) {
    let mut closure = scope.completes("closure").guard();
    let (how, time) = (random.within(0..=9), random.micros(0..=3_000));
    // See above.
    let how = if cycle == Cycle::RefusesThreads { how.max(2) } else { how };
    let (in_task, running) = (scope.clone(), running.clone());
    let mut block = Some(move || {
        let others = running.fetch_add(1, SeqCst);
        in_task.check(others < BLOCKING as u64, format_args!("{others} others block"));
        match how {
            0 => {
                // On a thread that blocks, an executor may be entered.
                in_task.handle.block_on(async move { tokio::time::sleep(time).await });
            }
            1 => {
                let timer = tokio::timer::Delay::new(Instant::now() + time);
                in_task.handle.block_on(timer).expect("the timer is there");
            }
            2..=5 => {
                let start = Instant::now();
                while start.elapsed() < time.min(Duration::from_millis(1)) {}
            }
            _ => thread::sleep(time),
        }
        running.fetch_sub(1, SeqCst);
        closure.complete();
    });
    let guard = scope.completes("task").guard();
    if random.once_in(2) {
        let run =
            future::poll_fn(move || match blocking(|| block.take().expect("it runs once")()) {
                Ok(Async::Ready(())) => Ok(Async::Ready(())),
                Ok(Async::NotReady) => Ok(Async::NotReady),
                Err(error) => panic!("blocking is allowed: {error}"),
            });
        spawn_futures01(&scope.handle, random, guard, run.map_err(|()| ()));
    } else {
        spawn_async(&scope.handle, random, guard, async move {
            let run = poll_fn(|cx| poll_blocking(cx, || block.take().expect("it runs once")()));
            run.await.expect("blocking is allowed");
        });
    }
}
