//! What the builder is told is done.

#[macro_use]
mod support;

use self::support::{end, receive, wait_until, within, Generation};
use futures::Future as Future01;
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::thread;
use std::time::Duration;
use tokio_executor::park::Park;
use tokio_threadpool::park::{DefaultPark, DefaultUnpark, ParkError};
use tokio_threadpool::{poll_blocking, Builder};

both_generations! {
    tasks_run_inside_around_worker;
    tasks_run_on_threads_with_the_prefix_and_stack;
}

thread_local! {
    static AROUND: Cell<usize> = const { Cell::new(usize::MAX) };
}

fn tasks_run_inside_around_worker(generation: impl Generation) {
    let (send, ended) = mpsc::channel();
    let send = Mutex::new(send);
    let pool = Builder::new()
        .pool_size(2)
        .around_worker(move |worker, _enter| {
            AROUND.set(worker.id().to_usize());
            worker.run();
            // A second time: returns at once.
            worker.run();
            AROUND.set(usize::MAX);
            send.lock().unwrap().send(()).unwrap();
        })
        .build();
    let (send, received) = mpsc::channel();
    for _ in 0..20 {
        let send = send.clone();
        generation.run(pool.sender(), move || send.send(AROUND.get()).unwrap());
    }
    for _ in 0..20 {
        assert!(receive(&received, "ran") < 2);
    }
    end(pool.shutdown_on_idle());
    for _ in 0..2 {
        receive(&ended, "`run` returns");
    }
}

/// A thread whose time without work is over does not go on outside `around_worker`.
#[test]
fn tasks_run_inside_around_worker_after_blocking() {
    let pool = Builder::new()
        .pool_size(2)
        .keep_alive(Some(Duration::from_micros(10)))
        .around_worker(|worker, _enter| {
            AROUND.set(0);
            worker.run();
            AROUND.set(usize::MAX);
        })
        .build();
    let (send, received) = mpsc::channel();
    for _ in 0..500 {
        let send = send.clone();
        drop(pool.spawn(std::future::poll_fn(move |cx| {
            assert_eq!(AROUND.get(), 0);
            poll_blocking(cx, || send.send(AROUND.get()).unwrap())
        })));
        assert_eq!(receive(&received, "ran"), 0);
    }
    end(pool.shutdown_on_idle());
}

fn tasks_run_on_threads_with_the_prefix_and_stack(generation: impl Generation) {
    let pool =
        Builder::new().pool_size(2).name_prefix("config-").stack_size(32 * 1024 * 1024).build();
    let (send, received) = mpsc::channel();
    generation.run(pool.sender(), move || {
        // More than a thread has by default.
        let deep = [0_u8; 8 * 1024 * 1024];
        let name = thread::current().name().map(str::to_owned);
        send.send((name, std::hint::black_box(&deep).len())).unwrap();
    });
    let (name, _) = receive(&received, "ran");
    assert!(name.unwrap().starts_with("config-"));
}

#[test]
fn each_thread_starts_and_stops_once() {
    let (started, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (start, stop) = (started.clone(), stopped.clone());
    let pool = Builder::new()
        .pool_size(3)
        .after_start(move || {
            start.fetch_add(1, SeqCst);
        })
        .before_stop(move || {
            stop.fetch_add(1, SeqCst);
        })
        .build();
    wait_until("all started", || started.load(SeqCst) == 3);
    assert_eq!(stopped.load(SeqCst), 0);
    end(pool.shutdown_on_idle());
    assert_eq!((started.load(SeqCst), stopped.load(SeqCst)), (3, 3));
}

struct OfWorker {
    park: DefaultPark,
    parked: Arc<AtomicUsize>,
    dropped: Arc<AtomicUsize>,
}

impl Park for OfWorker {
    type Unpark = DefaultUnpark;
    type Error = ParkError;

    fn unpark(&self) -> DefaultUnpark {
        self.park.unpark()
    }

    fn park(&mut self) -> Result<(), ParkError> {
        self.parked.fetch_add(1, SeqCst);
        self.park.park()
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), ParkError> {
        self.parked.fetch_add(1, SeqCst);
        self.park.park_timeout(duration)
    }
}

impl Drop for OfWorker {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, SeqCst);
    }
}

#[test]
fn each_worker_waits_in_its_own_custom_park() {
    let parked: [Arc<AtomicUsize>; 3] = Default::default();
    let dropped = Arc::new(AtomicUsize::new(0));
    let (of_parks, of_drops) = (parked.clone(), dropped.clone());
    let mut builder = Builder::new();
    builder.pool_size(3).custom_park(move |id| OfWorker {
        park: DefaultPark::new(),
        parked: of_parks[id.to_usize()].clone(),
        dropped: of_drops.clone(),
    });
    let pool = builder.build();
    for parked in &parked {
        wait_until("parked", || parked.load(SeqCst) > 0);
    }
    for i in 0..100 {
        let answer = pool.spawn(async move { i });
        assert_eq!(within("join", move || answer.join().wait().unwrap()), i);
    }
    end(pool.shutdown_on_idle());
    // Dropped with the pool, not with the builder.
    assert_eq!(dropped.load(SeqCst), 3);
}

#[test]
fn the_shared_park_is_dropped_before_the_shutdown_resolves() {
    let (parked, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (of_park, of_drop) = (parked.clone(), dropped.clone());
    let mut builder = Builder::new();
    builder.pool_size(2).shared_park(move || {
        Ok(OfWorker { park: DefaultPark::new(), parked: of_park.clone(), dropped: of_drop.clone() })
    });
    let pool = builder.build();
    wait_until("parked", || parked.load(SeqCst) > 0);
    let answer = pool.spawn(async { 1 });
    assert_eq!(within("join", move || answer.join().wait().unwrap()), 1);
    end(pool.shutdown_on_idle());
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn a_builder_builds_more_than_one_pool() {
    let mut builder = Builder::new();
    builder.pool_size(1);
    let pools = [builder.build(), builder.build()];
    for pool in pools {
        let answer = pool.spawn(async { 1 });
        assert_eq!(within("join", move || answer.join().wait().unwrap()), 1);
    }
}

#[test]
#[should_panic(expected = "at least one worker")]
fn a_pool_without_a_worker_is_refused() {
    Builder::new().pool_size(0);
}

#[test]
#[should_panic(expected = "at most 65535 workers")]
fn a_pool_of_too_many_workers_is_refused() {
    Builder::new().pool_size(65_536);
}
