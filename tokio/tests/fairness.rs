//! Nobody waits for ever: not for tasks that are always ready, nor for one that never returns.

mod support;

use futures::stream::FuturesUnordered as FuturesUnordered01;
use futures::{future, Future as _, Stream as _};
use futures03::stream::FuturesUnordered;
use futures03::StreamExt;
use std::future::poll_fn;
use std::io::{Read, Write};
use std::net;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::task::{ready, Poll};
use support::echo::{noise, Peer};
use support::{bounded, listener, once, runtime, within, Generation, LIMIT};
use tokio::net::UdpSocket;
use tokio::runtime::Runtime;
use tokio_task::{Caller, Waiter};

both! {
    tasks_that_are_always_ready_do_not_starve_sockets,
    two_tasks_that_wake_each_other_do_not_starve_a_third,
    many_short_block_on_calls_advance_sockets,
    a_poll_that_never_returns_stops_neither_sockets_nor_queued_tasks,
    a_task_whose_socket_is_always_ready_lets_others_run,
}

/// A blocking client of an echo server that runs in `runtime`.
struct Client(net::TcpStream);

impl Client {
    fn new<G: Peer>(runtime: &mut Runtime) -> Client {
        let listener = listener();
        let addr = listener.local_addr().unwrap();
        runtime.block_on(async move { G::serve(listener, 1) });
        let client = net::TcpStream::connect(addr).unwrap();
        client.set_read_timeout(Some(LIMIT)).unwrap();
        client.set_nodelay(true).unwrap();
        Client(client)
    }

    fn exchange(&mut self, n: u64) {
        let message = noise(100, n);
        let mut echo = [0; 100];
        self.0.write_all(&message).unwrap();
        self.0.read_exact(&mut echo).unwrap();
        assert_eq!(message, echo);
    }
}

fn tasks_that_are_always_ready_do_not_starve_sockets<G: Generation + Peer>() {
    for workers in [1, 2] {
        let mut runtime = runtime(workers);
        let mut client = Client::new::<G>(&mut runtime);
        let polls = Arc::new(AtomicU64::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..10 {
            let (polls, stop) = (polls.clone(), stop.clone());
            let spin = move |caller: Caller<'_>| {
                polls.fetch_add(1, SeqCst);
                if stop.load(SeqCst) {
                    return Poll::Ready(());
                }
                caller.wake();
                Poll::Pending
            };
            G::spawn_on(&runtime.executor(), spin);
        }
        for n in 0..100 {
            client.exchange(n);
        }
        let before = polls.load(SeqCst);
        assert!(before > 100, "they did spin: {before}");
        stop.store(true, SeqCst);
        drop(client);
        runtime.shutdown_on_idle().wait().unwrap();
    }
}

fn two_tasks_that_wake_each_other_do_not_starve_a_third<G: Generation + Peer>() {
    let mut runtime = runtime(1);
    let mut client = Client::new::<G>(&mut runtime);
    let stop = Arc::new(AtomicBool::new(false));
    let waiters: Arc<[std::sync::Mutex<Option<Waiter>>; 2]> = Default::default();
    for me in [0, 1] {
        let (stop, waiters) = (stop.clone(), waiters.clone());
        G::spawn_on(&runtime.executor(), move |caller| {
            let waiter = Waiter::from(caller);
            let displaced = waiters[me].lock().unwrap().replace(waiter);
            drop(displaced);
            let other = waiters[1 - me].lock().unwrap().take();
            if let Some(other) = other {
                other.wake();
            }
            if stop.load(SeqCst) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
    }
    // A third task that was not there before, and a fourth that waits for its socket.
    for n in 0..20 {
        let (done, third) = channel();
        G::spawn_on(&runtime.executor(), once(move || done.send(()).unwrap()));
        within(&third);
        client.exchange(n);
    }
    stop.store(true, SeqCst);
    // One of the two may still wait for a wake of the other, which is gone.
    drop(client);
    runtime.shutdown_now().wait().unwrap();
}

fn many_short_block_on_calls_advance_sockets<G: Generation + Peer>() {
    for workers in [1, 2] {
        let mut runtime = runtime(workers);
        let mut client = Client::new::<G>(&mut runtime);
        let exchanges = std::thread::spawn(move || {
            for n in 0..100 {
                client.exchange(n);
            }
        });
        while !exchanges.is_finished() {
            G::block_on(&mut runtime, once(|| ()));
        }
        exchanges.join().unwrap();
    }
}

fn a_poll_that_never_returns_stops_neither_sockets_nor_queued_tasks<G: Generation + Peer>() {
    let mut runtime = runtime(2);
    let mut client = Client::new::<G>(&mut runtime);
    let (release, released) = channel::<()>();
    let (ran, runs) = channel();
    G::spawn_on(
        &runtime.executor(),
        once(move || {
            // The last of them takes this worker's next-to-run slot, the others its queue.
            for _ in 0..5 {
                let ran = ran.clone();
                G::spawn_once(move || ran.send("queued").unwrap());
            }
            ran.send("blocks").unwrap();
            released.recv().unwrap();
            ran.send("returns").unwrap();
        }),
    );
    assert_eq!(within(&runs), "blocks");
    for n in 0..50 {
        client.exchange(n);
    }
    for _ in 0..5 {
        assert_eq!(within(&runs), "queued");
    }
    // What is spawned from outside runs too.
    let (done, outside) = channel();
    G::spawn_on(&runtime.executor(), once(move || done.send(()).unwrap()));
    within(&outside);
    client.exchange(50);
    release.send(()).unwrap();
    assert_eq!(within(&runs), "returns");
    drop(client);
    runtime.shutdown_on_idle().wait().unwrap();
}

/// A socket that can always be written to: it drops what nobody receives.
fn always_writable() -> (UdpSocket, net::SocketAddr) {
    let socket = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

fn a_task_whose_socket_is_always_ready_lets_others_run<G: Generation + Peer>() {
    let runtime = runtime(1);
    let (socket, addr) = always_writable();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let (report, reports) = channel();
    G::spawn_on(&runtime.executor(), move |caller| {
        let _ = report.send("polled");
        // By itself this never returns.
        while !stopped.load(SeqCst) {
            ready!(socket.poll_send_to_with(caller, b"x", &addr)).unwrap();
        }
        report.send("stopped").unwrap();
        Poll::Ready(())
    });
    assert_eq!(within(&reports), "polled");
    // Only a task can stop it, and there is one worker.
    G::spawn_on(&runtime.executor(), once(move || stop.store(true, SeqCst)));
    while within(&reports) != "stopped" {}
    runtime.shutdown_on_idle().wait().unwrap();
}

/// These poll all their futures again at once, whatever those answer.
#[test]
fn unordered_futures_that_are_always_ready_come_to_an_end_in_either_generation() {
    const COUNT: usize = 1_000;
    bounded(|| {
        let mut runtime = runtime(1);
        let (socket, addr) = always_writable();
        let socket = Arc::new(socket);

        let sends: FuturesUnordered01<_> = (0..COUNT)
            .map(|_| {
                let socket = socket.clone();
                future::poll_fn(move || {
                    let sent = socket.poll_send_to_with(Caller::Futures01, b"x", &addr);
                    tokio_task::to_futures01(sent)
                })
            })
            .collect();
        assert_eq!(runtime.block_on(sends.collect()).unwrap().len(), COUNT);

        let sends: FuturesUnordered<_> = (0..COUNT)
            .map(|_| {
                let socket = socket.clone();
                poll_fn(move |cx| socket.poll_send_to_with(cx.into(), b"x", &addr))
            })
            .collect();
        assert_eq!(runtime.block_on(StreamExt::collect::<Vec<_>>(sends)).len(), COUNT);
    });
}
