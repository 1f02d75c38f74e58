//! Offers under every interleaving. Fails if the fence in `put`, or that in `is_all_awake_now`, is
//! taken out, or if whoever puts or gets up does not look.

use super::*;
use crate::sleep::{Reason, Sleep};
use loom::thread;
use std::sync::Arc;

/// The last sleeper gets up while a thread blocks: one of them rescues the core.
#[test]
fn no_core_lies_open_while_nobody_sleeps() {
    loom::model(|| {
        let pool = Arc::new((Sleep::new(2, false), Offers::new(2), AtomicUsize::new(0)));
        pool.0.lie_down(1, false, Reason::Dry);
        let other = {
            let pool = pool.clone();
            thread::spawn(move || {
                assert!(!pool.0.get_up(1));
                // Nobody else sleeps, to stand by.
                let _ = pool.0.activate(1, false);
                if pool.0.is_all_awake_now() && pool.1.any() {
                    pool.2.fetch_add(pool.1.take_each().count(), Relaxed);
                }
            })
        };
        pool.1.put(0, ());
        if pool.0.is_all_awake() {
            pool.2.fetch_add(usize::from(pool.1.take(0).is_some()), Relaxed);
        }
        other.join().unwrap();
        assert_eq!(pool.2.load(Relaxed), 1, "rescued");
    });
}

/// A task is injected while a thread blocks: it is seen by the thread, or the thread by the pusher.
#[test]
fn a_task_that_is_injected_meanwhile_wakes_a_sleeper() {
    loom::model(|| {
        let pool = Arc::new((Sleep::new(2, false), Offers::new(2), AtomicUsize::new(0)));
        pool.0.lie_down(1, false, Reason::Dry);
        let pusher = {
            let pool = pool.clone();
            thread::spawn(move || {
                pool.2.store(1, Relaxed);
                pool.0.is_all_asleep() || pool.1.any()
            })
        };
        pool.1.put(0, ());
        let seen = pool.2.load(Relaxed) != 0;
        assert!(pusher.join().unwrap() || seen);
    });
}

/// The closure is over just when somebody rescues the core: one of them has it.
#[test]
fn one_takes_the_core() {
    loom::model(|| {
        let offers = Arc::new(Offers::new(1));
        offers.put(0, ());
        let rescuer = {
            let offers = offers.clone();
            thread::spawn(move || offers.take_each().count())
        };
        let taken = usize::from(offers.take(0).is_some());
        assert_eq!(taken + rescuer.join().unwrap(), 1);
        assert!(!offers.any());
    });
}
