//! Runtimes that are made and ended again and again, with all kinds of work pending.

use super::cycle::{runtime_builder, Ending};
use super::ledger::{Guard, Kind};
use super::loopback;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::{Future as _, Stream as _};
use std::future::{pending, poll_fn};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::yield_now;
use tokio::timer::Delay;
use tokio_threadpool::poll_blocking;

pub(super) const COMPONENT: Component = Component {
    name: "lifecycles",
    shows: "runtimes that are made and ended, with work pending",
    run,
    company: Company::Others,
};

fn run(scope: &Scope, mut random: Random) {
    let work = scope.open("work of a runtime");
    let ends = scope.completes("work that ends");
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        id += 1;
        let mut random = inputs.of(id);
        if random.once_in(8) {
            cannot_start(scope);
        }
        let workers = random.within(1..=4) as usize;
        let refused = Arc::new(AtomicBool::new(false));
        let mut builder = runtime_builder(&refused);
        let runtime = builder.core_threads(workers).blocking_threads(2).build();
        let runtime = runtime.expect("a runtime can be made");
        let handle = runtime.as_handle().clone();
        let ending = random.one_of(&Ending::ALL);
        for _ in 0..random.within(0..=30) {
            finite(&handle, &ends, &mut random, matches!(ending, Ending::OnIdle));
        }
        if !matches!(ending, Ending::OnIdle) {
            for _ in 0..random.within(0..=30) {
                endless(&handle, &work, &mut random);
            }
        }
        if random.once_in(4) {
            // Threads that block have to see to the end by themselves.
            refused.store(true, SeqCst);
            scope.count("ends without threads", 1);
        }
        if random.once_in(2) {
            thread::sleep(random.micros(0..=2_000));
        }
        if random.once_in(8) && !matches!(ending, Ending::OnIdle) {
            drop_in_own_task(runtime, work.guard());
        } else {
            ending.put_end_to(runtime, &scope.ledger, &mut random);
            let waited = !matches!(ending, Ending::Left);
            let live = work.live();
            scope.check(!waited || live == 0, format_args!("{live} outlived {ending:?}"));
        }
        scope.settle(&work);
        scope.settle(&ends);
        // A handle keeps nothing alive; what it spawns now is dropped.
        drop(
            handle.spawn(async move { panic!("a runtime runs a task after its end: {ending:?}") }),
        );
        scope.count("runtimes", 1);
    }
}

/// A runtime that gets no threads is an error, and leaves nothing behind.
fn cannot_start(scope: &Scope) {
    let too_large = 1 << 46;
    let refused = Builder::new().core_threads(2).stack_size(too_large).build();
    scope.check(refused.is_err(), "a runtime has stacks of 64 TiB");
}

/// The last that knows the runtime is one of its own tasks.
fn drop_in_own_task(runtime: Runtime, guard: Guard) {
    let handle = runtime.as_handle().clone();
    drop(handle.spawn(async move {
        // Dropped last: when it is gone, the runtime has been told to end.
        let _guard = guard;
        yield_now().await;
        drop(runtime);
    }));
}

/// Work that comes to its end by itself, and has to if the runtime waits until it is idle.
fn finite(handle: &Handle, ends: &Arc<Kind>, random: &mut Random, has_to: bool) {
    let time = random.micros(0..=2_000);
    // Only a runtime that ends when it is idle lets it complete.
    let mut guard = ends.guard();
    if !has_to {
        guard.complete();
    }
    match random.within(0..=2) {
        0 => {
            let delay = Delay::new(tokio::clock::now() + time);
            handle.spawn(delay.then(move |_| {
                let mut guard = guard;
                if has_to {
                    guard.complete();
                }
                Ok(())
            }));
        }
        1 => drop(handle.spawn(async move {
            let slow = || poll_fn(|cx| poll_blocking(cx, || thread::sleep(time / 4)));
            // Refused at a shutdown, and if no thread can be had for long.
            let _ = slow().await;
            if has_to {
                guard.complete();
            }
        })),
        _ => drop(handle.spawn(async move {
            // Tasks that spawn count for idleness.
            for _ in 0..3 {
                tokio::spawn(async { yield_now().await });
                yield_now().await;
            }
            if has_to {
                guard.complete();
            }
        })),
    }
}

/// Spawns when it is dropped.
struct SpawnsInDrop;

impl Drop for SpawnsInDrop {
    fn drop(&mut self) {
        if let Ok(handle) = Handle::try_current() {
            drop(handle.spawn(async {}));
            handle.spawn(futures::future::ok(()));
        }
    }
}

/// Work that only the runtime's end ends.
fn endless(handle: &Handle, work: &Arc<Kind>, random: &mut Random) {
    let (guard, time) = (Arc::new(work.guard()), random.micros(10..=2_000));
    match random.within(0..=7) {
        0 => drop(handle.spawn(async move {
            let _guard = guard;
            pending::<()>().await;
        })),
        1 => {
            let accept = loopback::listener().incoming().for_each(|_| Ok(()));
            handle.spawn(accept.then(move |_| Ok(drop(guard))));
        }
        2 => drop(handle.spawn(async move {
            let _guard = guard;
            let listener = loopback::listener();
            let addr = listener.local_addr().unwrap();
            // Its reactor may be gone before it is.
            let Ok(stream) = loopback::connect(&addr).await else { return };
            let _ = stream.peek(&mut [0]).await;
        })),
        3 => drop(handle.spawn(async move {
            let _guard = guard;
            loop {
                yield_now().await;
            }
        })),
        4 => drop(handle.spawn(async move {
            let _guard = guard;
            loop {
                let wait = Delay::new(tokio::clock::now() + time);
                if wait.await.is_err() {
                    return;
                }
                tokio::spawn(async { drop(tokio::spawn(async {})) });
            }
        })),
        5 => drop(handle.spawn(async move {
            let (_guard, _spawns) = (guard, SpawnsInDrop);
            tokio::time::sleep(Duration::from_secs(1_000)).await;
        })),
        6 => drop(handle.spawn(async move {
            loop {
                let inside = guard.clone();
                let closure = move || {
                    thread::sleep(time / 8);
                    drop(inside);
                };
                if tokio::task::spawn_blocking(closure).await.is_err() {
                    return;
                }
            }
        })),
        _ => {
            let socket = loopback::udp();
            let receive = socket.recv_dgram(vec![0; 16]);
            handle.spawn(receive.then(move |_| Ok(drop(guard))));
        }
    }
}
