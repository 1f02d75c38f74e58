//! Runtimes come and go, and leave nothing behind.
#![cfg(target_os = "linux")]

mod support;

use futures::{future, Future as _};
use std::cell::RefCell;
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::thread;
use std::time::Instant;
use support::echo::{noise, Peer};
use support::{
    bounded, bounded_by, descriptors, listener, once, runtime, threads, within, Futures01,
    Generation, Std, LIMIT,
};
use tests_heap::{process, Counting};
use tokio::net::{TcpListener, TcpStream};
use tokio::reactor::Reactor;
use tokio::runtime::Runtime;

#[global_allocator]
static HEAP: Counting = Counting;

/// The tests look at the whole process: one at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fails unless `look` finds what it wants before long. A thread that was joined may still be
/// listed by the system for a moment.
#[track_caller]
fn settles<T: PartialEq + std::fmt::Debug>(wanted: T, look: impl Fn() -> T) {
    let end = Instant::now() + LIMIT;
    while look() != wanted {
        assert!(Instant::now() < end, "{:?} did not become {wanted:?}", look());
        thread::yield_now();
    }
}

/// How many threads of runtimes there are. The test harness's own come and go.
fn workers() -> usize {
    threads().iter().filter(|name| name.starts_with("tokio-")).count()
}

/// Starts a runtime, serves a connection in each pairing of generations, leaves a task behind that
/// waits for ever, and stops it in one way or another.
fn use_one(n: u64) {
    let mut runtime = runtime(2);
    let served = [
        serve::<Futures01, Futures01>,
        serve::<Futures01, Std>,
        serve::<Std, Futures01>,
        serve::<Std, Std>,
    ];
    served[n as usize % 4](&mut runtime, n);
    match n % 3 {
        0 => {
            let waiting = listener();
            runtime.spawn(async move { waiting.accept().await.map(drop) });
            drop(runtime);
        }
        1 => {
            let mut waiting = listener();
            let accept = future::poll_fn(move || waiting.poll_accept());
            runtime.spawn(accept.map(drop).map_err(drop));
            runtime.shutdown_now().wait().unwrap();
        }
        _ => runtime.shutdown_on_idle().wait().unwrap(),
    }
}

fn serve<S: Peer, C: Peer>(runtime: &mut Runtime, n: u64) {
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    let message = noise(1000, n);
    let sent = message.clone();
    let echo = runtime.block_on(async move {
        S::serve(listener, 1);
        C::exchange(addr, sent).await.unwrap()
    });
    assert_eq!(echo, message);
}

#[test]
fn many_runtimes_leave_no_thread_descriptor_or_memory_behind() {
    let _alone = alone();
    bounded_by(4 * LIMIT, || {
        // What is made once for the process is made here.
        (0..12).for_each(use_one);
        settles(0, workers);
        let (files, heap) = (descriptors(), process::bytes_in_use());
        const CYCLES: u64 = 600;
        (0..CYCLES).for_each(use_one);
        settles(0, workers);
        settles(files, descriptors);
        // A thread's queue frees what it is done with in its own time, which is a few kilobytes.
        // Whatever each runtime leaked, however small, would be more than this.
        let grown = process::bytes_in_use() - heap;
        assert!(grown < 32 * CYCLES as isize, "{grown} bytes more than before");
    });
}

#[test]
fn a_runtime_that_was_never_used_leaves_nothing_behind() {
    let _alone = alone();
    bounded(|| {
        drop(runtime(2));
        settles(0, workers);
        let files = descriptors();
        for _ in 0..50 {
            drop(runtime(2));
        }
        settles(0, workers);
        settles(files, descriptors);
    });
}

#[test]
fn a_runtime_that_its_own_task_drops_leaves_nothing_behind() {
    let _alone = alone();
    bounded(|| {
        drop(runtime(2));
        settles(0, workers);
        let files = descriptors();
        for n in 0..50 {
            let runtime = runtime(2);
            let executor = runtime.executor();
            let drops = once(move || drop(runtime));
            if n % 2 == 0 {
                Futures01::spawn_on(&executor, drops);
            } else {
                Std::spawn_on(&executor, drops);
            }
        }
        settles(0, workers);
        settles(files, descriptors);
    });
}

thread_local! {
    static KEPT: RefCell<Vec<Box<dyn std::any::Any>>> = const { RefCell::new(Vec::new()) };
}

/// Has a thread make a value and drop it while the thread's storage is torn down. A panic there
/// would abort the process.
fn ends_with_its_thread<T: 'static>(make: fn() -> T) {
    // What is used first is torn down first, or last: both orders.
    let before = move || {
        KEPT.with(|kept| kept.borrow_mut().reserve(1));
        let value = make();
        KEPT.with(|kept| kept.borrow_mut().push(Box::new(value)));
    };
    let after = move || {
        let value = make();
        KEPT.with(|kept| kept.borrow_mut().push(Box::new(value)));
    };
    thread::spawn(before).join().unwrap();
    thread::spawn(after).join().unwrap();
}

fn used_runtime() -> Runtime {
    let mut runtime = runtime(1);
    runtime.block_on(async {});
    runtime
}

#[test]
fn dropping_a_runtime_with_thread_local_storage_does_not_panic() {
    let _alone = alone();
    bounded(|| {
        ends_with_its_thread(used_runtime);
        settles(0, workers);
    });
}

#[test]
fn dropping_a_runtime_with_waiting_tasks_with_thread_local_storage_does_not_panic() {
    let _alone = alone();
    bounded(|| {
        ends_with_its_thread(|| {
            let runtime = used_runtime();
            let (std, mut futures01) = (listener(), listener());
            let (polled, first) = channel();
            let again = polled.clone();
            Std::spawn_on(&runtime.executor(), move |caller| {
                let poll = std.poll_accept_with(caller).map(drop);
                let _ = polled.send(());
                poll
            });
            Futures01::spawn_on(&runtime.executor(), move |_| match futures01.poll_accept() {
                Ok(accepted) => {
                    let _ = again.send(());
                    if accepted.is_ready() {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                }
                Err(error) => panic!("{error}"),
            });
            within(&first);
            within(&first);
            runtime
        });
        settles(0, workers);
    });
}

#[test]
fn dropping_a_reactor_and_sockets_with_thread_local_storage_does_not_panic() {
    let _alone = alone();
    bounded(|| {
        ends_with_its_thread(|| {
            let reactor = Reactor::new().unwrap();
            let std_listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let addr = std_listener.local_addr().unwrap();
            let listener = TcpListener::from_std(std_listener, &reactor.handle()).unwrap();
            let client = std::net::TcpStream::connect(addr).unwrap();
            let client = TcpStream::from_std(client, &reactor.handle()).unwrap();
            (reactor, listener, client)
        });
    });
}
