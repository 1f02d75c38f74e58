//! `ParkThread` under every interleaving. Fails if `unpark` or `take` is made Relaxed, if `unpark`
//! looks at the flag before it sets it (a load instead of the swap, for a flag that is set), if
//! `take` is a load and a store, or if `unpark` forgets the thread's token.

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
        let threads = [0, 1].map(|i| {
            let (unpark, written) = (park.unpark(), written.clone());
            thread::spawn(move || {
                written[i].store(1, Relaxed);
                unpark.unpark();
            })
        });
        while written.iter().any(|w| w.load(Relaxed) == 0) {
            park.park().unwrap();
        }
        threads.map(|t| t.join().unwrap());
    });
}

/// What a park takes, it sees: no matter which of the two was the one that set the flag.
#[test]
fn a_park_that_returns_has_seen_what_came_before() {
    loom::model(|| {
        let mut park = ParkThread::new();
        let cell = Arc::new(loom::cell::UnsafeCell::new(0));
        let (unpark, theirs) = (park.unpark(), cell.clone());
        let thread = thread::spawn(move || {
            // SAFETY: the other thread reads only after it was unparked, which comes after this.
            theirs.with_mut(|value| unsafe { *value = 1 });
            unpark.unpark();
        });
        park.park().unwrap();
        // SAFETY: as above.
        assert_eq!(cell.with(|value| unsafe { *value }), 1);
        thread.join().unwrap();
    });
}

/// A token of the thread that was meant for another parker on it wakes nobody for good.
#[test]
fn parkers_of_one_thread_do_not_take_each_others_unparks() {
    loom::model(|| {
        let (mut first, mut second) = (ParkThread::new(), ParkThread::new());
        let (unpark_first, unpark_second) = (first.unpark(), second.unpark());
        let thread = thread::spawn(move || {
            unpark_second.unpark();
            unpark_first.unpark();
        });
        first.park().unwrap();
        second.park().unwrap();
        thread.join().unwrap();
    });
}
