//! A task whose channel is always ready lets others run; and what it exchanges can be spawned.

use futures::{Future, Stream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc as blocking;
use std::sync::Arc;
use std::time::Duration;
use tokio_sync::lock::Lock;
use tokio_sync::semaphore::Semaphore;
use tokio_sync::{mpsc, oneshot, watch};
use tokio_threadpool::{Builder, ThreadPool};

const LIMIT: Duration = Duration::from_secs(60);
const MANY: usize = 100_000;

fn one_worker() -> ThreadPool {
    Builder::new().pool_size(1).build()
}

/// Spawns a task that polls for as long as it is allowed to, until another one, spawned by it, has
/// run; `work` is how far it came by then.
#[track_caller]
fn lets_others_run(body: impl FnOnce(ThreadPool, Arc<AtomicBool>, blocking::Sender<usize>)) {
    let (done, outcome) = blocking::channel();
    body(one_worker(), Arc::default(), done);
    let work = outcome.recv_timeout(LIMIT).expect("nobody else ran");
    assert!(work < MANY, "the other task waited for {work} operations");
}

fn full() -> mpsc::UnboundedReceiver<usize> {
    let (mut tx, rx) = mpsc::unbounded_channel();
    (0..MANY).for_each(|n| tx.try_send(n).unwrap());
    rx
}

#[test]
fn a_std_task_whose_channel_is_always_ready_lets_others_run() {
    lets_others_run(|pool, other, done| {
        let (sender, mut rx) = (pool.sender().clone(), full());
        pool.spawn(async move {
            let ran = other.clone();
            sender.spawn(async move { ran.store(true, SeqCst) }).unwrap();
            let mut work = 0;
            while !other.load(SeqCst) && rx.recv().await.is_some() {
                work += 1;
            }
            done.send(work).unwrap();
        });
        pool.shutdown_on_idle().wait().unwrap();
    });
}

#[test]
fn a_futures01_task_whose_channel_is_always_ready_lets_others_run() {
    lets_others_run(|pool, other, done| {
        let (sender, rx) = (pool.sender().clone(), full());
        pool.spawn(futures::future::lazy(move || {
            let ran = other.clone();
            sender.spawn(async move { ran.store(true, SeqCst) }).unwrap();
            rx.take_while(move |_| Ok(!other.load(SeqCst)))
                .fold(0, |work, _| Ok(work + 1))
                .map(move |work: usize| done.send(work).unwrap())
                .map_err(|_| ())
        }));
        pool.shutdown_on_idle().wait().unwrap();
    });
}

#[test]
fn a_task_whose_lock_is_always_free_lets_others_run() {
    lets_others_run(|pool, other, done| {
        let sender = pool.sender().clone();
        pool.spawn(async move {
            let ran = other.clone();
            sender.spawn(async move { ran.store(true, SeqCst) }).unwrap();
            let (lock, semaphore, mut work) = (Lock::new(()), Semaphore::new(1), 0);
            while !other.load(SeqCst) && work < MANY {
                drop(lock.lock().await);
                drop(semaphore.acquire().await);
                work += 1;
            }
            done.send(work).unwrap();
        });
        pool.shutdown_on_idle().wait().unwrap();
    });
}

#[test]
fn tasks_of_both_generations_talk_to_one_another() {
    let pool = ThreadPool::new();
    let (tx, rx) = mpsc::channel(4);
    let (mut watched, watch) = watch::channel(0);
    let (done, outcome) = oneshot::channel();
    let sum = Arc::new(AtomicUsize::new(0));

    // futures 0.1 sends, std receives, futures 0.1 watches.
    for _ in 0..4 {
        let numbers = futures::stream::iter_ok::<_, mpsc::error::SendError>(1..=100usize);
        pool.spawn(numbers.forward(tx.clone()).map(drop).map_err(|_| ()));
    }
    drop(tx);
    let (mut rx, added) = (rx, sum.clone());
    pool.spawn(async move {
        while let Some(n) = rx.recv().await {
            added.fetch_add(n, SeqCst);
            watched.broadcast(added.load(SeqCst)).unwrap();
        }
    });
    pool.spawn(
        watch
            .fold(0, |_, last| Ok(last))
            .map(move |last: usize| done.send(last).unwrap())
            .map_err(|_: watch::error::RecvError| ()),
    );
    assert_eq!(outcome.wait().unwrap(), 4 * 5050);
    assert_eq!(sum.load(SeqCst), 4 * 5050);
    pool.shutdown_on_idle().wait().unwrap();
}

/// A `oneshot::Receiver` is a future of one kind only, so that it is no riddle to `spawn`.
#[test]
fn a_receiver_can_be_spawned_in_either_generation() {
    let pool = ThreadPool::new();
    let ((first, rx), (second, std_rx)) = (oneshot::channel(), oneshot::channel::<()>());
    pool.spawn(rx.map_err(|_| ()));
    pool.spawn(std::future::IntoFuture::into_future(std_rx));
    first.send(()).unwrap();
    second.send(()).unwrap();
    pool.shutdown_on_idle().wait().unwrap();
}
