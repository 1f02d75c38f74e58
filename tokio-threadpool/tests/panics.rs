//! What panics does not take a worker, a task or a shutdown with it.

#[macro_use]
mod support;

use self::support::{end, pool, receive, within, Generation, SIZES};
use futures::Future as Future01;
use std::any::Any;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::task::Poll;
use std::time::Duration;
use tokio_executor::park::Park;
use tokio_threadpool::park::{DefaultPark, DefaultUnpark};
use tokio_threadpool::{Builder, ThreadPool};

both_generations! {
    a_panic_does_not_kill_the_worker_and_is_reported;
    a_panic_in_a_destructor_does_not_block_the_shutdown;
    a_panic_handler_may_panic;
}

fn reporting(size: usize) -> (ThreadPool, mpsc::Receiver<&'static str>) {
    let (send, reported) = mpsc::channel();
    let send = Mutex::new(send);
    let pool = Builder::new()
        .pool_size(size)
        .panic_handler(move |payload: Box<dyn Any + Send>| {
            let message = payload.downcast_ref::<&'static str>().copied();
            let _ = send.lock().unwrap().send(message.unwrap_or("?"));
        })
        .build();
    (pool, reported)
}

fn a_panic_does_not_kill_the_worker_and_is_reported(generation: impl Generation) {
    for size in SIZES {
        let (pool, reported) = reporting(size);
        for _ in 0..2 * size {
            generation.run(pool.sender(), || panic!("first"));
            assert_eq!(receive(&reported, "a panic is not reported"), "first");
        }
        let (send, received) = mpsc::channel();
        generation.run(pool.sender(), move || send.send(()).unwrap());
        receive(&received, "the workers are dead");
        end(pool.shutdown_on_idle());
    }
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("in a destructor");
    }
}

fn a_panic_in_a_destructor_does_not_block_the_shutdown(generation: impl Generation) {
    for size in SIZES {
        let (pool, reported) = reporting(size);
        let (begun, begin) = mpsc::channel();
        for _ in 0..4 {
            let (bomb, begun) = (PanicsOnDrop, begun.clone());
            generation.spawn(pool.sender(), move |_| {
                let _ = &bomb;
                begun.send(()).unwrap();
                Poll::Pending
            });
        }
        for _ in 0..4 {
            receive(&begin, "begin");
        }
        end(pool.shutdown_now());
        for _ in 0..4 {
            assert_eq!(receive(&reported, "not reported"), "in a destructor");
        }
    }
}

fn a_panic_handler_may_panic(generation: impl Generation) {
    let pool = Builder::new().pool_size(1).panic_handler(|_| panic!("the handler too")).build();
    generation.run(pool.sender(), || panic!("first"));
    let (send, received) = mpsc::channel();
    generation.run(pool.sender(), move || send.send(()).unwrap());
    receive(&received, "the worker is dead");
    end(pool.shutdown_on_idle());
}

#[test]
fn a_join_handle_tells_a_panic_from_a_cancellation() {
    let (pool, reported) = reporting(2);
    let panicked = pool.spawn(async { panic!("for the handle") });
    let cancelled = pool.spawn(std::future::pending::<()>());
    let error = within("join", move || panicked.join().wait().unwrap_err());
    assert!(error.is_panic());
    assert_eq!(error.into_panic().downcast_ref::<&str>(), Some(&"for the handle"));
    end(pool.shutdown_now());
    assert!(within("join", move || cancelled.join().wait().unwrap_err()).is_cancelled());
    assert!(reported.try_recv().is_err(), "reported twice");
}

#[test]
fn hooks_may_panic() {
    let pool = Builder::new()
        .pool_size(2)
        .after_start(|| panic!("after_start"))
        .before_stop(|| panic!("before_stop"))
        .around_worker(|_, _| panic!("around_worker"))
        .build();
    let answer = pool.spawn(async { 1 });
    assert_eq!(within("join", move || answer.join().wait().unwrap()), 1);
    end(pool.shutdown_on_idle());
    let pool = Builder::new()
        .pool_size(2)
        .around_worker(|worker, enter| {
            enter.on_exit(|| panic!("on_exit"));
            worker.run();
            panic!("around_worker, late");
        })
        .build();
    end(pool.shutdown_on_idle());
}

#[derive(Clone, Copy)]
enum Fault {
    Panic,
    Error,
    Destructor,
}

/// A `Park` that fails now and then, and at the end.
struct Faulty {
    park: DefaultPark,
    fault: Fault,
    count: Arc<AtomicUsize>,
}

impl Faulty {
    fn fail(&self) -> io::Result<()> {
        match self.fault {
            Fault::Panic if self.count.fetch_add(1, SeqCst) % 2 == 0 => panic!("in a `Park`"),
            Fault::Error if self.count.fetch_add(1, SeqCst) % 2 == 0 => {
                Err(io::Error::other("in a `Park`"))
            }
            _ => Ok(()),
        }
    }
}

impl Park for Faulty {
    type Unpark = DefaultUnpark;
    type Error = io::Error;

    fn unpark(&self) -> DefaultUnpark {
        self.park.unpark()
    }

    fn park(&mut self) -> io::Result<()> {
        self.fail()?;
        self.park.park().map_err(io::Error::other)
    }

    fn park_timeout(&mut self, duration: Duration) -> io::Result<()> {
        self.fail()?;
        self.park.park_timeout(duration).map_err(io::Error::other)
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        if let Fault::Destructor = self.fault {
            panic!("in a `Park`'s destructor");
        }
    }
}

#[test]
fn a_park_that_fails_does_not_stop_the_pool() {
    for fault in [Fault::Panic, Fault::Error, Fault::Destructor] {
        for shared in [false, true] {
            let count = Arc::new(AtomicUsize::new(0));
            let make = move || Faulty { park: DefaultPark::new(), fault, count: count.clone() };
            let mut builder = Builder::new();
            builder.pool_size(2);
            if shared {
                builder.shared_park(move || Ok(make()));
            } else {
                builder.custom_park(move |_| make());
            }
            let pool = builder.build();
            for i in 0..20 {
                let answer = pool.spawn(async move { i });
                assert_eq!(within("join", move || answer.join().wait().unwrap()), i);
            }
            end(pool.shutdown_on_idle());
        }
    }
}

#[test]
fn a_shared_park_that_cannot_be_made_is_an_error() {
    let mut builder = Builder::new();
    builder.shared_park(|| Err::<DefaultPark, _>(io::Error::other("none left")));
    assert_eq!(builder.try_build().unwrap_err().to_string(), "none left");
}

#[test]
fn a_panic_in_blocking_ends_the_task_only() {
    let pool = pool(1);
    for _ in 0..3 {
        let handle = pool.spawn(async {
            let _ = tokio_threadpool::blocking(|| panic!("in blocking"));
        });
        assert!(within("join", move || handle.join().wait().unwrap_err()).is_panic());
    }
    let handle = pool.spawn(async { 1 });
    assert_eq!(within("join", move || handle.join().wait().unwrap()), 1);
}
