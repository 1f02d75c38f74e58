//! A timer around a reactor as the driver that a pool's workers share.

mod support;

use futures::Future;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};
use support::*;
use tokio_reactor::Reactor;
use tokio_threadpool::{Builder, ThreadPool};
use tokio_timer::std_future::{interval, sleep, sleep_until, timeout};
use tokio_timer::{timer, Delay, Timer};

fn pool(workers: usize) -> ThreadPool {
    let reactor = Reactor::new().unwrap();
    let of_reactor = reactor.handle();
    let driver = Timer::new(reactor);
    let of_timer = driver.handle();
    let driver = Mutex::new(Some(driver));
    Builder::new()
        .pool_size(workers)
        .around_worker(move |worker, enter| {
            tokio_reactor::with_default(&of_reactor, enter, |enter| {
                timer::with_default(&of_timer, enter, |_| worker.run());
            });
        })
        .shared_park(move || {
            driver.lock().unwrap().take().ok_or_else(|| io::Error::other("one pool only"))
        })
        .build()
}

#[test]
fn delays_of_both_generations_fire_in_one_pool_and_none_early() {
    bounded(|| {
        let pool = pool(2);
        let (sender, receiver) = mpsc::channel();
        for i in 0..200u64 {
            let deadline = Instant::now() + Duration::from_micros(i * 37 % 5_000);
            let done = sender.clone();
            let check = move || {
                assert!(Instant::now() >= deadline, "early");
                done.send(()).unwrap();
            };
            if i % 2 == 0 {
                pool.spawn(Delay::new(deadline).map(move |()| check()).map_err(|e| panic!("{e}")));
            } else {
                pool.spawn(async move {
                    sleep_until(deadline).await;
                    check();
                });
            }
        }
        for _ in 0..200 {
            receiver.recv().unwrap();
        }
        pool.shutdown_now().wait().unwrap();
    });
}

#[test]
fn tasks_that_are_always_ready_do_not_starve_timers() {
    bounded(|| {
        let pool = pool(2);
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..8 {
            let stop = stop.clone();
            pool.spawn(std::future::poll_fn(move |cx| {
                if stop.load(SeqCst) {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            }));
        }
        let (sender, receiver) = mpsc::channel();
        pool.spawn(async move {
            let mut ticks = interval(ms(1));
            for _ in 0..5 {
                ticks.tick().await.unwrap();
            }
            timeout(ms(1), std::future::pending::<()>()).await.unwrap_err();
            sender.send(()).unwrap();
        });
        receiver.recv().unwrap();
        stop.store(true, SeqCst);
        pool.shutdown_on_idle().wait().unwrap();
    });
}

#[test]
fn a_poll_that_never_returns_does_not_stop_the_timers_of_others() {
    bounded(|| {
        let pool = pool(2);
        let (started, is_started) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        pool.spawn(async move {
            started.send(()).unwrap();
            let _ = ended.recv();
        });
        is_started.recv().unwrap();
        let (sender, receiver) = mpsc::channel();
        pool.spawn(async move {
            for _ in 0..3 {
                sleep(ms(1)).await;
            }
            sender.send(()).unwrap();
        });
        receiver.recv().unwrap();
        drop(end);
        pool.shutdown_on_idle().wait().unwrap();
    });
}

#[test]
fn tasks_that_wait_for_timers_do_not_keep_a_pool_that_is_shut_down() {
    bounded(|| {
        let pool = pool(2);
        let (started, is_started) = mpsc::channel();
        pool.spawn(async move {
            let wait = sleep(Duration::from_secs(86_400));
            started.send(()).unwrap();
            wait.await;
        });
        is_started.recv().unwrap();
        pool.shutdown_now().wait().unwrap();
    });
}

#[test]
fn an_always_ready_interval_lets_others_run() {
    bounded(|| {
        let pool = pool(1);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        pool.spawn(async move {
            let mut late = tokio_timer::Interval::new(Instant::now(), Duration::from_nanos(1));
            while !stopped.load(SeqCst) {
                late.tick().await.unwrap();
            }
        });
        pool.spawn(async move { stop.store(true, SeqCst) });
        pool.shutdown_on_idle().wait().unwrap();
    });
}
