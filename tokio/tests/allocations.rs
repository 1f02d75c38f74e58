//! In steady state neither generation allocates: not for a poll, not for a wake, not for waiting.
//! In a process of its own, as it counts the allocations of the whole process.

mod support;

use futures::{future, Future as _};
use std::future::poll_fn;
use std::io::{Read, Write};
use std::net;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{ready, Poll};
use support::{bounded, runtime, Futures01, Generation, Std};
use tests_heap::{process, Counting};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::{Futures01AsStd, LocalSet, StdAsFutures01};
use tokio_task::{to_futures01, Caller, Waiter};

#[global_allocator]
static HEAP: Counting = Counting;

/// One test for all, as the harness would allocate between two.
#[test]
fn nothing_is_allocated_per_poll_or_wake() {
    bounded(|| {
        type Test = (&'static str, fn() -> usize);
        let tests: [Test; 12] = [
            ("0.1 echo", echo::<Futures01>),
            ("std echo", echo::<Std>),
            ("0.1 echo in a std task", futures01_echo_in_a_std_task),
            ("std echo in a 0.1 task", std_echo_in_a_futures01_task),
            ("0.1 combinators", combinators),
            ("async functions", async_functions),
            ("0.1 UDP", udp::<Futures01>),
            ("std UDP", udp::<Std>),
            ("0.1 wakes", wakes::<Futures01>),
            ("std wakes", wakes::<Std>),
            ("a set of local tasks", local_set),
            ("task-locals", task_locals),
        ];
        for (name, allocations) in tests {
            assert_eq!(allocations(), 0, "{name}");
        }
    });
}

/// How many rounds of a thousand are looked at. What a thread does once, like joining the queues'
/// memory reclamation when it first steals, falls into some of them; what each poll or wake does
/// falls into all.
const WINDOWS: usize = 5;

/// How often was allocated in a thousand rounds, at the least.
fn of_rounds(mut round: impl FnMut(u8)) -> usize {
    (0..200).for_each(&mut round);
    let mut of_window = || {
        let before = process::allocations();
        (0..1000).for_each(|n| round(n as u8));
        process::allocations() - before
    };
    std::array::from_fn::<usize, WINDOWS, _>(|_| of_window()).into_iter().min().unwrap()
}

/// A pair of connected sockets, one of them ours.
fn pair() -> (TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    peer.set_read_timeout(Some(support::LIMIT)).unwrap();
    peer.set_nodelay(true).unwrap();
    let (ours, _) = listener.accept().unwrap();
    (TcpStream::from_std(ours, &Default::default()).unwrap(), peer)
}

const LEN: usize = 100;

fn of_exchanges(mut peer: net::TcpStream) -> usize {
    of_rounds(|n| {
        let mut echo = [0; LEN];
        peer.write_all(&[n; LEN]).unwrap();
        peer.read_exact(&mut echo).unwrap();
        assert_eq!(echo, [n; LEN]);
    })
}

/// The poll of a task that echoes until the end.
fn echo_step(sock: TcpStream) -> impl FnMut(Caller<'_>) -> Poll<()> + Send {
    let mut buf = [0; 4096];
    let (mut start, mut end) = (0, 0);
    move |caller| loop {
        while start < end {
            start += ready!(sock.poll_write_with(caller, &buf[start..end])).unwrap();
        }
        end = ready!(sock.poll_read_with(caller, &mut buf)).unwrap();
        start = 0;
        if end == 0 {
            return Poll::Ready(());
        }
    }
}

fn echo<G: Generation>() -> usize {
    let runtime = runtime(2);
    let (sock, peer) = pair();
    G::spawn_on(&runtime.executor(), echo_step(sock));
    let allocations = of_exchanges(peer);
    runtime.shutdown_on_idle().wait().unwrap();
    allocations
}

fn futures01_echo_in_a_std_task() -> usize {
    let mut runtime = runtime(2);
    let (sock, peer) = pair();
    let mut step = echo_step(sock);
    let echo = future::poll_fn(move || to_futures01(step(Caller::Futures01).map(Ok::<_, ()>)));
    runtime.spawn(Futures01AsStd::new(echo));
    of_exchanges(peer)
}

fn std_echo_in_a_futures01_task() -> usize {
    let mut runtime = runtime(2);
    let (sock, peer) = pair();
    let mut step = echo_step(sock);
    let echo = StdAsFutures01::new(poll_fn(move |cx| step(cx.into())));
    runtime.spawn(echo.map_err(|never| match never {}));
    of_exchanges(peer)
}

fn combinators() -> usize {
    let mut runtime = runtime(2);
    let (sock, peer) = pair();
    runtime.spawn(
        future::loop_fn((sock, [0; LEN]), |(sock, buf)| {
            tokio::io::read_exact(sock, buf)
                .and_then(|(sock, buf)| tokio::io::write_all(sock, buf))
                .map(future::Loop::<(), _>::Continue)
        })
        .map_err(|end| assert_eq!(end.kind(), std::io::ErrorKind::UnexpectedEof)),
    );
    of_exchanges(peer)
}

fn async_functions() -> usize {
    let mut runtime = runtime(2);
    let (mut sock, peer) = pair();
    runtime.spawn(async move {
        let mut buf = [0; LEN];
        while futures03::AsyncReadExt::read_exact(&mut sock, &mut buf).await.is_ok() {
            futures03::AsyncWriteExt::write_all(&mut sock, &buf).await.unwrap();
        }
    });
    of_exchanges(peer)
}

fn udp<G: Generation>() -> usize {
    let runtime = runtime(2);
    let sock = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let peer = net::UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.connect(sock.local_addr().unwrap()).unwrap();
    peer.set_read_timeout(Some(support::LIMIT)).unwrap();
    let mut buf = [0; LEN];
    let mut answer = None;
    G::spawn_on(&runtime.executor(), move |caller| loop {
        if let Some((len, to)) = answer {
            ready!(sock.poll_send_to_with(caller, &buf[..len], &to)).unwrap();
        }
        answer = None;
        answer = Some(ready!(sock.poll_recv_from_with(caller, &mut buf)).unwrap());
    });
    of_rounds(|n| {
        let mut echo = [0; LEN];
        peer.send(&[n; LEN]).unwrap();
        assert_eq!(peer.recv(&mut echo).unwrap(), LEN);
        assert_eq!(echo, [n; LEN]);
    })
}

/// Two tasks that wait for each other: each turn is a wake, a poll, and a waiter that is parked.
fn wakes<G: Generation>() -> usize {
    const WINDOW: u64 = 10_000;
    const TURNS: u64 = WINDOW * WINDOWS as u64;

    let runtime = runtime(2);
    let turn = Arc::new(AtomicU64::new(0));
    let marks: Arc<[AtomicUsize; WINDOWS + 1]> = Default::default();
    let waiters: Arc<[Mutex<Option<Waiter>>; 2]> = Default::default();
    for me in [0, 1] {
        let (turn, marks, waiters) = (turn.clone(), marks.clone(), waiters.clone());
        G::spawn_on(&runtime.executor(), move |caller| {
            let waiter = Waiter::from(caller);
            let displaced = waiters[me].lock().unwrap().replace(waiter);
            drop(displaced);
            let now = turn.load(SeqCst);
            if now <= TURNS && now % 2 != me as u64 {
                return Poll::Pending;
            }
            if now <= TURNS {
                if now % WINDOW == 0 {
                    marks[(now / WINDOW) as usize].store(process::allocations(), SeqCst);
                }
                turn.store(now + 1, SeqCst);
            }
            let other = waiters[1 - me].lock().unwrap().take();
            if let Some(other) = other {
                other.wake();
            }
            if now < TURNS {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        });
    }
    runtime.shutdown_on_idle().wait().unwrap();
    marks.windows(2).map(|marks| marks[1].load(SeqCst) - marks[0].load(SeqCst)).min().unwrap()
}

/// A task of a set that a thread beside the runtime awaits.
fn local_set() -> usize {
    let (sock, peer) = pair();
    let thread = std::thread::spawn(move || {
        let runtime = runtime(1);
        let set = LocalSet::new();
        let mut step = echo_step(sock);
        let echo = set.spawn_local(poll_fn(move |cx| step(cx.into())));
        set.block_on(&runtime, echo).unwrap();
    });
    let allocations = of_exchanges(peer);
    thread.join().unwrap();
    allocations
}

tokio::task_local! {
    static NUMBER: u64;
}

/// A scope of each generation around one of the other.
fn task_locals() -> usize {
    let runtime = runtime(1);
    let (sock, peer) = pair();
    let mut step = echo_step(sock);
    let inside = NUMBER.scope(1, poll_fn(move |cx| NUMBER.with(|_| step(cx.into()))));
    let outside = NUMBER.scope(2, StdAsFutures01::new(inside).map_err(|never| match never {}));
    runtime.executor().spawn(outside);
    of_exchanges(peer)
}
