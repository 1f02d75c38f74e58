//! Many messages between tasks of both generations, threads and sockets: none is lost, doubled,
//! changed or swapped, and none is left lying because of a wake-up that got lost.
//!
//! The plain tests send some hundred thousand. The full run sends 90 million, so that an interleaving
//! that comes up once in millions does come up; it takes a minute on two processors:
//! `cargo test --release -p tokio --test stress -- --ignored --nocapture`.

mod support;

use futures::sync::{mpsc as mpsc01, oneshot as oneshot01};
use futures::{future, stream, Future as _, Sink as _, Stream as _};
use futures03::channel::{mpsc as mpsc03, oneshot as oneshot03};
use futures03::{SinkExt, StreamExt};
use std::future::poll_fn;
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::task::{ready, Poll};
use std::thread;
use std::time::{Duration, Instant};
use support::echo::{checksum, noise, Peer};
use support::{bounded, bounded_by, listener, runtime, Futures01, Generation, Std};
use tokio::net::TcpStream;
use tokio::task::{Futures01AsStd, StdAsFutures01};
use tokio_task::{to_futures01, Caller, Waiter};

/// How many tasks, channels or connections there are of a kind at a time.
const WIDTH: u64 = 16;

/// How long the full run may take.
const FULL_LIMIT: Duration = Duration::from_secs(240);

/// What the plain tests send in each way.
const SOME: u64 = 40_000;

#[test]
fn some_messages_through_futures01_channels() {
    bounded(|| assert!(futures01_channels(SOME) >= SOME));
}

#[test]
fn some_messages_through_std_channels() {
    bounded(|| assert!(std_channels(SOME) >= SOME));
}

#[test]
fn some_messages_through_channels_with_a_thread_at_one_end() {
    bounded(|| assert!(thread_channels(SOME) >= SOME));
}

#[test]
fn some_messages_through_oneshots() {
    bounded(|| assert!(oneshots(SOME) >= SOME));
}

#[test]
fn some_messages_to_and_fro_between_tasks() {
    bounded(|| assert!(ping_pong(SOME) >= SOME));
}

#[test]
fn some_messages_to_and_fro_between_tasks_and_threads() {
    bounded(|| assert!(ping_pong_with_threads(SOME / 4) >= SOME / 4));
}

#[test]
fn some_messages_through_sockets() {
    bounded(|| assert!(sockets(SOME) >= SOME));
}

#[test]
#[ignore = "takes a minute in release mode"]
fn many_million_messages() {
    type Part = (&'static str, fn(u64) -> u64, u64);
    const PARTS: [Part; 7] = [
        ("futures 0.1 channels", futures01_channels, 20_000_000),
        ("std channels", std_channels, 20_000_000),
        ("channels to and from threads", thread_channels, 12_000_000),
        ("oneshots", oneshots, 12_000_000),
        ("to and fro between tasks", ping_pong, 16_000_000),
        ("to and fro with threads", ping_pong_with_threads, 2_000_000),
        ("sockets", sockets, 8_000_000),
    ];
    let start = Instant::now();
    let total = bounded_by(FULL_LIMIT, || {
        let send = |(name, part, messages): Part| {
            let start = Instant::now();
            let sent = part(messages);
            println!("{sent:>10} messages in {:>6.2} s: {name}", start.elapsed().as_secs_f64());
            sent
        };
        PARTS.into_iter().map(send).sum::<u64>()
    });
    println!("{total:>10} messages in {:>6.2} s, none lost", start.elapsed().as_secs_f64());
    assert!(total >= 10_000_000);
}

/// The sum of the numbers below `n`: what a receiver of each of them once has summed up.
fn sum_below(n: u64) -> u64 {
    n * n.saturating_sub(1) / 2
}

/// Collects what the `WIDTH` receivers summed up.
#[track_caller]
fn assert_sums(sums: &std::sync::mpsc::Receiver<u64>, each: u64) {
    for _ in 0..WIDTH {
        assert_eq!(sums.recv_timeout(FULL_LIMIT).expect("in time"), sum_below(each));
    }
}

/// Bounded channels of futures 0.1. The sending and the receiving tasks are of either generation.
fn futures01_channels(messages: u64) -> u64 {
    let runtime = runtime(2);
    let each = messages.div_ceil(WIDTH);
    let (report, sums) = channel();
    for i in 0..WIDTH {
        let (tx, rx) = mpsc01::channel((i % 5) as usize);
        let report = report.clone();
        let send = tx.send_all(stream::iter_ok(0..each)).map(drop).map_err(|e| panic!("{e}"));
        let receive = rx.fold(0, |sum, n| Ok(sum + n)).map(move |sum| report.send(sum).unwrap());
        if i % 2 == 0 {
            runtime.executor().spawn(send);
        } else {
            runtime.executor().spawn(Futures01AsStd::new(send));
        }
        if i % 4 < 2 {
            runtime.executor().spawn(receive);
        } else {
            runtime.executor().spawn(Futures01AsStd::new(receive));
        }
    }
    assert_sums(&sums, each);
    runtime.shutdown_on_idle().wait().unwrap();
    each * WIDTH
}

/// Bounded channels of futures 0.3. The sending and the receiving tasks are of either generation.
fn std_channels(messages: u64) -> u64 {
    let runtime = runtime(2);
    let each = messages.div_ceil(WIDTH);
    let (report, sums) = channel();
    for i in 0..WIDTH {
        let (mut tx, rx) = mpsc03::channel((i % 5) as usize);
        let report = report.clone();
        let send = async move {
            let mut numbers = futures03::stream::iter(0..each).map(Ok);
            tx.send_all(&mut numbers).await.unwrap();
        };
        let receive = async move {
            report.send(rx.fold(0, |sum, n| async move { sum + n }).await).unwrap();
        };
        if i % 2 == 0 {
            runtime.executor().spawn(send);
        } else {
            runtime.executor().spawn(StdAsFutures01::new(send).map_err(|never| match never {}));
        }
        if i % 4 < 2 {
            runtime.executor().spawn(receive);
        } else {
            runtime.executor().spawn(StdAsFutures01::new(receive).map_err(|never| match never {}));
        }
    }
    assert_sums(&sums, each);
    runtime.shutdown_on_idle().wait().unwrap();
    each * WIDTH
}

/// Channels of both generations with a thread at one end and a task at the other.
fn thread_channels(messages: u64) -> u64 {
    let runtime = runtime(2);
    let executor = runtime.executor();
    let each = messages.div_ceil(WIDTH);
    let (report, sums) = channel();
    let mut threads = Vec::new();
    for i in 0..WIDTH {
        let report = report.clone();
        match i % 4 {
            0 => {
                let (tx, rx) = mpsc01::channel(64);
                threads.push(thread::spawn(move || {
                    let mut tx = tx.wait();
                    for n in 0..each {
                        tx.send(n).unwrap();
                    }
                }));
                let sum = rx.fold(0, |sum, n| Ok(sum + n));
                executor.spawn(sum.map(move |sum| report.send(sum).unwrap()));
            }
            1 => {
                let (tx, rx) = mpsc01::channel(64);
                threads.push(thread::spawn(move || {
                    report.send(rx.wait().map(Result::unwrap).sum()).unwrap();
                }));
                executor.spawn(tx.send_all(stream::iter_ok(0..each)).then(|_| Ok(())));
            }
            2 => {
                let (mut tx, rx) = mpsc03::channel(64);
                threads.push(thread::spawn(move || {
                    futures03::executor::block_on(async {
                        for n in 0..each {
                            tx.send(n).await.unwrap();
                        }
                    })
                }));
                executor.spawn(async move {
                    report.send(rx.fold(0, |sum, n| async move { sum + n }).await).unwrap();
                });
            }
            _ => {
                let (mut tx, rx) = mpsc03::channel(64);
                threads.push(thread::spawn(move || {
                    report.send(futures03::executor::block_on_stream(rx).sum()).unwrap();
                }));
                executor.spawn(async move {
                    for n in 0..each {
                        tx.send(n).await.unwrap();
                    }
                });
            }
        }
    }
    assert_sums(&sums, each);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    runtime.shutdown_on_idle().wait().unwrap();
    each * WIDTH
}

/// A task spawns a task for each message, and waits for 64 of them at a time in whatever order
/// they answer.
fn oneshots(messages: u64) -> u64 {
    let runtime = runtime(2);
    let each = messages.div_ceil(WIDTH);
    let (report, sums) = channel();
    for i in 0..WIDTH {
        let report = report.clone();
        if i % 2 == 0 {
            let answers = stream::iter_ok(0..each).map(|n| {
                let (tx, rx) = oneshot01::channel();
                if n % 2 == 0 {
                    tokio::spawn(future::lazy(move || tx.send(n).map_err(drop)));
                } else {
                    tokio::spawn(async move { tx.send(n).unwrap() });
                }
                rx.map_err(drop)
            });
            let sum = answers.buffer_unordered(64).fold(0, |sum, n| Ok(sum + n));
            runtime.executor().spawn(sum.map(move |sum| report.send(sum).unwrap()));
        } else {
            let answers = futures03::stream::iter(0..each).map(|n| {
                let (tx, rx) = oneshot03::channel();
                if n % 2 == 0 {
                    tokio::spawn(async move { tx.send(n).unwrap() });
                } else {
                    tokio::spawn(future::lazy(move || tx.send(n).map_err(drop)));
                }
                async { rx.await.unwrap() }
            });
            let sum = answers.buffer_unordered(64).fold(0, |sum, n| async move { sum + n });
            runtime.executor().spawn(async move { report.send(sum.await).unwrap() });
        }
    }
    assert_sums(&sums, each);
    runtime.shutdown_on_idle().wait().unwrap();
    each * WIDTH
}

/// Room for one message, and for the one who waits for it or for the room. Nothing but a mutex and
/// [`Waiter`], so that every wake-up counts: each that is lost is a hang.
#[derive(Default)]
struct Slot(Mutex<(Option<u64>, Option<Waiter>)>);

impl Slot {
    fn poll_put(&self, caller: Caller<'_>, message: u64) -> Poll<()> {
        self.poll_with(caller, |slot| match slot {
            Some(_) => Poll::Pending,
            None => {
                *slot = Some(message);
                Poll::Ready(())
            }
        })
    }

    fn poll_take(&self, caller: Caller<'_>) -> Poll<u64> {
        self.poll_with(caller, |slot| slot.take().map_or(Poll::Pending, Poll::Ready))
    }

    /// Wakes the other side if `op` was done, else waits to be woken by it.
    fn poll_with<T>(
        &self,
        caller: Caller<'_>,
        op: impl FnOnce(&mut Option<u64>) -> Poll<T>,
    ) -> Poll<T> {
        let mut waits = Some(Waiter::from(caller));
        let mut slot = self.0.lock().unwrap();
        let poll = op(&mut slot.0);
        let other = match poll {
            Poll::Ready(_) => slot.1.take(),
            Poll::Pending => std::mem::replace(&mut slot.1, waits.take()),
        };
        drop(slot);
        // At the latest here, without the lock, foreign code may run.
        match &poll {
            Poll::Ready(_) => other.into_iter().for_each(Waiter::wake),
            Poll::Pending => drop(other),
        }
        poll
    }
}

/// One player: takes from one slot, and puts one more into the other. It ends when it has put
/// `last` or that has been put before.
struct Player {
    from: Arc<Slot>,
    to: Arc<Slot>,
    holds: Option<u64>,
    last: u64,
    done: Sender<u64>,
}

impl Player {
    fn pair(last: u64, done: &Sender<u64>) -> [Player; 2] {
        let (a, b) = (Arc::new(Slot::default()), Arc::new(Slot::default()));
        let player = |from: &Arc<Slot>, to: &Arc<Slot>, holds| Player {
            from: from.clone(),
            to: to.clone(),
            holds,
            last,
            done: done.clone(),
        };
        [player(&a, &b, Some(0)), player(&b, &a, None)]
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        loop {
            if let Some(n) = self.holds {
                ready!(self.to.poll_put(caller, n));
                self.holds = None;
                if n + 1 >= self.last {
                    self.done.send(n).unwrap();
                    return Poll::Ready(());
                }
            }
            let n = ready!(self.from.poll_take(caller));
            if n + 1 == self.last {
                self.done.send(n).unwrap();
                return Poll::Ready(());
            }
            self.holds = Some(n + 1);
        }
    }
}

fn play(mut player: Player) -> impl FnMut(Caller<'_>) -> Poll<()> + Send {
    move |caller| player.poll(caller)
}

fn ping_pong(messages: u64) -> u64 {
    let runtime = runtime(2);
    let executor = runtime.executor();
    let each = messages.div_ceil(WIDTH);
    let (done, ends) = channel();
    for i in 0..WIDTH {
        let [one, other] = Player::pair(each, &done);
        match i % 4 {
            0 | 1 => Futures01::spawn_on(&executor, play(one)),
            _ => Std::spawn_on(&executor, play(one)),
        }
        match i % 4 {
            0 | 2 => Futures01::spawn_on(&executor, play(other)),
            _ => Std::spawn_on(&executor, play(other)),
        }
    }
    for _ in 0..2 * WIDTH {
        assert_eq!(ends.recv_timeout(FULL_LIMIT).expect("in time"), each - 1);
    }
    runtime.shutdown_on_idle().wait().unwrap();
    each * WIDTH
}

/// One player is a task, the other a thread that blocks on either generation's future.
fn ping_pong_with_threads(messages: u64) -> u64 {
    let runtime = runtime(2);
    let executor = runtime.executor();
    let each = messages.div_ceil(WIDTH);
    let (done, ends) = channel();
    for i in 0..WIDTH {
        let [one, other] = Player::pair(each, &done);
        let mut on_thread = play(other);
        if i % 4 < 2 {
            Futures01::spawn_on(&executor, play(one));
        } else {
            Std::spawn_on(&executor, play(one));
        }
        thread::spawn(move || {
            if i % 2 == 0 {
                let step = || to_futures01(on_thread(Caller::Futures01).map(Ok::<_, ()>));
                future::poll_fn(step).wait().unwrap();
            } else {
                futures03::executor::block_on(poll_fn(|cx| on_thread(cx.into())));
            }
        });
    }
    for _ in 0..2 * WIDTH {
        assert_eq!(ends.recv_timeout(FULL_LIMIT).expect("in time"), each - 1);
    }
    runtime.shutdown_on_idle().wait().unwrap();
    each * WIDTH
}

/// Messages of 1 byte to 64 KiB through echo servers of both generations and back.
fn sockets(messages: u64) -> u64 {
    let mut runtime = runtime(2);
    let each = messages.div_ceil(WIDTH);
    let mut clients = Vec::new();
    let (done, ends) = channel();
    for i in 0..WIDTH {
        let (listener, futures01) = (listener(), i % 2 == 0);
        let addr = listener.local_addr().unwrap();
        let client = runtime.block_on(async move {
            if futures01 {
                Futures01::serve(listener, 1);
            } else {
                Std::serve(listener, 1);
            }
            TcpStream::connect(&addr).await.unwrap()
        });
        clients.push(Arc::new(client));
    }
    for (i, sock) in clients.into_iter().enumerate() {
        let mut writer =
            Writer { sock: sock.clone(), ahead: Vec::new(), at: 0, next: 0, end: each };
        let mut reader = Reader::new(sock, each);
        let done = done.clone();
        let write = move |caller: Caller<'_>| writer.poll(caller);
        let read = move |caller: Caller<'_>| {
            done.send(ready!(reader.poll(caller))).unwrap();
            Poll::Ready(())
        };
        let executor = runtime.executor();
        match i % 8 {
            0..4 => Futures01::spawn_on(&executor, write),
            _ => Std::spawn_on(&executor, write),
        }
        match i % 4 {
            0..2 => Futures01::spawn_on(&executor, read),
            _ => Std::spawn_on(&executor, read),
        }
    }
    for _ in 0..WIDTH {
        assert_eq!(ends.recv_timeout(FULL_LIMIT).expect("in time"), each);
    }
    runtime.shutdown_on_idle().wait().unwrap();
    each * WIDTH
}

/// A message is its length and its number (4 bytes each), the checksum of its body (8), its body.
const HEADER: usize = 16;

fn encode(number: u64, into: &mut Vec<u8>) {
    // Mostly some bytes, at times up to 64 KiB.
    let odds = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let len = 1 + if number % 128 == 127 { odds % 65_536 } else { odds % 64 } as usize;
    let body = noise(len, number);
    into.extend_from_slice(&(len as u32).to_le_bytes());
    into.extend_from_slice(&(number as u32).to_le_bytes());
    into.extend_from_slice(&checksum(number, &body).to_le_bytes());
    into.extend_from_slice(&body);
}

struct Writer {
    sock: Arc<TcpStream>,
    ahead: Vec<u8>,
    at: usize,
    next: u64,
    end: u64,
}

impl Writer {
    fn poll(&mut self, caller: Caller<'_>) -> Poll<()> {
        loop {
            while self.at < self.ahead.len() {
                self.at +=
                    ready!(self.sock.poll_write_with(caller, &self.ahead[self.at..])).unwrap();
            }
            if self.next == self.end {
                self.sock.shutdown(std::net::Shutdown::Write).unwrap();
                return Poll::Ready(());
            }
            self.ahead.clear();
            self.at = 0;
            // As many as come together in one system call: one to four.
            for _ in 0..=self.next % 4 {
                if self.next < self.end {
                    encode(self.next, &mut self.ahead);
                    self.next += 1;
                }
            }
        }
    }
}

struct Reader {
    sock: Arc<TcpStream>,
    chunk: Box<[u8]>,
    pending: Vec<u8>,
    next: u64,
    end: u64,
}

impl Reader {
    fn new(sock: Arc<TcpStream>, end: u64) -> Self {
        let chunk = vec![0; 32 * 1024].into_boxed_slice();
        Reader { sock, chunk, pending: Vec::new(), next: 0, end }
    }

    fn poll(&mut self, caller: Caller<'_>) -> Poll<u64> {
        loop {
            let n = ready!(self.sock.poll_read_with(caller, &mut self.chunk)).unwrap();
            if n == 0 {
                assert!(self.pending.is_empty(), "the stream ended inside a message");
                assert_eq!(self.next, self.end);
                return Poll::Ready(self.next);
            }
            self.pending.extend_from_slice(&self.chunk[..n]);
            let mut rest = &self.pending[..];
            while let Some((header, body)) = rest.split_at_checked(HEADER) {
                let len = u32::from_le_bytes(header[..4].try_into().unwrap()) as usize;
                let Some((body, after)) = body.split_at_checked(len) else { break };
                assert_eq!(header[4..8], (self.next as u32).to_le_bytes(), "out of order");
                assert_eq!(header[8..], checksum(self.next, body).to_le_bytes(), "changed");
                self.next += 1;
                rest = after;
            }
            let read = self.pending.len() - rest.len();
            self.pending.drain(..read);
        }
    }
}
