//! `spawn_blocking`: closures that block, as tasks with a join handle.

mod support;

use self::support::{end, receive, threads, within, SIZES};
use futures::Future as Future01;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Barrier, Mutex};
use std::thread;
use tokio_task::JoinHandle;
use tokio_threadpool::{spawn_blocking, Builder, ThreadPool};

fn limited(size: usize, permits: usize) -> ThreadPool {
    Builder::new().pool_size(size).max_blocking(permits).build()
}

fn join<T: Send + 'static>(handle: JoinHandle<T>) -> Result<T, tokio_task::JoinError> {
    within("join", move || handle.join().wait())
}

/// Occupies the one permit until the sender is used.
fn occupy(pool: &ThreadPool) -> (JoinHandle<()>, mpsc::Sender<()>) {
    let (free, wait) = mpsc::channel();
    let (begun, begin) = mpsc::channel();
    let handle = pool.spawn_blocking(move || {
        begun.send(()).unwrap();
        receive(&wait, "free");
    });
    receive(&begin, "begin");
    (handle, free)
}

#[test]
fn a_closure_yields_its_output_to_both_generations() {
    for size in SIZES {
        let pool = limited(size, 2);
        assert_eq!(join(pool.spawn_blocking(|| 1)).unwrap(), 1);
        assert_eq!(join(pool.sender().spawn_blocking(|| 2).unwrap()).unwrap(), 2);
        let awaits = pool.spawn(async { spawn_blocking(|| 3).unwrap().await.unwrap() });
        assert_eq!(join(awaits).unwrap(), 3);
        let joins = futures::future::lazy(|| spawn_blocking(|| 4).unwrap().join());
        let joins = pool.spawn_handle(joins);
        assert_eq!(within("join", move || joins.wait().unwrap()), 4);
        let nested = pool.spawn_blocking(|| spawn_blocking(|| 5).unwrap().join().wait().unwrap());
        assert_eq!(join(nested).unwrap(), 5);
    }
}

#[test]
fn as_many_closures_as_permits_run_at_a_time() {
    for size in SIZES {
        let pool = limited(size, 20);
        let barrier = Arc::new(Barrier::new(20));
        let handles: Vec<_> = (0..20)
            .map(|_| {
                let barrier = barrier.clone();
                pool.spawn_blocking(move || {
                    barrier.wait();
                })
            })
            .collect();
        for handle in handles {
            join(handle).unwrap();
        }
    }
}

#[test]
fn many_closures_share_few_threads() {
    let pool = Builder::new().pool_size(2).max_blocking(8).name_prefix("few-").build();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let ids = Arc::new(Mutex::new(HashSet::new()));
    for _ in 0..10_000 {
        let (now, most, ids) = (now.clone(), most.clone(), ids.clone());
        drop(pool.spawn_blocking(move || {
            most.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
            thread::yield_now();
            ids.lock().unwrap().insert(thread::current().id());
            now.fetch_sub(1, SeqCst);
        }));
    }
    end(pool.shutdown_on_idle());
    assert!(most.load(SeqCst) <= 8);
    // Those that block, and those that work meanwhile.
    assert!(ids.lock().unwrap().len() <= 8 + 2, "{} threads", ids.lock().unwrap().len());
    support::wait_until("all threads end", || threads("few-").is_empty());
}

#[test]
fn closures_start_in_the_order_in_which_they_wait() {
    let pool = limited(1, 1);
    let (first, free) = occupy(&pool);
    let order = Arc::new(Mutex::new(Vec::new()));
    let handles: Vec<_> = (0..100)
        .map(|i| {
            let order = order.clone();
            pool.spawn_blocking(move || order.lock().unwrap().push(i))
        })
        .collect();
    free.send(()).unwrap();
    join(first).unwrap();
    for handle in handles {
        join(handle).unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..100).collect::<Vec<_>>());
}

#[test]
fn a_panic_comes_out_of_the_handle() {
    for size in SIZES {
        let pool = limited(size, 1);
        let error = join(pool.spawn_blocking(|| panic!("expected"))).unwrap_err();
        let payload = error.try_into_panic().expect("a panic");
        assert_eq!(payload.downcast_ref(), Some(&"expected"));
        // The permit is back, and so is the core.
        assert_eq!(join(pool.spawn_blocking(|| 1)).unwrap(), 1);
        assert_eq!(join(pool.spawn(async { 2 })).unwrap(), 2);
    }
}

#[test]
fn a_closure_that_has_not_started_can_be_aborted() {
    for size in SIZES {
        let pool = limited(size, 1);
        let (first, free) = occupy(&pool);
        let aborted = pool.spawn_blocking(|| panic!("ran"));
        let next = pool.spawn_blocking(|| 1);
        aborted.abort();
        let error = join(aborted).unwrap_err();
        assert!(error.is_cancelled());
        // What runs cannot be aborted.
        first.abort();
        free.send(()).unwrap();
        join(first).unwrap();
        assert_eq!(join(next).unwrap(), 1);
    }
}

#[test]
fn a_shutdown_drops_closures_that_wait_and_waits_for_those_that_run() {
    for size in SIZES {
        let pool = limited(size, 1);
        let (first, free) = occupy(&pool);
        let queued: Vec<_> = (0..10).map(|_| pool.spawn_blocking(|| panic!("ran"))).collect();
        let sender = pool.sender().clone();
        let shutdown = pool.shutdown_now();
        for handle in queued {
            assert!(join(handle).unwrap_err().is_cancelled());
        }
        assert!(sender.spawn_blocking(|| ()).unwrap_err().is_shutdown());
        assert!(!first.is_finished());
        free.send(()).unwrap();
        end(shutdown);
        join(first).unwrap();
    }
}

#[test]
fn shutdown_on_idle_waits_for_closures() {
    for size in SIZES {
        let pool = limited(size, 2);
        let done = Arc::new(AtomicUsize::new(0));
        for _ in 0..50 {
            let done = done.clone();
            drop(pool.spawn_blocking(move || {
                thread::yield_now();
                done.fetch_add(1, SeqCst);
            }));
        }
        end(pool.shutdown_on_idle());
        assert_eq!(done.load(SeqCst), 50);
    }
}

#[test]
fn it_is_an_error_where_no_closure_can_run() {
    assert!(spawn_blocking(|| ()).unwrap_err().to_string().contains("outside"));
    let pool = limited(1, 0);
    assert!(join(pool.spawn_blocking(|| ())).unwrap_err().is_cancelled());
    assert!(pool.sender().spawn_blocking(|| ()).unwrap_err().is_at_capacity());
    let text = pool.spawn(async { spawn_blocking(|| ()).unwrap_err().to_string() });
    assert!(join(text).unwrap().contains("max_blocking"));
}
