//! After a wait is given up, others that wait for the same are not forgotten, and nothing is lost that
//! the next one could have.

use super::ledger::Guard;
use super::loopback;
use super::manner::{spawn_async, spawn_futures01};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::Future as _;
use futures03::{FutureExt, StreamExt as _};
use std::future::{poll_fn, Future};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio_threadpool::poll_blocking;

pub(super) const COMPONENT: Component = Component {
    name: "survivors",
    shows: "waits that are given up while others wait for the same",
    run,
    company: Company::Others,
};

/// How many rounds there are at a time.
const WIDTH: u64 = 40;

fn run(scope: &Scope, mut random: Random) {
    let rounds = scope.completes("round");
    let parts = scope.completes("part of a round");
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        if rounds.live() >= WIDTH {
            thread::sleep(random.micros(0..=500));
            continue;
        }
        let guard = rounds.guard();
        id += 1;
        let mut random = inputs.of(id);
        match random.within(0..=6) {
            0 => accepting(scope, guard, &mut random),
            1 => peeking(scope, guard, &mut random),
            2 => receiving(scope, guard, &mut random),
            3 => joining(scope, guard, &mut random),
            4 => messages(scope, guard, &mut random),
            5 => permits(scope, guard, &mut random),
            _ => lock(scope, guard, &mut random),
        }
        scope.count("rounds", 1);
    }
    scope.settle(&rounds);
    scope.settle(&parts);
}

/// Polls `future` up to so often, with a rest in between, and drops it. What it gave if it was ready.
async fn cut<T>(future: impl Future<Output = T>, polls: u64, rest: Duration) -> Option<T> {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if let Poll::Ready(output) = poll_fn(|cx| Poll::Ready(future.poll_unpin(cx))).await {
            return Some(output);
        }
        if rest.is_zero() {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(rest).await;
        }
    }
    None
}

/// How a wait is cut.
#[derive(Clone, Copy)]
struct Cut {
    polls: u64,
    rest: Duration,
}

impl Cut {
    fn any(random: &mut Random) -> Cut {
        let most = random.one_of(&[0, 300, 1_500]);
        Cut { polls: random.within(1..=4), rest: random.micros(0..=most) }
    }

    async fn of<T>(self, future: impl Future<Output = T>) -> Option<T> {
        cut(future, self.polls, self.rest).await
    }
}

/// Tasks accept from one listener, and most give up: each connection comes to one of them.
fn accepting(scope: &Scope, guard: Guard, random: &mut Random) {
    let listener = Arc::new(loopback::listener());
    let addr = listener.local_addr().unwrap();
    let n = random.within(1..=4);
    let parts = scope.completes("part of a round");
    for _ in 0..n {
        let (listener, cut) = (listener.clone(), Cut::any(random));
        let part = parts.guard();
        // Gives up, then takes one for sure.
        spawn_async(&scope.handle, random, part, async move {
            if cut.of(listener.accept()).await.is_none() {
                listener.accept().await.expect("a connection comes");
            }
        });
    }
    let wait = random.micros(0..=1_000);
    spawn_async(&scope.handle, random, guard, async move {
        for _ in 0..n {
            tokio::time::sleep(wait).await;
            let stream = loopback::connect(&addr).await.expect("somebody listens");
            drop(stream);
        }
    });
}

/// A reader gives up some times, then reads what has come meanwhile.
fn peeking(scope: &Scope, guard: Guard, random: &mut Random) {
    let listener = loopback::listener();
    let addr = listener.local_addr().unwrap();
    let (cut, wait) = (Cut::any(random), random.micros(0..=2_000));
    let part = scope.completes("part of a round").guard();
    spawn_async(&scope.handle, random, part, async move {
        let stream = loopback::connect(&addr).await.expect("somebody listens");
        tokio::time::sleep(wait).await;
        let written = poll_fn(|cx| stream.poll_write_with(cx.into(), b"word")).await;
        assert_eq!(written.expect("somebody reads"), 4);
        // Until the other side has gone.
        let _ = stream.peek(&mut [0]).await;
    });
    let in_round = scope.clone();
    spawn_async(&scope.handle, random, guard, async move {
        let (stream, _) = listener.accept().await.expect("a connection comes");
        let _ = cut.of(stream.peek(&mut [0; 4])).await;
        let _ = cut.of(poll_fn(|cx| stream.poll_peek_with(cx.into(), &mut [0; 4]))).await;
        let mut word = [0; 8];
        let n = poll_fn(|cx| stream.poll_read_with(cx.into(), &mut word)).await;
        let n = n.expect("a word comes");
        in_round.check(&word[..n] == b"word", format_args!("{:?} in place of a word", &word[..n]));
    });
}

/// Two tasks receive from one socket, one gives up: the datagrams come to them, one each.
fn receiving(scope: &Scope, guard: Guard, random: &mut Random) {
    let (socket, sender) = (Arc::new(loopback::udp()), loopback::udp());
    let to = socket.local_addr().unwrap();
    let parts = scope.completes("part of a round");
    for _ in 0..2 {
        let (socket, cut) = (socket.clone(), Cut::any(random));
        let part = parts.guard();
        spawn_async(&scope.handle, random, part, async move {
            let mut bytes = [0; 4];
            if cut.of(socket.recv_from(&mut bytes)).await.is_none() {
                socket.recv_from(&mut bytes).await.expect("a datagram comes");
            }
            assert_eq!(&bytes, b"word");
        });
    }
    let wait = random.micros(0..=2_000);
    spawn_async(&scope.handle, random, guard, async move {
        for _ in 0..2 {
            tokio::time::sleep(wait).await;
            sender.send_to(b"word", &to).await.expect("a datagram goes");
        }
    });
}

/// A join handle is polled, goes to another task, and is joined there; or it is in a group.
fn joining(scope: &Scope, guard: Guard, random: &mut Random) {
    let (cut, time) = (Cut::any(random), random.micros(0..=2_000));
    let number = random.number();
    let mut task = scope.handle.spawn(async move {
        tokio::time::sleep(time).await;
        number
    });
    let (how, in_round) = (random.within(0..=2), scope.clone());
    let handle = scope.handle.clone();
    let mut second = random.fork();
    spawn_async(&scope.handle, random, scope.completes("part of a round").guard(), async move {
        let first = cut.of(&mut task).await;
        let check = move |output| {
            in_round.check(output == number, "a task has the output of another one");
            let mut guard = guard;
            guard.complete();
        };
        match (first, how) {
            (Some(output), _) => check(output.expect("it neither panics nor is aborted")),
            (None, 0) => {
                drop(handle.spawn(async move { check(task.await.expect("it completes")) }));
            }
            (None, 1) => {
                let join = task.join().map_err(|error| panic!("{error}")).map(check);
                if second.once_in(2) {
                    handle.spawn(join);
                } else {
                    drop(handle.spawn(tokio::task::Futures01AsStd::new(join)));
                }
            }
            (None, _) => {
                let mut set = JoinSet::new();
                set.insert(task);
                let _ = cut.of(set.join_next()).await;
                if let Some(output) = set.join_next().await {
                    check(output.expect("it completes"));
                } else {
                    // It was there before the wait was cut.
                    check(number);
                }
            }
        }
    });
}

/// A receiver gives up some times. Each message comes; none twice.
fn messages(scope: &Scope, guard: Guard, random: &mut Random) {
    let n = random.within(1..=20);
    let cut = Cut::any(random);
    let (tx, mut rx) = tokio::sync::mpsc::channel::<u64>(2);
    let part = scope.completes("part of a round").guard();
    let send = futures::Sink::send_all(
        futures::Sink::sink_map_err(tx, |_| panic!("somebody receives")),
        futures::stream::iter_ok::<_, ()>(0..n),
    );
    spawn_futures01(&scope.handle, random, part, send.map(drop));
    let in_round = scope.clone();
    spawn_async(&scope.handle, random, guard, async move {
        for due in 0..n {
            let came = match cut.of(rx.next()).await {
                Some(came) => came,
                None => rx.next().await,
            };
            in_round.check(came == Some(due), format_args!("{came:?} in place of {due}"));
        }
    });
}

/// Tasks wait for `blocking`, and some give up: their turn goes to the others.
fn permits(scope: &Scope, guard: Guard, random: &mut Random) {
    let parts = scope.completes("part of a round");
    for _ in 0..random.within(1..=10) {
        let (cut, time) = (Cut::any(random), random.micros(0..=500));
        let (part, in_part) = (parts.guard(), scope.clone());
        spawn_async(&scope.handle, random, part, async move {
            let block = || poll_fn(move |cx| poll_blocking(cx, || thread::sleep(time)));
            if cut.of(block()).await.is_none() {
                // It is its turn some time, if there are threads.
                if let Err(error) = block().await {
                    in_part.check_refused(&error);
                }
            }
        });
    }
    let mut guard = guard;
    guard.complete();
}

/// Tasks wait for a lock, and some give up.
fn lock(scope: &Scope, guard: Guard, random: &mut Random) {
    let lock = tokio::sync::lock::Lock::new(0_u64);
    let n = random.within(2..=8);
    let parts = scope.completes("part of a round");
    for _ in 0..n {
        let (lock, cut, time) = (lock.clone(), Cut::any(random), random.micros(0..=300));
        let part = parts.guard();
        spawn_async(&scope.handle, random, part, async move {
            let mut held = match cut.of(lock.lock()).await {
                Some(held) => held,
                None => lock.lock().await,
            };
            let before = *held;
            tokio::time::sleep(time).await;
            *held = before + 1;
        });
    }
    let in_round = scope.clone();
    spawn_async(&scope.handle, random, guard, async move {
        loop {
            let sum = *lock.lock().await;
            in_round.check(sum <= n, "more than there were held the lock");
            if sum >= n {
                return;
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
    });
}
