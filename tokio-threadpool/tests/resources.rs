//! A pool that is idle costs nothing, and one that is gone leaves nothing.

mod support;

use self::support::{end, receive, threads, wait_until, Generation};
use futures::future;
use std::sync::{mpsc, Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tests_heap::{process, Counting};
use tokio_threadpool::park::DefaultPark;
use tokio_threadpool::{blocking, Builder, ThreadPool};

#[global_allocator]
static HEAP: Counting = Counting;

/// What the process has can be counted only by one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn build(size: usize, shared: bool) -> ThreadPool {
    let mut builder = Builder::new();
    builder.pool_size(size).name_prefix("counted-");
    if shared {
        builder.shared_park(|| Ok(DefaultPark::new()));
    }
    builder.build()
}

/// A pool's whole life, with tasks of each kind left over.
///
/// The pool has a share of `alive`, and so do its tasks, which keep it.
fn live_and_die(round: usize, alive: &Arc<()>) {
    let mut builder = Builder::new();
    let alive = alive.clone();
    builder
        .pool_size(1 + round % 4)
        .name_prefix("counted-")
        .panic_handler(move |_| drop(alive.clone()));
    if round % 2 == 0 {
        builder.shared_park(|| Ok(DefaultPark::new()));
    }
    let pool = builder.build();
    drop(builder);
    let (send, received) = mpsc::channel();
    for i in 0..20 {
        let send = send.clone();
        let task = move || {
            if i % 5 == 0 {
                let _ = blocking(|| ());
            }
            send.send(()).unwrap();
        };
        if i % 2 == 0 {
            support::Futures01.run(pool.sender(), task);
        } else {
            support::Std.run(pool.sender(), task);
        }
    }
    for _ in 0..20 {
        receive(&received, "ran");
    }
    pool.spawn(future::empty::<(), ()>());
    drop(pool.spawn(std::future::pending::<()>()));
    support::Std.spawn(pool.sender(), |caller| {
        caller.wake();
        Poll::Pending
    });
    match round % 3 {
        0 => end(pool.shutdown_now()),
        1 => drop(pool),
        _ => drop(pool.shutdown_now()),
    }
}

#[test]
fn threads_and_memory_are_where_they_were_after_many_pools() {
    let _alone = alone();
    let alive = Arc::new(());
    let gone = || {
        wait_until("the threads are gone", || threads("counted-").is_empty());
        wait_until("the pools and their tasks are gone", || Arc::strong_count(&alive) == 1);
    };
    for round in 0..24 {
        live_and_die(round, &alive);
    }
    gone();
    let before = process::bytes_in_use();
    for round in 0..240 {
        live_and_die(round, &alive);
    }
    gone();
    // The queues' garbage collection may be behind by some threads; but a kilobyte left behind in
    // each round would be more.
    let left = process::bytes_in_use() - before;
    assert!(left < 200_000, "{left} bytes are left");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "threads are counted as Linux tells them")]
fn an_idle_pool_uses_no_processor() {
    let _alone = alone();
    for size in [1, 2, 4, 16] {
        for shared in [false, true] {
            let pool = build(size, shared);
            let (send, received) = mpsc::channel();
            for _ in 0..1000 {
                let send = send.clone();
                support::Std.run(pool.sender(), move || send.send(()).unwrap());
            }
            for _ in 0..1000 {
                receive(&received, "ran");
            }
            // And one that waits, so that the pool is not empty.
            drop(pool.spawn(std::future::pending::<()>()));
            // A standby's period fits in between many times.
            let mut last = Vec::new();
            wait_until("no thread wakes up any more", || {
                thread::sleep(Duration::from_millis(50));
                let now = threads("counted-");
                let quiet = now.len() == size && now == last;
                last = now;
                quiet
            });
        }
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "threads are counted as Linux tells them")]
fn an_idle_pool_with_one_blocked_thread_uses_no_processor() {
    let _alone = alone();
    let pool = build(2, true);
    let (free, wait) = mpsc::channel::<()>();
    let (begun, begin) = mpsc::channel();
    support::Std.run(pool.sender(), move || {
        let _ = blocking(|| {
            begun.send(()).unwrap();
            let _ = wait.recv();
        });
    });
    receive(&begin, "blocks");
    let mut last = Vec::new();
    wait_until("no thread wakes up any more", || {
        thread::sleep(Duration::from_millis(50));
        let now = threads("counted-");
        let quiet = now.len() == 3 && now == last;
        last = now;
        quiet
    });
    drop(free);
}
