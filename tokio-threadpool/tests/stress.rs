//! Messages between tasks of both generations and threads, many times: none is lost, and no wake.
//!
//! `cargo test --release --test stress -- --ignored` moves ten million.

mod support;

use self::support::{threads, Futures01, Generation, Std};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{mpsc, Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use tokio_task::{Caller, WaiterCell};
use tokio_threadpool::park::DefaultPark;
use tokio_threadpool::{Builder, Sender, ThreadPool};

/// Where one task receives.
#[derive(Default)]
struct Mailbox {
    queue: Mutex<VecDeque<usize>>,
    receiver: WaiterCell,
}

impl Mailbox {
    fn send(&self, message: usize) {
        self.queue.lock().unwrap().push_back(message);
        self.receiver.wake();
    }

    fn try_receive(&self) -> Option<usize> {
        self.queue.lock().unwrap().pop_front()
    }

    fn poll(&self, caller: Caller<'_>) -> Poll<usize> {
        if let Some(message) = self.try_receive() {
            return Poll::Ready(message);
        }
        drop(self.receiver.register(caller));
        self.try_receive().map_or(Poll::Pending, Poll::Ready)
    }
}

/// One place in a ring.
#[derive(Clone)]
enum Stop {
    Task(Arc<Mailbox>),
    Thread(mpsc::Sender<usize>),
}

impl Stop {
    fn send(&self, message: usize) {
        match self {
            Stop::Task(mailbox) => mailbox.send(message),
            // An error: the thread has seen the last message, and gone.
            Stop::Thread(thread) => drop(thread.send(message)),
        }
    }
}

const END: usize = usize::MAX;

/// Hands messages on, one a hop, until a message that has no hops left; then an `END` goes round.
struct Ring {
    stops: Vec<Stop>,
    /// Messages that are under way.
    tokens: AtomicUsize,
    hops: Arc<AtomicUsize>,
    done: mpsc::Sender<()>,
}

impl Ring {
    /// What the one at `place` does with a message. False when it is to end.
    fn pass(&self, place: usize, message: usize) -> bool {
        let next = &self.stops[(place + 1) % self.stops.len()];
        match message {
            END => {
                if place + 1 < self.stops.len() {
                    next.send(END);
                } else {
                    let _ = self.done.send(());
                }
                false
            }
            0 => {
                // The last one to arrive ends the ring.
                if self.tokens.fetch_sub(1, Relaxed) == 1 {
                    self.stops[0].send(END);
                }
                true
            }
            hops => {
                self.hops.fetch_add(1, Relaxed);
                next.send(hops - 1);
                true
            }
        }
    }
}

fn spawn_stop(
    generation: impl Generation,
    sender: &Sender,
    ring: &Arc<Ring>,
    place: usize,
    mailbox: Arc<Mailbox>,
) {
    let ring = ring.clone();
    generation.spawn(sender, move |caller| {
        // Not more at once, to be fair.
        for _ in 0..16 {
            let Poll::Ready(message) = mailbox.poll(caller) else { return Poll::Pending };
            if !ring.pass(place, message) {
                return Poll::Ready(());
            }
        }
        caller.wake();
        Poll::Pending
    });
}

/// Six tasks, of either generation in turn, of both pools, and a thread, in a ring.
fn start_ring(
    pools: [&ThreadPool; 2],
    tokens: usize,
    hops: &Arc<AtomicUsize>,
    done: &mpsc::Sender<()>,
) -> Arc<Ring> {
    let mut stops = Vec::new();
    let mut mailboxes = Vec::new();
    for _ in 0..6 {
        let mailbox = Arc::<Mailbox>::default();
        mailboxes.push(mailbox.clone());
        stops.push(Stop::Task(mailbox));
    }
    let (to_thread, of_thread) = mpsc::channel();
    stops.push(Stop::Thread(to_thread));
    let ring = Arc::new(Ring {
        stops,
        tokens: AtomicUsize::new(tokens),
        hops: hops.clone(),
        done: done.clone(),
    });
    for (place, mailbox) in mailboxes.into_iter().enumerate() {
        let sender = pools[usize::from(place == 3)].sender();
        if place % 2 == 0 {
            spawn_stop(Futures01, sender, &ring, place, mailbox);
        } else {
            spawn_stop(Std, sender, &ring, place, mailbox);
        }
    }
    let on_thread = ring.clone();
    thread::spawn(move || {
        for message in of_thread {
            if !on_thread.pass(on_thread.stops.len() - 1, message) {
                break;
            }
        }
    });
    ring
}

fn build(size: usize, shared: bool) -> ThreadPool {
    let mut builder = Builder::new();
    builder.pool_size(size).name_prefix("stress-");
    if shared {
        builder.shared_park(|| Ok(DefaultPark::new()));
    }
    builder.build()
}

/// Moves `messages` with `rings` rings of `tokens` messages each at a time.
fn move_messages(size: usize, shared: bool, rings: usize, tokens: usize, messages: usize) {
    let (pool, other) = (build(size, shared), build(1, !shared));
    let hops = Arc::new(AtomicUsize::new(0));
    let (done, ended) = mpsc::channel();
    let each = messages / (rings * tokens) + 1;
    let rings: Vec<_> =
        (0..rings).map(|_| start_ring([&pool, &other], tokens, &hops, &done)).collect();
    for ring in &rings {
        for _ in 0..tokens {
            ring.stops[0].send(each);
        }
    }
    let mut last = (0, Instant::now());
    let mut open = rings.len();
    while open > 0 {
        match ended.recv_timeout(Duration::from_millis(100)) {
            Ok(()) => open -= 1,
            Err(_) => {
                let now = hops.load(Relaxed);
                if now != last.0 {
                    last = (now, Instant::now());
                } else if last.1.elapsed() > Duration::from_secs(30) {
                    for (name, state, switches) in threads("") {
                        eprintln!("{name:16} {state:16} {switches} voluntary switches");
                    }
                    for ring in &rings {
                        let queued: Vec<_> = ring
                            .stops
                            .iter()
                            .map(|stop| match stop {
                                Stop::Task(mailbox) => mailbox.queue.lock().unwrap().len(),
                                Stop::Thread(_) => 0,
                            })
                            .collect();
                        eprintln!("queued: {queued:?}");
                    }
                    panic!(
                        "a wake is lost: {size} workers, {open} rings open after {now} messages"
                    );
                }
            }
        }
    }
    assert!(hops.load(Relaxed) >= messages, "a message is lost");
    for pool in [pool, other] {
        support::end(pool.shutdown_on_idle());
    }
}

fn move_everywhere(messages: usize) {
    let variants: Vec<_> = support::SIZES
        .into_iter()
        .flat_map(|size| [(size, false), (size, true)])
        .flat_map(|(size, shared)| {
            // Mostly asleep; a few under way; busy.
            [(1, 1), (4, 2), (8, 32)].map(|(rings, tokens)| (size, shared, rings, tokens))
        })
        .collect();
    // One message at a time is slow: most of them go where many are under way.
    let part = messages / (8 * 20);
    for (size, shared, rings, tokens) in variants {
        let share = match tokens {
            1 => 1,
            2 => 2,
            _ => 17,
        };
        move_messages(size, shared, rings, tokens, part * share);
    }
}

#[test]
fn no_message_and_no_wake_is_lost() {
    move_everywhere(200_000);
}

#[test]
#[ignore = "moves ten million messages: run it in release"]
fn no_message_and_no_wake_is_lost_among_ten_million() {
    move_everywhere(10_000_000);
}
