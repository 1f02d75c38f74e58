//! Wakes from tasks and from threads: each is followed by a poll that sees what the waker wrote before.

use super::fault::{self, Fault};
use super::manner::Manner;
use super::pause::Pause;
use super::random::Random;
use super::scope::{Company, Component, Scope};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::task::{ready, Poll};
use std::thread;
use tokio_task::{Caller, Waiter};

pub(super) const COMPONENT: Component = Component {
    name: "wakes",
    shows: "tasks that wake each other, wakes from threads, yields",
    run,
    company: Company::Others,
};

/// How many plain threads wake tasks.
const THREADS: usize = 2;

fn run(scope: &Scope, mut random: Random) {
    let tasks = scope.completes("task");
    thread::scope(|threads| {
        let wakers: Vec<Sender<Order>> = (0..THREADS)
            .map(|_| {
                let (orders, received) = channel::<Order>();
                threads.spawn(move || received.into_iter().for_each(Order::obey));
                orders
            })
            .collect();
        let (inputs, mut id) = (random.fork(), 0);
        while scope.is_open() {
            if tasks.live() >= 200 {
                thread::sleep(random.micros(0..=500));
                continue;
            }
            id += 1;
            let mut random = inputs.of(id);
            match random.within(0..=2) {
                0 => rally(scope, &mut random),
                1 => by_threads(scope, &wakers, &mut random),
                _ => yields(scope, &mut random),
            }
            scope.count("rounds", 1);
        }
        scope.settle(&tasks);
        // The threads end when nobody can give orders any more.
        drop(wakers);
    });
}

/// A ball that is in one of two courts, and who waits for it.
#[derive(Default)]
struct Court {
    hits: AtomicU64,
    waits: [Mutex<Option<Waiter>>; 2],
}

/// Two tasks, each of which only goes on when the other has woken it.
fn rally(scope: &Scope, random: &mut Random) {
    let court = Arc::new(Court::default());
    let last = random.within(1..=2_000);
    for player in [0, 1] {
        let court = court.clone();
        let guard = scope.completes("task").guard();
        Manner::any(random).spawn(&scope.handle, guard, move |caller: Caller<'_>| loop {
            // First the waiter, then the look: who hits in between wakes it.
            let waiter = Waiter::from(caller);
            drop(court.waits[player].lock().unwrap().replace(waiter));
            let hits = court.hits.load(std::sync::atomic::Ordering::SeqCst);
            if hits < last && hits % 2 != player as u64 {
                return Poll::Pending;
            }
            if hits < last {
                court.hits.store(hits + 1, std::sync::atomic::Ordering::SeqCst);
            }
            let other = court.waits[1 - player].lock().unwrap().take();
            let lost = other.is_some() && fault::strikes(Fault::WakeLost);
            if !lost {
                other.into_iter().for_each(Waiter::wake);
            }
            if hits >= last {
                return Poll::Ready(());
            }
        });
    }
}

/// What a thread is to do: work for a moment, count, and wake.
struct Order {
    spins: u64,
    counter: Arc<AtomicU64>,
    waiter: Waiter,
}

impl Order {
    fn obey(self) {
        (0..self.spins).for_each(|_| spin_loop());
        // Relaxed: the wake itself has to make it seen.
        self.counter.fetch_add(1, Relaxed);
        self.waiter.wake();
    }
}

/// A task that is woken some times by several threads at once; it ends when it has seen all of them.
fn by_threads(scope: &Scope, wakers: &[Sender<Order>], random: &mut Random) {
    let wakers = wakers.to_vec();
    let counter = Arc::new(AtomicU64::new(0));
    let (turns, width) = (random.within(1..=20), random.within(1..=4));
    let mut ordered = 0;
    let guard = scope.completes("task").guard();
    let manner = Manner::any(random);
    let mut random = random.fork();
    manner.spawn(&scope.handle, guard, move |caller: Caller<'_>| loop {
        if counter.load(Relaxed) < ordered {
            return Poll::Pending;
        }
        if ordered == turns * width {
            return Poll::Ready(());
        }
        for waker in 0..width as usize {
            let waiter = Waiter::from(caller);
            let most = random.one_of(&[10, 1_000, 20_000]);
            let order = Order { spins: random.within(0..=most), counter: counter.clone(), waiter };
            wakers[waker % THREADS].send(order).expect("the threads outlive the tasks");
        }
        ordered += width;
    });
}

/// Tasks that give way to each other.
fn yields(scope: &Scope, random: &mut Random) {
    for _ in 0..random.within(1..=8) {
        let mut left = random.within(0..=500);
        let mut pause = Pause::None;
        let guard = scope.completes("task").guard();
        Manner::any(random).spawn(&scope.handle, guard, move |caller: Caller<'_>| loop {
            ready!(pause.poll(caller));
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            pause = Pause::Yield;
        });
    }
}
