//! Panics in polls, in destructors and in outputs: the workers live on, and nobody else notices.

use super::ledger::Guard;
use super::manner::spawn_async;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::{future, Async};
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::thread;
use std::time::Duration;
use tokio::task::{yield_now, JoinHandle};

pub(super) const COMPONENT: Component = Component {
    name: "panics",
    shows: "panics in polls, in destructors and in outputs",
    run,
    company: Company::Others,
};

/// How many panics of tasks that nobody waits for came to the handler.
static HANDLED: AtomicU64 = AtomicU64::new(0);

/// A panic that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deliberate {
    /// In a task without a join handle: it has to come to the handler.
    Unwatched,
    /// In a task with a join handle: it has to come there.
    Watched,
    /// In a destructor: the process has to live on, no more.
    Destructor,
}

/// From now on a panic that is meant makes no noise, and any other one is a loss.
pub(super) fn hush() {
    let loud = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !info.payload().is::<Deliberate>() {
            super::loss(format_args!("{info}"));
            loud(info);
        }
    }));
}

/// The runtimes' panic handler.
pub(super) fn handler(payload: Box<dyn Any + Send>) {
    if payload.downcast_ref() == Some(&Deliberate::Unwatched) {
        HANDLED.fetch_add(1, SeqCst);
    }
}

fn run(scope: &Scope, mut random: Random) {
    let tasks = scope.open("task that panics");
    let watchers = scope.completes("watcher");
    let before = HANDLED.load(SeqCst);
    let mut unwatched = 0;
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        if tasks.live() + watchers.live() >= 200 {
            thread::sleep(random.micros(0..=500));
            continue;
        }
        let guard = tasks.guard();
        id += 1;
        let mut random = inputs.of(id);
        match random.within(0..=3) {
            0 => {
                unwatched += 1;
                in_futures01(scope, guard, &mut random);
            }
            1 => in_std(scope, guard, &mut random),
            2 => in_destructor(scope, guard, &mut random),
            _ => in_output(scope, guard, &mut random),
        }
        scope.count("panics", 1);
        thread::sleep(random.micros(0..=100));
    }
    scope.settle(&tasks);
    scope.settle(&watchers);
    // The handler may be called after the future is dropped.
    scope.wait_while(|| HANDLED.load(SeqCst) - before < unwatched);
    let handled = HANDLED.load(SeqCst) - before;
    scope.check(handled == unwatched, format_args!("{handled} of {unwatched} panics were handled"));
}

fn in_futures01(scope: &Scope, guard: Guard, random: &mut Random) {
    let mut left = random.within(0..=3);
    scope.handle.spawn(future::poll_fn(move || {
        let _ = &guard;
        if left == 0 {
            panic::panic_any(Deliberate::Unwatched);
        }
        left -= 1;
        futures::task::current().notify();
        Ok(Async::NotReady)
    }));
}

fn in_std(scope: &Scope, guard: Guard, random: &mut Random) {
    let (yields, rest) = (random.within(0..=3), random.micros(0..=1_000));
    let task: JoinHandle<()> = scope.handle.spawn(async move {
        let _guard = guard;
        for _ in 0..yields {
            yield_now().await;
        }
        tokio::time::sleep(rest).await;
        panic::panic_any(Deliberate::Watched);
    });
    let watcher = scope.completes("watcher").guard();
    let in_task = scope.clone();
    spawn_async(&scope.handle, random, watcher, async move {
        let payload = task.await.expect_err("it panics").try_into_panic().expect("it panics");
        let known = payload.downcast_ref() == Some(&Deliberate::Watched);
        in_task.check(known, "a panic has another one's payload");
    });
}

/// Panics when it is dropped, unless the thread panics already: that would end the process.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !thread::panicking() {
            panic::panic_any(Deliberate::Destructor);
        }
    }
}

/// A future whose destructor panics: when it is aborted, when it has completed, or has panicked.
fn in_destructor(scope: &Scope, guard: Guard, random: &mut Random) {
    let (end, rest) = (random.within(0..=3), random.micros(0..=1_000));
    let (bomb, inside) = (Bomb, guard);
    if end == 0 {
        let mut polled = false;
        scope.handle.spawn(future::poll_fn(move || {
            let _ = (&bomb, &inside);
            if polled {
                return Ok(Async::Ready(()));
            }
            polled = true;
            futures::task::current().notify();
            Ok(Async::NotReady)
        }));
        return;
    }
    let task = scope.handle.spawn(async move {
        let (_inside, _bomb) = (inside, bomb);
        tokio::time::sleep(rest).await;
        match end {
            1 => panic::panic_any(Deliberate::Destructor),
            2 => {}
            _ => futures03::future::pending().await,
        }
    });
    if end == 3 {
        let watcher = scope.completes("watcher").guard();
        spawn_async(&scope.handle, random, watcher, async move {
            tokio::time::sleep(Duration::from_micros(500)).await;
            task.abort();
            let _ = task.await;
        });
    }
}

/// An output whose destructor panics, dropped by the runtime or by who has taken it.
fn in_output(scope: &Scope, guard: Guard, random: &mut Random) {
    let task = scope.handle.spawn(async move { (Bomb, guard) });
    let (waits, rest) = (random.once_in(2), random.micros(0..=300));
    let watcher = scope.completes("watcher").guard();
    spawn_async(&scope.handle, random, watcher, async move {
        if waits {
            let output = task.await.expect("it completes");
            assert!(panic::catch_unwind(AssertUnwindSafe(|| drop(output))).is_err());
        } else {
            tokio::time::sleep(rest).await;
            // The output is dropped here or by the worker.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(task)));
        }
    });
}
