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
use tokio_threadpool::{
    blocking, poll_blocking, spawn_blocking, BlockingError, Builder, ThreadPool,
};

both_generations! {
    short_closures_start_no_thread;
    a_long_closure_holds_up_nobody;
    tasks_queued_before_a_closure_run_during_it;
    without_a_new_thread_each_closure_runs_or_gets_an_error;
    without_a_new_thread_a_closure_leaves_the_last_worker_to_the_tasks;
    a_closure_that_is_refused_a_thread_for_long_gets_an_error;
    a_pool_without_a_new_thread_shuts_down;
    a_pool_without_a_new_thread_shuts_down_while_a_closure_begins;
    closures_that_wait_for_a_task_are_served;
    closures_that_wait_for_a_task_are_served_once_threads_can_be_had;
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

/// A pool that gets no thread beyond its workers as long as the flag is set, which it is.
fn pool_without_new_threads(size: usize) -> (ThreadPool, Arc<AtomicBool>) {
    let refuse = Arc::new(AtomicBool::new(false));
    let pool = Builder::new().pool_size(size).refuse_threads(refuse.clone()).build();
    refuse.store(true, SeqCst);
    (pool, refuse)
}

/// Spawns closures that wait until what is returned is dropped, and say when they have begun. One
/// that gets an error, for lack of threads, tries `again`, or is over.
fn spawn_waiting(
    generation: impl Generation,
    pool: &ThreadPool,
    closures: usize,
    again: bool,
) -> (mpsc::Sender<()>, mpsc::Receiver<()>) {
    let (free, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let (begun, begin) = mpsc::channel();
    for _ in 0..closures {
        let (wait, begun) = (wait.clone(), begun.clone());
        generation.spawn(pool.sender(), move |caller| {
            let closure = || {
                begun.send(()).unwrap();
                let _ = wait.lock().unwrap().recv();
            };
            match block(caller, closure) {
                Poll::Ready(Err(_)) if again => {
                    caller.wake();
                    Poll::Pending
                }
                polled => polled.map(drop),
            }
        });
    }
    (free, begin)
}

/// Spawns a task that calls `blocking`; what comes of it is sent.
fn spawn_reporting(
    generation: impl Generation,
    pool: &ThreadPool,
    send: mpsc::Sender<Result<(), BlockingError>>,
) {
    generation.spawn(pool.sender(), move |caller| {
        block(caller, || ()).map(|result| send.send(result).unwrap())
    });
}

fn without_a_new_thread_each_closure_runs_or_gets_an_error(generation: impl Generation) {
    for size in SIZES {
        let (pool, _refuse) = pool_without_new_threads(size);
        let (send, received) = mpsc::channel();
        for _ in 0..50 {
            spawn_reporting(generation, &pool, send.clone());
            let polls = send.clone();
            generation.run(pool.sender(), move || polls.send(Ok(())).unwrap());
        }
        let refused = (0..100).filter(|_| receive(&received, "a task is lost").is_err()).count();
        if size == 1 {
            assert_eq!(refused, 50, "a closure took the only worker");
        }
        end(pool.shutdown_on_idle());
    }
}

fn without_a_new_thread_a_closure_leaves_the_last_worker_to_the_tasks(generation: impl Generation) {
    for size in SIZES {
        let (pool, refuse) = pool_without_new_threads(size);
        let (free, begin) = spawn_waiting(generation, &pool, size - 1, false);
        for _ in 1..size {
            receive(&begin, "begin");
        }
        let last = pool.spawn(async { spawn_blocking(|| "it ran").unwrap().await.unwrap() });
        // They come after the last closure has been refused a thread, and before.
        let (send, received) = mpsc::channel();
        for _ in 0..100 {
            let send = send.clone();
            generation.run(pool.sender(), move || send.send(()).unwrap());
            receive(&received, "tasks wait for closures");
        }
        refuse.store(false, SeqCst);
        let last = within("threads can be had", move || last.join().wait());
        assert_eq!(last.unwrap(), "it ran");
        drop(free);
        end(pool.shutdown_on_idle());
    }
}

fn a_closure_that_is_refused_a_thread_for_long_gets_an_error(generation: impl Generation) {
    for size in SIZES {
        let (pool, refuse) = pool_without_new_threads(size);
        let (free, begin) = spawn_waiting(generation, &pool, size - 1, false);
        for _ in 1..size {
            receive(&begin, "begin");
        }
        let (ran, spawned) = mpsc::channel();
        let outer = pool.spawn(async move {
            spawn_blocking(move || ran.send(()).unwrap()).unwrap().await.unwrap();
        });
        let (send, received) = mpsc::channel();
        for _ in 0..10 {
            spawn_reporting(generation, &pool, send.clone());
        }
        for _ in 0..10 {
            let error = receive(&received, "neither an error nor a thread").unwrap_err();
            assert!(error.to_string().contains("refuses"), "{error}");
        }
        assert!(spawned.try_recv().is_err(), "it ran without a thread");
        refuse.store(false, SeqCst);
        receive(&spawned, "a spawned closure is lost");
        spawn_reporting(generation, &pool, send.clone());
        receive(&received, "threads can be had").unwrap();
        drop((free, outer));
        end(pool.shutdown_on_idle());
    }
}

fn a_pool_without_a_new_thread_shuts_down(generation: impl Generation) {
    for size in SIZES {
        for now in [false, true] {
            let (pool, _refuse) = pool_without_new_threads(size);
            let (free, begin) = spawn_waiting(generation, &pool, size, false);
            for _ in 1..size {
                receive(&begin, "begin");
            }
            let (asked, ask) = mpsc::channel();
            thread::spawn(move || {
                let shutdown = if now { pool.shutdown_now() } else { pool.shutdown_on_idle() };
                asked.send(()).unwrap();
                shutdown.wait().unwrap();
                asked.send(()).unwrap();
            });
            drop(free);
            receive(&ask, "asked");
            receive(&ask, "the pool does not end");
        }
    }
}

/// Whenever the pool stops while a task is on its way into a closure, nobody waits for this task on
/// the thread that polls it.
fn a_pool_without_a_new_thread_shuts_down_while_a_closure_begins(generation: impl Generation) {
    for round in 0..300 {
        let (pool, _refuse) = pool_without_new_threads(1 + round % 2);
        let (begun, begin) = mpsc::channel();
        generation.spawn(pool.sender(), move |caller| {
            let _ = begun.send(());
            block(caller, || ()).map(drop)
        });
        receive(&begin, "polled");
        for _ in 0..round {
            std::hint::spin_loop();
        }
        end(pool.shutdown_now());
    }
}

/// Each worker blocks in a closure that waits for a task of the pool. If `refused`, threads can be
/// had only after all but the last have begun.
fn all_wait_for_a_task(generation: impl Generation, refused: bool) {
    for size in SIZES {
        let (pool, refuse) = pool_without_new_threads(size);
        refuse.store(refused, SeqCst);
        let (free, begin) = spawn_waiting(generation, &pool, size, true);
        for _ in 1..size {
            receive(&begin, "begin");
        }
        refuse.store(false, SeqCst);
        receive(&begin, "the last begins");
        let mut free = Some(free);
        generation.run(pool.sender(), move || drop(free.take()));
        end(pool.shutdown_on_idle());
    }
}

fn closures_that_wait_for_a_task_are_served(generation: impl Generation) {
    all_wait_for_a_task(generation, false);
}

fn closures_that_wait_for_a_task_are_served_once_threads_can_be_had(generation: impl Generation) {
    all_wait_for_a_task(generation, true);
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
