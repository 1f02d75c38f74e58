//! Runtimes of the current thread: tasks that need not be `Send`, spawns from another thread, ends with
//! work pending.

use super::ledger::Kind;
use super::loopback;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::Future as _;
use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::current_thread::{spawn, Handle, Runtime};
use tokio::task::yield_now;
use tokio::timer::Delay;

pub(super) const COMPONENT: Component = Component {
    name: "local",
    shows: "runtimes of the current thread",
    run,
    company: Company::Others,
};

fn run(scope: &Scope, mut random: Random) {
    let (tasks, pending) = (scope.completes("task"), scope.open("pending task"));
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        id += 1;
        one(scope, &tasks, &pending, &mut inputs.of(id));
        scope.check(tasks.live() + pending.live() == 0, "a task outlived its runtime");
        scope.count("runtimes", 1);
    }
}

fn one(scope: &Scope, tasks: &Arc<Kind>, pending_tasks: &Arc<Kind>, random: &mut Random) {
    let mut runtime = Runtime::new().expect("a runtime can be made");
    let done = Rc::new(Cell::new(0));
    let mut due = 0;
    for _ in 0..random.within(1..=30) {
        due += local(&mut runtime, tasks, &done, random);
    }
    let handle = runtime.handle();
    let remote = random.within(0..=50);
    let (guards, rest) = (tasks.clone(), random.micros(0..=100));
    let spawner = thread::spawn(move || from_outside(&handle, &guards, remote, rest));
    let time = random.micros(0..=2_000);
    if random.once_in(2) {
        runtime.block_on(async move { tokio::time::sleep(time).await });
    } else {
        runtime.block_on(Delay::new(tokio::clock::now() + time)).expect("the timer is there");
    }
    scope.ledger.advance();
    // After this there is nothing that it may miss.
    spawner.join().expect("spawning does not panic");
    runtime.run().expect("nothing fails");
    scope.check(done.get() == due, format_args!("{} of {due} local tasks are done", done.get()));
    scope.check(tasks.live() == 0, "`run` returned with tasks left");
    for _ in 0..random.within(0..=10) {
        let (guard, rc) = (pending_tasks.guard(), done.clone());
        runtime.spawn(async move {
            let _both = (guard, rc);
            tokio::time::sleep(Duration::from_secs(1_000)).await;
        });
        let guard = pending_tasks.guard();
        runtime.spawn(futures::future::empty::<(), ()>().map(move |()| drop(guard)));
    }
    if random.once_in(2) {
        runtime.block_on(yield_now());
    }
    let handle = runtime.handle();
    drop(runtime);
    scope.check(Rc::strong_count(&done) == 1, "a local task was not dropped");
    scope.check(handle.spawn(pending::<()>()).is_err(), "a runtime that has ended takes tasks");
}

/// Spawns tasks here; returns how many.
fn local(
    runtime: &mut Runtime,
    tasks: &Arc<Kind>,
    done: &Rc<Cell<u64>>,
    random: &mut Random,
) -> u64 {
    let (mut guard, done) = (tasks.guard(), done.clone());
    let time = random.micros(0..=2_000);
    let mut finish = move || {
        done.set(done.get() + 1);
        guard.complete();
    };
    match random.within(0..=3) {
        0 => {
            let delay = Delay::new(tokio::clock::now() + time);
            runtime.spawn(delay.then(move |_| Ok(finish())));
        }
        1 => drop(runtime.spawn(async move {
            let task = spawn(async { yield_now().await });
            task.await.expect("it completes");
            finish();
        })),
        2 => drop(runtime.spawn(async move {
            let listener = loopback::listener();
            let addr = listener.local_addr().unwrap();
            spawn(async move {
                let stream = loopback::connect(&addr).await.expect("somebody listens");
                let n = poll_fn(|cx| stream.poll_write_with(cx.into(), b"word")).await;
                assert_eq!(n.expect("it writes"), 4);
                let _ = stream.peek(&mut [0]).await;
            });
            let (stream, _) = listener.accept().await.expect("a connection comes");
            let mut word = [0; 8];
            let n = poll_fn(|cx| stream.poll_read_with(cx.into(), &mut word)).await;
            assert_eq!(&word[..n.expect("it reads")], b"word");
            finish();
        })),
        _ => drop(runtime.spawn(async move {
            let far = Delay::new(tokio::clock::now() + Duration::from_secs(5_000));
            let _ = tokio::time::timeout(time, far).await;
            finish();
        })),
    }
    1
}

/// Spawns tasks from a thread that is not the runtime's.
fn from_outside(handle: &Handle, tasks: &Arc<Kind>, n: u64, rest: Duration) {
    for i in 0..n {
        let mut guard = tasks.guard();
        if i % 2 == 0 {
            let task = futures::future::lazy(move || Ok(guard.complete()));
            handle.spawn(task).expect("the runtime is there");
        } else {
            let task = async move {
                yield_now().await;
                guard.complete();
            };
            drop(handle.spawn(task).expect("the runtime is there"));
        }
        if i % 8 == 0 {
            thread::sleep(rest);
        }
    }
}
