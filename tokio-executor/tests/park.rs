//! `ParkThread` keeps the contract of `Park` and `Unpark`.

mod queue;

use queue::PATIENCE;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{mpsc, Arc};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};
use tokio_executor::park::{Park, ParkThread, Unpark};

/// Runs `f` on a thread of its own, and fails if it hangs.
fn bounded(f: impl FnOnce() + Send + 'static) {
    let (tx, rx) = mpsc::channel();
    let thread = thread::spawn(move || {
        f();
        tx.send(()).unwrap();
    });
    match rx.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("hangs"),
        _ => thread.join().unwrap(),
    }
}

#[test]
fn unpark_before_park_is_not_lost() {
    bounded(|| {
        let mut park = ParkThread::new();
        park.unpark().unpark();
        park.park().unwrap();
        thread::scope(|scope| {
            let unpark = park.unpark();
            scope.spawn(move || unpark.unpark()).join().unwrap();
        });
        park.park().unwrap();
        park.unpark().unpark();
        // Not the hour, and not for ever.
        park.park_timeout(Duration::from_secs(3600)).unwrap();
        park.unpark().unpark();
        park.park_timeout(Duration::MAX).unwrap();
    });
}

#[test]
fn several_unparks_count_as_one() {
    bounded(|| {
        let mut park = ParkThread::new();
        let unpark = park.unpark();
        unpark.unpark();
        unpark.clone().unpark();
        park.park().unwrap();
        let start = Instant::now();
        let limit = Duration::from_millis(20);
        park.park_timeout(limit).unwrap();
        assert!(start.elapsed() >= limit);
    });
}

#[test]
fn park_returns_when_another_thread_unparks_and_sees_what_that_wrote() {
    bounded(|| {
        let mut park = ParkThread::new();
        for _ in 0..1000 {
            let written = Arc::new(AtomicBool::new(false));
            let (unpark, theirs) = (park.unpark(), written.clone());
            let thread = thread::spawn(move || {
                theirs.store(true, Relaxed);
                unpark.unpark();
            });
            park.park().unwrap();
            assert!(written.load(Relaxed));
            thread.join().unwrap();
        }
    });
}

#[test]
fn park_timeout_of_zero_does_not_block_and_takes_the_unpark() {
    bounded(|| {
        let mut park = ParkThread::new();
        park.park_timeout(Duration::ZERO).unwrap();
        park.unpark().unpark();
        park.park_timeout(Duration::ZERO).unwrap();
        let start = Instant::now();
        let limit = Duration::from_millis(20);
        park.park_timeout(limit).unwrap();
        assert!(start.elapsed() >= limit);
    });
}

#[test]
fn parkers_of_one_thread_do_not_take_each_others_unparks() {
    bounded(|| {
        let (mut first, mut second) = (ParkThread::new(), ParkThread::default());
        first.unpark().unpark();
        second.unpark().unpark();
        second.park().unwrap();
        first.park().unwrap();
        // A token of the thread itself is not an unpark.
        thread::current().unpark();
        let start = Instant::now();
        let limit = Duration::from_millis(20);
        first.park_timeout(limit).unwrap();
        assert!(start.elapsed() >= limit);
    });
}

#[test]
fn a_handle_outlives_its_parker() {
    let unpark = thread::spawn(|| ParkThread::new().unpark()).join().unwrap();
    unpark.unpark();
}

#[test]
fn a_boxed_and_a_counted_handle_unpark() {
    bounded(|| {
        let mut park = ParkThread::new();
        let boxed: Box<dyn Unpark> = Box::new(park.unpark());
        let counted: Arc<dyn Unpark> = Arc::new(park.unpark());
        // Through the traits of the box and the pointer, not through what is in them.
        fn unpark(handle: &impl Unpark) {
            handle.unpark();
        }
        unpark(&boxed);
        park.park().unwrap();
        unpark(&counted);
        park.park().unwrap();
    });
}

#[test]
fn a_waker_made_of_a_handle_unparks_by_value_and_by_reference() {
    bounded(|| {
        let mut park = ParkThread::new();
        let waker = Waker::from(park.unpark());
        assert!(waker.will_wake(&Waker::from(park.unpark())));
        waker.wake_by_ref();
        park.park().unwrap();
        waker.wake();
        park.park().unwrap();
    });
}
