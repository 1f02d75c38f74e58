//! Spawning from other threads.

use futures::{future, Future as Future01};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio_current_thread::CurrentThread;

#[test]
fn both_generations_are_spawned_from_other_threads() {
    let mut executor = CurrentThread::new();
    let count = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (handle, count) = (executor.handle(), count.clone());
            thread::spawn(move || {
                for _ in 0..100 {
                    let one = count.clone();
                    handle
                        .spawn(future::lazy(move || {
                            one.fetch_add(1, SeqCst);
                            Ok(())
                        }))
                        .unwrap();
                    let one = count.clone();
                    let joined = handle.spawn(async move { one.fetch_add(1, SeqCst) }).unwrap();
                    drop(joined);
                }
            })
        })
        .collect();
    // Runs while they spawn, then what has come last.
    executor.run().unwrap();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    executor.run().unwrap();
    assert_eq!(count.load(SeqCst), 800);
}

#[test]
fn a_spawn_wakes_a_waiting_executor() {
    let mut executor = CurrentThread::new();
    let handle = executor.handle();
    let (sender, receiver) = futures03::channel::oneshot::channel();
    let thread = thread::spawn(move || {
        let handle = handle.spawn(async move { sender.send(7).unwrap() }).unwrap();
        futures03::executor::block_on(handle).unwrap();
    });
    assert_eq!(executor.block_on(receiver).unwrap().unwrap(), 7);
    executor.run().unwrap();
    thread.join().unwrap();
}

#[test]
fn run_waits_for_what_is_spawned_from_outside() {
    let mut executor = CurrentThread::new();
    let handle = executor.handle();
    let spawned = handle.spawn(async { 1 }).unwrap();
    assert!(!executor.is_idle());
    executor.run().unwrap();
    assert!(spawned.is_finished() && executor.is_idle());
}

#[test]
fn spawning_after_the_drop_is_an_error() {
    let executor = CurrentThread::new();
    let handle = executor.handle();
    handle.status().unwrap();
    let queued = handle.spawn(async { 1 }).unwrap();
    drop(executor);
    assert!(handle.status().unwrap_err().is_shutdown());
    assert!(handle.spawn(future::ok(())).unwrap_err().is_shutdown());
    let refused = handle.clone();
    let elsewhere = move || refused.spawn(async {}).map(drop).unwrap_err().is_shutdown();
    assert!(thread::spawn(elsewhere).join().unwrap());
    assert!(futures03::executor::block_on(queued).unwrap_err().is_cancelled());
    assert!(format!("{handle:?}").contains("open: false"));
}

#[test]
fn a_handle_inside_the_executor_spawns_there_too() {
    let mut executor = CurrentThread::new();
    let handle = executor.handle();
    let answer =
        executor.block_on(async move { handle.spawn(async { 5 }).unwrap().await.unwrap() });
    assert_eq!(answer.unwrap(), 5);
    let handle = executor.handle();
    let spawner = future::lazy(move || handle.spawn(future::ok(())).map_err(drop));
    executor.block_on(spawner.map(drop)).unwrap();
    executor.turn(Some(Duration::ZERO)).unwrap();
    assert!(executor.is_idle());
}
