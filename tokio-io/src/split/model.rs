//! `split` under every interleaving. Fails if `poll_hold` does not try a second time, if `Held`
//! does not wake, or if it wakes before it unlocks.

use super::*;
use loom::sync::atomic::AtomicUsize;
use loom::thread;
use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Wake, Waker};

struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A task that polls its half so many times. Returns its bell, and whether the last poll was
/// pending, so that the bell has to have rung since.
fn polls(shared: &Shared<Cell<usize>>, times: usize) -> (bool, Arc<Bell>) {
    let bell = Arc::new(Bell(AtomicUsize::new(0)));
    let waker = Waker::from(bell.clone());
    let mut pending = false;
    for _ in 0..times {
        bell.0.store(0, Relaxed);
        pending = match shared.poll_hold(Caller::Std(&waker)) {
            Poll::Ready(io) => {
                io.set(io.get() + 1);
                false
            }
            Poll::Pending => true,
        };
    }
    (pending, bell)
}

fn race(times: usize, other_times: usize) {
    loom::model(move || {
        let shared = Arc::new(Shared::new(Cell::new(0)));
        let other = {
            let shared = shared.clone();
            thread::spawn(move || polls(&shared, other_times))
        };
        let (pending, bell) = polls(&shared, times);
        let (other_pending, other_bell) = other.join().unwrap();
        assert!(!pending || bell.0.load(Relaxed) > 0);
        assert!(!other_pending || other_bell.0.load(Relaxed) > 0);
        // The stream is free: whoever was woken will get it.
        assert!(shared.try_hold().is_some());
    });
}

#[test]
fn a_half_that_finds_the_lock_taken_is_woken() {
    race(1, 1);
}

/// A waiter that an earlier poll left behind takes no wake away from a later one.
#[test]
fn a_half_that_polls_again_is_woken() {
    race(2, 1);
}
