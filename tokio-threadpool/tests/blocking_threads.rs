//! Where the core of a thread that blocks goes, and what happens when there is no thread for it.

#[macro_use]
mod support;

use self::support::{end, receive, within, Generation, SIZES};
use futures::Future as _;
use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use tokio_task::{to_std, Caller};
use tokio_threadpool::{blocking, poll_blocking, BlockingError, Builder, ThreadPool};

both_generations! {
    short_closures_start_no_thread;
    a_long_closure_holds_up_nobody;
    tasks_queued_before_a_closure_run_during_it;
    without_a_new_thread_closures_run_and_no_task_is_lost;
    a_pool_without_a_new_thread_shuts_down;
}

/// `blocking` for a caller of either generation.
fn block<T>(caller: Caller<'_>, f: impl FnOnce() -> T) -> Poll<Result<T, BlockingError>> {
    match caller {
        Caller::Futures01 => to_std(blocking(f)),
        Caller::Std(waker) => poll_blocking(&mut Context::from_waker(waker), f),
    }
}

fn spawn(generation: impl Generation, pool: &ThreadPool, f: impl FnOnce() + Send + 'static) {
    let mut f = Some(f);
    generation.spawn(pool.sender(), move |caller| {
        block(caller, || f.take().expect("called once")()).map(|result| result.unwrap())
    });
}

fn short_closures_start_no_thread(generation: impl Generation) {
    let pool = Builder::new().pool_size(2).build();
    let (send, received) = mpsc::channel();
    let mut rounds = 0;
    let threads = Arc::new(Mutex::new(HashSet::new()));
    let seen = threads.clone();
    generation.spawn(pool.sender(), move |caller| {
        let seen = &seen;
        let insert = || seen.lock().unwrap().insert(thread::current().id());
        let Poll::Ready(result) = block(caller, insert) else { panic!("permits are free") };
        result.unwrap();
        rounds += 1;
        if rounds == 100 {
            send.send(()).unwrap();
            return Poll::Ready(());
        }
        caller.wake();
        Poll::Pending
    });
    receive(&received, "rounds");
    // A busy machine may look as if a worker were stuck, now and then.
    assert!(threads.lock().unwrap().len() < 10);
    end(pool.shutdown_on_idle());
}

fn a_long_closure_holds_up_nobody(generation: impl Generation) {
    for size in SIZES {
        let pool = support::pool(size);
        let (free, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let (send, received) = mpsc::channel();
        // All workers but one, or all of them, or more.
        for blocked in 1..=size + 1 {
            let (wait, begun) = (wait.clone(), send.clone());
            spawn(generation, &pool, move || {
                begun.send(0).unwrap();
                let _ = wait.lock().unwrap().recv();
            });
            assert_eq!(receive(&received, "begin"), 0);
            for _ in 0..10 {
                let send = send.clone();
                generation.run(pool.sender(), move || send.send(blocked).unwrap());
                assert_eq!(receive(&received, "the pool does not go on"), blocked);
            }
        }
        drop(free);
        end(pool.shutdown_on_idle());
    }
}

fn tasks_queued_before_a_closure_run_during_it(generation: impl Generation) {
    for size in SIZES {
        let pool = support::pool(size);
        let sender = pool.sender().clone();
        let (send, received) = mpsc::channel();
        let mut of_task = Some(send);
        generation.spawn(pool.sender(), move |caller| {
            // To the worker's queue and its next-to-run slot; the closure waits for both.
            let (done, wait) = mpsc::channel();
            for _ in 0..3 {
                let done = done.clone();
                generation.run(&sender, move || done.send(()).unwrap());
            }
            let send = of_task.take().expect("a permit is free");
            let closure = || (0..3).for_each(|_| receive(&wait, "a task waits for the closure"));
            block(caller, closure).map(|result| {
                result.unwrap();
                send.send(()).unwrap();
            })
        });
        receive(&received, "closure");
        end(pool.shutdown_on_idle());
    }
}

fn without_a_new_thread_closures_run_and_no_task_is_lost(generation: impl Generation) {
    for size in SIZES {
        let refuse = Arc::new(AtomicBool::new(false));
        let pool = Builder::new().pool_size(size).refuse_threads(refuse.clone()).build();
        refuse.store(true, SeqCst);
        let (send, received) = mpsc::channel();
        for _ in 0..50 {
            let (blocks, polls) = (send.clone(), send.clone());
            spawn(generation, &pool, move || {
                thread::yield_now();
                blocks.send(()).unwrap();
            });
            generation.run(pool.sender(), move || polls.send(()).unwrap());
        }
        for _ in 0..100 {
            receive(&received, "a task is lost");
        }
        // All workers block, and the system gives threads again: the next look finds one.
        let (free, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        for _ in 0..size {
            let (wait, begun) = (wait.clone(), send.clone());
            spawn(generation, &pool, move || {
                begun.send(()).unwrap();
                let _ = wait.lock().unwrap().recv();
            });
        }
        for _ in 0..size {
            receive(&received, "begin");
        }
        let last = send.clone();
        generation.run(pool.sender(), move || last.send(()).unwrap());
        drop(free);
        receive(&received, "no progress once the closures are over");
        end(pool.shutdown_on_idle());
    }
}

fn a_pool_without_a_new_thread_shuts_down(generation: impl Generation) {
    for size in SIZES {
        let refuse = Arc::new(AtomicBool::new(false));
        let pool = Builder::new().pool_size(size).refuse_threads(refuse.clone()).build();
        refuse.store(true, SeqCst);
        let (free, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let (send, received) = mpsc::channel();
        for _ in 0..size {
            let (wait, begun) = (wait.clone(), send.clone());
            spawn(generation, &pool, move || {
                begun.send(()).unwrap();
                let _ = wait.lock().unwrap().recv();
            });
        }
        receive(&received, "begin");
        let (asked, ask) = mpsc::channel();
        thread::spawn(move || {
            let shutdown = pool.shutdown_now();
            asked.send(()).unwrap();
            shutdown.wait().unwrap();
            asked.send(()).unwrap();
        });
        drop(free);
        receive(&ask, "asked");
        receive(&ask, "the pool does not end");
    }
}

/// A future whose waker leads nowhere: as that of an executor inside a task which has dropped what
/// waited there.
#[test]
fn a_permit_of_a_future_dropped_inside_its_task_goes_to_the_next() {
    for size in SIZES {
        let pool = Builder::new().pool_size(size).max_blocking(1).build();
        let (free, wait) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        let of_first = begun.clone();
        spawn(support::Std, &pool, move || {
            of_first.send(()).unwrap();
            receive(&wait, "free");
        });
        receive(&begin, "begin");
        let of_second = begun.clone();
        drop(pool.spawn(async move {
            {
                let mut nested = std::future::poll_fn(|cx| poll_blocking(cx, || ()));
                let mut nowhere = Context::from_waker(std::task::Waker::noop());
                assert!(Future::poll(Pin::new(&mut nested), &mut nowhere).is_pending());
            }
            of_second.send(()).unwrap();
            std::future::pending::<()>().await;
        }));
        receive(&begin, "waits");
        let (send, received) = mpsc::channel();
        let mut polled = false;
        support::Std.spawn(pool.sender(), move |caller| {
            let poll = block(caller, || send.send(()).unwrap()).map(|result| result.unwrap());
            if !std::mem::replace(&mut polled, true) {
                assert!(poll.is_pending());
                begun.send(()).unwrap();
            }
            poll
        });
        receive(&begin, "waits too");
        free.send(()).unwrap();
        receive(&received, "the permit is lost");
        within("drop", move || drop(pool));
    }
}
