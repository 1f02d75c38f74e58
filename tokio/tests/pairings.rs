//! Each resource, waited for by each generation, inside a future of the other, in each place that runs
//! futures.

mod support;

use futures::sync::oneshot as oneshot01;
use futures::{future, Future as Future01, Sink as _, Stream as _};
use futures03::future::{join, join_all, select, Either};
use std::future::Future;
use std::io::Write as _;
use std::net;
use std::pin::Pin;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use support::{bounded, listener, runtime, within};
use tokio::net::TcpStream;
use tokio::prelude::FutureExt as _;
use tokio::runtime::current_thread;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{spawn_blocking, spawn_local, Futures01AsStd, JoinSet, LocalSet, StdAsFutures01};
use tokio::time::{interval, sleep, timeout};
use tokio::timer::{Delay, Interval};

/// What each wait yields.
const SEVEN: u8 = 7;

type Std = Pin<Box<dyn Future<Output = u8> + Send>>;
type Futures01 = Box<dyn Future01<Item = u8, Error = ()> + Send>;
/// Makes a wait end.
type Trigger = Box<dyn FnOnce() + Send>;

/// A socket, not bound to a reactor yet, that one byte arrives at.
fn socket() -> (TcpStream, Trigger) {
    let listener = listener();
    let mut peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.into_std().unwrap().accept().unwrap();
    let ours = TcpStream::from_std(ours, &Default::default()).unwrap();
    (ours, Box::new(move || peer.write_all(&[SEVEN]).unwrap()))
}

/// A blocking closure that ends when it is told to.
fn blocked() -> (impl FnOnce() -> u8 + Send + 'static, Trigger) {
    let (send, wait) = channel();
    (move || within(&wait), Box::new(move || send.send(SEVEN).unwrap()))
}

fn oneshot() -> (oneshot::Receiver<u8>, Trigger) {
    let (send, receive) = oneshot::channel();
    (receive, Box::new(move || send.send(SEVEN).unwrap()))
}

fn nothing() -> Trigger {
    Box::new(|| ())
}

const SHORT: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(3600);

/// Waits of std, made inside of a runtime.
fn std_waits() -> Vec<(&'static str, Std, Trigger)> {
    let mut waits: Vec<(&'static str, Std, Trigger)> = Vec::new();
    let (sock, trigger) = socket();
    let read = async move {
        let (mut sock, mut buf) = (sock, [0]);
        futures03::AsyncReadExt::read_exact(&mut sock, &mut buf).await.unwrap();
        buf[0]
    };
    waits.push(("socket", Box::pin(read), trigger));
    let (receive, trigger) = oneshot();
    let task = tokio::spawn(receive.into_std());
    waits.push(("join handle", Box::pin(async { task.await.unwrap() }), trigger));
    let (receive, trigger) = oneshot();
    let mut set = JoinSet::new();
    set.spawn(receive.into_std());
    let next = async move { set.join_next().await.unwrap().unwrap() };
    waits.push(("group of tasks", Box::pin(next), trigger));
    let (closure, trigger) = blocked();
    let task = spawn_blocking(closure);
    waits.push(("blocking closure", Box::pin(async { task.await.unwrap() }), trigger));
    let (receive, trigger) = oneshot();
    waits.push(("oneshot", Box::pin(receive.into_std()), trigger));
    let (mut send, mut receive) = mpsc::channel(1);
    let trigger = Box::new(move || send.try_send(SEVEN).unwrap());
    waits.push(("mpsc", Box::pin(async move { receive.recv().await.unwrap() }), trigger));
    let (mut send, mut receive) = watch::channel(0);
    // The first value may be skipped: a poll that has used up its budget does not see it.
    let watched = async move {
        while receive.recv().await.unwrap() != SEVEN {}
        SEVEN
    };
    let trigger = Box::new(move || send.broadcast(SEVEN).unwrap());
    waits.push(("watch", Box::pin(watched), trigger));
    let slept = async {
        sleep(SHORT).await;
        SEVEN
    };
    waits.push(("sleep", Box::pin(slept), nothing()));
    let late = async {
        timeout(SHORT, std::future::pending::<()>()).await.unwrap_err();
        SEVEN
    };
    waits.push(("timeout", Box::pin(late), nothing()));
    let ticked = async {
        let mut interval = interval(SHORT);
        interval.tick().await.unwrap();
        interval.tick().await.unwrap();
        SEVEN
    };
    waits.push(("interval", Box::pin(ticked), nothing()));
    waits
}

/// Waits of futures 0.1, made inside of a runtime.
fn futures01_waits() -> Vec<(&'static str, Futures01, Trigger)> {
    let mut waits: Vec<(&'static str, Futures01, Trigger)> = Vec::new();
    let (sock, trigger) = socket();
    let read = tokio::io::read_exact(sock, [0]).map(|(_, buf)| buf[0]).map_err(drop);
    waits.push(("socket", Box::new(read), trigger));
    let (receive, trigger) = oneshot();
    let task = tokio::spawn(receive.into_std());
    waits.push(("join handle", Box::new(task.join().map_err(drop)), trigger));
    let (receive, trigger) = oneshot();
    let (send, joined) = oneshot01::channel();
    tokio::spawn(receive.map(|n| send.send(n).unwrap()).map_err(drop));
    waits.push(("task of futures 0.1", Box::new(joined.map_err(drop)), trigger));
    let (receive, trigger) = oneshot();
    let mut set = JoinSet::new();
    set.spawn_futures01(receive.map_err(drop));
    let next = set.into_future().map(|(n, _)| n.unwrap().unwrap()).map_err(drop);
    waits.push(("group of tasks", Box::new(next), trigger));
    let (closure, trigger) = blocked();
    let task = spawn_blocking(closure).join().map_err(drop);
    waits.push(("blocking closure", Box::new(task), trigger));
    let (receive, trigger) = oneshot();
    waits.push(("oneshot", Box::new(receive.map_err(drop)), trigger));
    let (send, receive) = mpsc::channel(1);
    let next = receive.into_future().map(|(n, _)| n.unwrap()).map_err(drop);
    let trigger = Box::new(|| drop(send.send(SEVEN).wait().unwrap()));
    waits.push(("mpsc", Box::new(next), trigger));
    let (mut send, receive) = watch::channel(0);
    let watched =
        receive.filter(|n| *n == SEVEN).into_future().map(|(n, _)| n.unwrap()).map_err(drop);
    let trigger = Box::new(move || send.broadcast(SEVEN).unwrap());
    waits.push(("watch", Box::new(watched), trigger));
    let delayed = Delay::new(Instant::now() + SHORT).map(|()| SEVEN).map_err(drop);
    waits.push(("delay", Box::new(delayed), nothing()));
    let late = future::empty::<u8, ()>().timeout(SHORT).or_else(|e| {
        assert!(e.is_elapsed());
        Ok(SEVEN)
    });
    waits.push(("timeout", Box::new(late), nothing()));
    let ticked = Interval::new_interval(SHORT).take(2).collect().map(|_| SEVEN).map_err(drop);
    waits.push(("interval", Box::new(ticked), nothing()));
    waits
}

/// Unwraps what a 0.1 receiver yields when it is awaited.
trait IntoStd {
    fn into_std(self) -> Std;
}

impl IntoStd for oneshot::Receiver<u8> {
    fn into_std(self) -> Std {
        Box::pin(async { self.await.unwrap() })
    }
}

/// A std future as one of futures 0.1.
fn as_futures01(future: impl Future<Output = u8> + Send + 'static) -> Futures01 {
    Box::new(StdAsFutures01::new(future).map_err(|never| match never {}))
}

/// A 0.1 future as one of std.
fn as_std(future: impl Future01<Item = u8, Error = ()> + Send + 'static) -> Std {
    Box::pin(async { Futures01AsStd::new(future).await.unwrap() })
}

/// A way to put a wait of std, or of futures 0.1, into a future of std.
type Way<W> = (&'static str, fn(W) -> Std);

const OF_STD: [Way<Std>; 4] = [
    ("plain", |wait| wait),
    ("in 0.1 in std", |wait| as_std(as_futures01(wait))),
    ("in 0.1's select", |wait| {
        let never = future::empty::<u8, ()>();
        as_std(never.select(as_futures01(wait)).map(|(n, _)| n).map_err(|_| ()))
    }),
    ("in std's select", |wait| {
        let never = Box::pin(Futures01AsStd::new(future::empty::<u8, ()>()));
        Box::pin(async {
            match select(never, wait).await {
                Either::Right((n, _)) => n,
                Either::Left(_) => unreachable!("it is empty"),
            }
        })
    }),
];

const OF_FUTURES01: [Way<Futures01>; 4] = [
    ("in std", |wait| as_std(wait)),
    ("in std in 0.1 in std", |wait| as_std(as_futures01(as_std(wait)))),
    ("in 0.1's select", |wait| {
        let never = as_futures01(std::future::pending());
        as_std(wait.select(never).map(|(n, _)| n).map_err(|_| ()))
    }),
    ("in 0.1's timeout, in std's", |wait| {
        let limited = as_std(wait.timeout(LONG).map_err(drop));
        Box::pin(async { timeout(LONG, limited).await.unwrap() })
    }),
];

/// Waits in every way for everything at once. All of it is polled before anything is triggered.
async fn all_pairings() {
    let mut names = Vec::new();
    let mut waits = Vec::new();
    let mut triggers = Vec::new();
    for (way, put) in OF_STD {
        for (name, wait, trigger) in std_waits() {
            names.push(format!("{name} of std, {way}"));
            waits.push(put(wait));
            triggers.push(trigger);
        }
    }
    for (way, put) in OF_FUTURES01 {
        for (name, wait, trigger) in futures01_waits() {
            names.push(format!("{name} of futures 0.1, {way}"));
            waits.push(put(wait));
            triggers.push(trigger);
        }
    }
    let pull = async { triggers.into_iter().for_each(|trigger| trigger()) };
    let (yielded, ()) = join(join_all(waits), pull).await;
    for (name, yielded) in names.iter().zip(yielded) {
        assert_eq!(yielded, SEVEN, "{name}");
    }
}

/// The same as a future of the other generation.
fn all_pairings_futures01() -> impl Future01<Item = (), Error = ()> + Send {
    StdAsFutures01::new(all_pairings()).map_err(|never| match never {})
}

#[test]
fn every_pairing_works_in_tasks_of_a_pool() {
    for workers in [1, 2] {
        bounded(move || {
            let mut runtime = runtime(workers);
            let task = runtime.spawn(all_pairings());
            runtime.block_on(task).unwrap();
            runtime.block_on(all_pairings());
            runtime.block_on(all_pairings_futures01()).unwrap();
            runtime.shutdown_on_idle().wait().unwrap();
        });
    }
}

#[test]
fn every_pairing_works_beside_a_pool() {
    bounded(|| {
        let runtime = runtime(2);
        runtime.as_handle().block_on(all_pairings());
        runtime.as_handle().block_on(all_pairings_futures01()).unwrap();
        // Executors of the futures crates, on a thread that has entered the runtime.
        let _entered = runtime.enter();
        futures03::executor::block_on(all_pairings());
        all_pairings_futures01().wait().unwrap();
    });
}

#[test]
fn every_pairing_works_on_the_current_thread() {
    bounded(|| {
        let mut runtime = current_thread::Runtime::new().unwrap();
        runtime.block_on(all_pairings());
        runtime.block_on(all_pairings_futures01()).unwrap();
        let task = runtime.spawn(all_pairings());
        runtime.block_on(task).unwrap();
        runtime.spawn(all_pairings_futures01()).run().unwrap();
    });
}

#[test]
fn every_pairing_works_in_a_set_of_local_tasks() {
    bounded(|| {
        let runtime = runtime(1);
        let set = LocalSet::new();
        let task = set.spawn_local(all_pairings());
        set.spawn_local(all_pairings_futures01());
        set.block_on(&runtime, async {
            spawn_local(all_pairings()).await.unwrap();
            task.await.unwrap();
        });
        runtime.as_handle().block_on(set);
    });
}

/// A pool and a runtime of the current thread in one program; each waits for the other's tasks.
#[test]
fn every_pairing_works_across_two_runtimes() {
    bounded(|| {
        let pool = runtime(2);
        let executor = pool.executor();
        let mut local = current_thread::Runtime::new().unwrap();
        let handle = local.handle();
        let on_pool = executor.spawn(async move {
            // Back on the thread of the other one, and there.
            handle.spawn(all_pairings()).unwrap().await.unwrap();
            let task = handle.spawn(all_pairings()).unwrap();
            Futures01AsStd::new(task.join()).await.unwrap();
            all_pairings().await;
        });
        let futures01 = on_pool.join().map_err(|e| panic!("{e}"));
        local.block_on(futures01.join(all_pairings_futures01())).unwrap();
        pool.shutdown_on_idle().wait().unwrap();
    });
}
