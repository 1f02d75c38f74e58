//! `ParkThread` under every interleaving. Fails if `unpark` or `take` is made Relaxed, if `unpark`
//! looks at the flag before it sets it (a load instead of the swap, for a flag that is set), if
//! `take` is a load and a store, or if `unpark` forgets the thread's token.
//!
//! The models join no thread, since loom lets an `unpark` that comes late end a `join`.

use super::*;
use loom::sync::atomic::AtomicUsize;
use loom::thread;
use std::sync::atomic::Ordering::Relaxed;

/// Two threads each publish something, then unpark; the parked one has to see both. A lost
/// `unpark` shows as a deadlock.
#[test]
fn each_unpark_publishes_and_none_is_lost() {
    loom::model(|| {
        let mut park = ParkThread::new();
        let written = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        for i in [0, 1] {
            let (unpark, written) = (park.unpark(), written.clone());
            thread::spawn(move || {
                written[i].store(1, Relaxed);
                unpark.unpark();
            });
        }
        while written.iter().any(|w| w.load(Relaxed) == 0) {
            park.park().unwrap();
        }
    });
}

/// One look after the park, no second chance.
#[test]
fn who_returns_from_park_sees_what_came_before_the_unpark() {
    loom::model(|| {
        let mut park = ParkThread::new();
        let written = Arc::new(AtomicUsize::new(0));
        let (unpark, theirs) = (park.unpark(), written.clone());
        thread::spawn(move || {
            theirs.store(1, Relaxed);
            unpark.unpark();
        });
        park.park().unwrap();
        assert_eq!(written.load(Relaxed), 1);
    });
}

/// A token of the thread that was meant for another parker on it wakes nobody for good.
#[test]
fn parkers_of_one_thread_do_not_take_each_others_unparks() {
    loom::model(|| {
        let (mut first, mut second) = (ParkThread::new(), ParkThread::new());
        let (unpark_first, unpark_second) = (first.unpark(), second.unpark());
        thread::spawn(move || {
            unpark_second.unpark();
            unpark_first.unpark();
        });
        first.park().unwrap();
        second.park().unwrap();
    });
}
