//! Futures that are dropped after any number of polls, or whose task is aborted: whatever they waited
//! for, each is dropped once, and nobody else is disturbed.

use super::ledger::Guard;
use super::loopback;
use super::manner::{spawn_async, spawn_futures01};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::{Async, Future as Future01, Stream as _};
use futures03::FutureExt;
use std::future::{pending, poll_fn, Future};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::{yield_now, JoinSet};
use tokio::timer::{Delay, Interval, Timeout};
use tokio_threadpool::{blocking, poll_blocking};

pub(super) const COMPONENT: Component = Component {
    name: "cancel",
    shows: "futures dropped after any number of polls, tasks aborted",
    run,
    company: Company::Others,
};

/// How many tasks there are at most at a time.
const WIDTH: u64 = 300;

type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;
type Boxed01 = Box<dyn Future01<Item = (), Error = ()> + Send>;

fn run(scope: &Scope, mut random: Random) {
    let (cutters, victims) = (scope.completes("cutter"), scope.open("victim"));
    let aborted = scope.open("aborted task");
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        let [quiet, idle] = [(); 2].map(|()| Arc::new(loopback::listener()));
        let sources = Sources { quiet, idle };
        for _ in 0..random.within(1..=40) {
            if cutters.live() + aborted.live() >= WIDTH {
                break;
            }
            id += 1;
            one(scope, &sources, &mut inputs.of(id));
        }
        thread::sleep(random.micros(0..=1_500));
    }
    scope.settle(&cutters);
    scope.settle(&aborted);
    scope.settle(&victims);
}

/// What victims wait for.
struct Sources {
    /// Where nobody accepts. Who connects there keeps it: its port may become another one's.
    quiet: Arc<TcpListener>,
    /// Where nobody connects.
    idle: Arc<TcpListener>,
}

/// A task with a victim.
fn one(scope: &Scope, sources: &Sources, random: &mut Random) {
    let guard = scope.open_guard("victim");
    let polls = random.within(0..=6);
    let natural = random.once_in(3).then(|| random.micros(0..=4_000));
    if random.once_in(3) {
        let mut victim = victim_futures01(scope, guard, random);
        let mut deadline = natural.map(after);
        let mut left = polls;
        // Polled so often, and then dropped with this closure.
        let cut = futures::future::poll_fn(move || {
            if let Some(deadline) = &mut deadline {
                if deadline.poll().expect("the timer is there").is_ready() {
                    return Ok(Async::Ready(()));
                }
            } else if left == 0 {
                return Ok(Async::Ready(()));
            } else {
                left -= 1;
                futures::task::current().notify();
            }
            victim.poll()
        });
        let guard = scope.completes("cutter").guard();
        return spawn_futures01(&scope.handle, random, guard, cut);
    }
    let mut victim = victim_std(scope, sources, guard, random);
    if random.once_in(3) {
        let guard = scope.open_guard("aborted task");
        let task = scope.handle.spawn(async move {
            let _guard = guard;
            victim.await;
        });
        let (time, at_once) = (random.micros(0..=3_000), random.once_in(2));
        let guard = scope.completes("cutter").guard();
        return spawn_async(&scope.handle, random, guard, async move {
            if !at_once {
                tokio::time::sleep(time).await;
            }
            task.abort();
            let _ = task.await;
        });
    }
    let guard = scope.completes("cutter").guard();
    spawn_async(&scope.handle, random, guard, async move {
        match natural {
            Some(time) => drop(tokio::time::timeout(time, victim).await),
            None => {
                let mut left = polls;
                let cut = poll_fn(|cx| {
                    if left == 0 || victim.poll_unpin(cx).is_ready() {
                        return Poll::Ready(());
                    }
                    left -= 1;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                });
                cut.await;
            }
        }
    });
}

fn after(time: Duration) -> Delay {
    Delay::new(tokio::clock::now() + time)
}

fn victim_std(scope: &Scope, sources: &Sources, guard: Guard, random: &mut Random) -> Boxed {
    let time = random.micros(0..=3_000);
    let (handle, quiet, idle) = (scope.handle.clone(), sources.quiet.clone(), sources.idle.clone());
    let (inner, scope) = (scope.open_guard("victim"), scope.clone());
    let many = random.within(1..=8);
    let what: Boxed = match random.within(0..=11) {
        0 => Box::pin(async move {
            let stream = loopback::connect(&quiet.local_addr().unwrap()).await;
            // The system forgets connections that it cannot keep for the listener.
            if let Ok(stream) = stream {
                let _ = stream.peek(&mut [0; 8]).await;
            }
        }),
        1 => Box::pin(async move { drop(idle.accept().await) }),
        2 => Box::pin(async {
            let socket = loopback::udp();
            let _ = socket.recv_from(&mut [0; 8]).await;
        }),
        3 => Box::pin(tokio::time::sleep(time)),
        4 => Box::pin(async move {
            let mut interval = Interval::new_interval(time.max(Duration::from_micros(100)));
            while interval.tick().await.is_ok() {}
        }),
        5 => Box::pin(async move { drop(tokio::time::timeout(time, pending::<()>()).await) }),
        // The task that is waited for goes on by itself.
        6 => Box::pin(async move {
            let task = handle.spawn(async move {
                let _inner = inner;
                tokio::time::sleep(time).await;
            });
            let _ = task.await;
        }),
        7 => Box::pin(async move {
            let (tx, mut rx) = futures03::channel::mpsc::channel::<Guard>(0);
            drop(handle.spawn(async move {
                let (mut tx, mut inner) = (tx, Some(inner));
                while let Some(message) = inner.take() {
                    let _ = futures03::SinkExt::send(&mut tx, message).await;
                    yield_now().await;
                }
            }));
            while futures03::StreamExt::next(&mut rx).await.is_some() {}
        }),
        8 => Box::pin(async move {
            let mut work = Some(inner);
            let block = |work: &mut Option<Guard>| {
                thread::sleep(time / 4);
                work.take().expect("it runs once").complete();
            };
            let blocked = poll_fn(|cx| poll_blocking(cx, || block(&mut work))).await;
            blocked.unwrap_or_else(|error| scope.check_refused(&error));
        }),
        9 => Box::pin(async move {
            for _ in 0..many {
                yield_now().await;
            }
        }),
        10 => Box::pin(async move {
            let mut set = JoinSet::new();
            for n in 0..many {
                set.spawn(async move { tokio::time::sleep(time * n as u32 / 4).await });
            }
            while set.join_next().await.is_some() {}
        }),
        _ => Box::pin(async move {
            let lock = tokio::sync::lock::Lock::new(inner);
            let other = lock.clone();
            drop(handle.spawn(async move {
                let _held = other.lock().await;
                tokio::time::sleep(time).await;
            }));
            yield_now().await;
            drop(lock.lock().await);
        }),
    };
    Box::pin(async move {
        let mut guard = guard;
        what.await;
        guard.complete();
    })
}

fn victim_futures01(scope: &Scope, guard: Guard, random: &mut Random) -> Boxed01 {
    let scope = scope.clone();
    let time = random.micros(0..=3_000);
    let deadline = tokio::clock::now() + time;
    let what: Boxed01 = match random.within(0..=5) {
        0 => Box::new(Delay::new(deadline).map_err(drop)),
        1 => Box::new(
            Interval::new(deadline, time.max(Duration::from_micros(100)))
                .for_each(|_| Ok(()))
                .map_err(drop),
        ),
        2 => Box::new(Timeout::new(futures::future::empty::<(), ()>(), time).then(|_| Ok(()))),
        3 => Box::new(futures::future::poll_fn(move || {
            blocking(|| thread::sleep(time / 4)).or_else(|error| {
                scope.check_refused(&error);
                Ok(Async::Ready(()))
            })
        })),
        4 => {
            let (tx, rx) = futures::sync::oneshot::channel();
            let late = Delay::new(deadline).then(move |_| tx.send(()));
            Box::new(futures::future::lazy(move || {
                tokio::spawn(late);
                rx.then(|_| Ok(()))
            }))
        }
        _ => {
            let accept = futures::future::lazy(|| {
                loopback::listener().incoming().for_each(|_| Ok(())).map_err(drop)
            });
            Box::new(accept)
        }
    };
    let mut guard = guard;
    Box::new(what.map(move |()| guard.complete()))
}
