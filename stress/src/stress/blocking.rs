//! Closures that block: each runs once, not more at a time than are allowed, also while the runtime
//! gets no threads.
//!
//! Some wait for the runtime itself. Threads are refused for some milliseconds again and again, after
//! which all has to go on as before; and in some cycles for so long that `blocking` gives errors, in place
//! of the closure. What is spawned by `spawn_blocking` waits even then.

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
use tokio_threadpool::{blocking, poll_blocking, BlockingError};

pub(super) const COMPONENT: Component = Component {
    name: "blocking",
    shows: "closures that sleep, spin or wait for the runtime; threads that are refused",
    run,
    company: Company::Others,
};

/// How many tasks want to block at a time.
const WIDTH: u64 = 60;

/// After about a second without threads `blocking` gives errors.
const LONG: Duration = Duration::from_millis(1_400);

fn run(scope: &Scope, mut random: Random) {
    let tasks = scope.completes("task");
    let running = Arc::new(AtomicU64::new(0));
    let mut refused_until = None;
    if random.once_in(6) {
        refused_until = Some(Instant::now() + LONG);
        scope.threads.refused_for_long.store(true, SeqCst);
        scope.threads.refused.store(true, SeqCst);
        scope.count("times without threads for long", 1);
    }
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        match refused_until {
            Some(until) if Instant::now() < until => {}
            Some(_) => {
                refused_until = None;
                scope.threads.refused.store(false, SeqCst);
            }
            None if random.once_in(30) => {
                // Meanwhile no thread can be had for those that block.
                scope.threads.refused.store(true, SeqCst);
                thread::sleep(random.micros(0..=8_000));
                scope.threads.refused.store(false, SeqCst);
                scope.count("times without threads", 1);
            }
            None => {}
        }
        if tasks.live() >= WIDTH {
            thread::sleep(random.micros(0..=1_000));
            continue;
        }
        id += 1;
        one(scope, &running, &mut inputs.of(id));
        scope.count("closures", 1);
    }
    scope.threads.refused.store(false, SeqCst);
    scope.settle(&tasks);
}

fn one(scope: &Scope, running: &Arc<AtomicU64>, random: &mut Random) {
    let (how, time) = (random.within(0..=10), random.micros(0..=3_000));
    let (in_task, running) = (scope.clone(), running.clone());
    let runs = Arc::new(AtomicU64::new(0));
    let mut block = Some({
        let runs = runs.clone();
        move || {
            runs.fetch_add(1, SeqCst);
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
                2 => {
                    // A task of the runtime: a worker has to be left for it.
                    let (tell, told) = std::sync::mpsc::channel();
                    let task = async move { tell.send(()).expect("the closure waits") };
                    drop(in_task.handle.spawn(task));
                    told.recv().expect("the task runs");
                }
                3 => {
                    // So that nothing is over while threads are refused for long.
                    in_task.wait_while(|| in_task.threads.refused.load(SeqCst));
                }
                4..=6 => {
                    let start = Instant::now();
                    while start.elapsed() < time.min(Duration::from_millis(1)) {}
                }
                _ => thread::sleep(time),
            }
            running.fetch_sub(1, SeqCst);
        }
    });
    let in_task = scope.clone();
    let ended = move |result: Result<(), BlockingError>| {
        let due = if let Err(error) = &result {
            in_task.check_refused(error);
            0
        } else {
            1
        };
        let runs = runs.load(SeqCst);
        in_task.check(runs == due, format_args!("a closure ran {runs} times: {result:?}"));
    };
    let guard = scope.completes("task").guard();
    let mut once = move || block.take().expect("it runs once")();
    match random.within(0..=2) {
        0 => {
            let run = future::poll_fn(move || match blocking(&mut once) {
                Ok(Async::NotReady) => Ok(Async::NotReady),
                Ok(Async::Ready(())) => Ok(Async::Ready(Ok(()))),
                Err(error) => Ok(Async::Ready(Err(error))),
            });
            spawn_futures01(&scope.handle, random, guard, run.map(ended));
        }
        1 => spawn_async(&scope.handle, random, guard, async move {
            ended(poll_fn(|cx| poll_blocking(cx, &mut once)).await);
        }),
        _ => spawn_async(&scope.handle, random, guard, async move {
            let task = tokio::task::spawn_blocking(once);
            task.await.expect("it neither panics nor is aborted");
            ended(Ok(()));
        }),
    }
}
