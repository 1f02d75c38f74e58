//! `permits` under every interleaving. The mutations that make a model fail are in `mutations.txt`.

use super::*;
use crate::model::{block_on, poll_once};
use loom::cell::Cell;
use loom::thread;
use std::sync::Arc;

fn hold(permits: &Permits) -> Result<(), Closed> {
    let mut claim = Claim::None;
    block_on(|caller| claim.poll_hold(permits, caller))
}

/// Whoever holds the one permit has the cell to itself.
struct Guarded {
    permits: Permits,
    cell: Cell<usize>,
}

// SAFETY: loom's cell reports it if the permit does not guard it.
#[allow(unsafe_code)]
unsafe impl Sync for Guarded {}

#[test]
fn a_permit_is_held_by_one_at_a_time() {
    loom::model(|| {
        let guarded = Arc::new(Guarded { permits: Permits::new(1), cell: Cell::new(0) });
        let add = |guarded: &Guarded| {
            hold(&guarded.permits).unwrap();
            guarded.cell.set(guarded.cell.get() + 1);
            guarded.permits.give(1);
        };
        let other = {
            let guarded = guarded.clone();
            thread::spawn(move || add(&guarded))
        };
        add(&guarded);
        other.join().unwrap();
        assert_eq!(guarded.permits.available(), 1);
        assert_eq!(guarded.cell.get(), 2);
    });
}

#[test]
fn what_is_tried_is_had_by_one_at_a_time() {
    loom::model(|| {
        let guarded = Arc::new(Guarded { permits: Permits::new(1), cell: Cell::new(0) });
        let add = |guarded: &Guarded| {
            if guarded.permits.try_take().is_ok() {
                guarded.cell.set(guarded.cell.get() + 1);
                guarded.permits.give(1);
            }
        };
        let other = {
            let guarded = guarded.clone();
            thread::spawn(move || add(&guarded))
        };
        add(&guarded);
        other.join().unwrap();
        assert_eq!(guarded.permits.available(), 1);
    });
}

#[test]
fn permits_that_are_given_reach_all_who_wait() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(0));
        let waiters = [(); 2].map(|()| {
            let permits = permits.clone();
            thread::spawn(move || hold(&permits).unwrap())
        });
        permits.give(2);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        assert_eq!(permits.available(), 0);
    });
}

#[test]
fn who_leaves_passes_on_what_it_was_granted() {
    loom::model(|| {
        let permits = Arc::new(Permits::new(0));
        let mut first = Claim::None;
        assert!(poll_once(|caller| first.poll_hold(&permits, caller)).is_pending());
        let second = {
            let permits = permits.clone();
            thread::spawn(move || hold(&permits).unwrap())
        };
        let giver = {
            let permits = permits.clone();
            thread::spawn(move || permits.give(1))
        };
        first.release(&permits);
        second.join().unwrap();
        giver.join().unwrap();
        assert_eq!(permits.available(), 0);
        permits.give(1);
        assert_eq!(permits.available(), 1);
    });
}

#[test]
fn the_last_who_leaves_leaves_no_queue() {
    loom::model(|| {
        let guarded = Arc::new(Guarded { permits: Permits::new(0), cell: Cell::new(0) });
        let permits = &guarded.permits;
        let mut claim = Claim::None;
        assert!(poll_once(|caller| claim.poll_hold(permits, caller)).is_pending());
        claim.release(permits);
        assert_eq!(permits.word.load(Relaxed), 0);
        assert!(poll_once(|caller| claim.poll_hold(permits, caller)).is_pending());
        let giver = {
            let guarded = guarded.clone();
            thread::spawn(move || {
                guarded.cell.set(1);
                guarded.permits.give(1);
            })
        };
        claim.release(permits);
        if permits.try_take().is_ok() {
            assert_eq!(guarded.cell.get(), 1);
            permits.give(1);
        }
        giver.join().unwrap();
        assert_eq!(permits.word.load(Relaxed), ONE);
    });
}

#[test]
fn closing_reaches_all_and_publishes_its_reason() {
    loom::model(|| {
        let guarded = Arc::new(Guarded { permits: Permits::new(0), cell: Cell::new(0) });
        let waiter = {
            let guarded = guarded.clone();
            thread::spawn(move || {
                assert_eq!(hold(&guarded.permits), Err(Closed));
                assert_eq!(guarded.cell.get(), 1);
            })
        };
        let other = {
            let guarded = guarded.clone();
            thread::spawn(move || {
                if guarded.permits.try_take() == Err(Refusal::Closed) {
                    assert_eq!(guarded.cell.get(), 1);
                }
            })
        };
        let third = {
            let guarded = guarded.clone();
            thread::spawn(move || {
                if guarded.permits.is_closed() {
                    assert_eq!(guarded.cell.get(), 1);
                }
            })
        };
        guarded.cell.set(1);
        guarded.permits.close();
        waiter.join().unwrap();
        other.join().unwrap();
        third.join().unwrap();
        assert!(guarded.permits.is_closed_with(0));
    });
}

#[test]
fn closing_races_with_taking() {
    loom::model(|| {
        let guarded = Arc::new(Guarded { permits: Permits::new(1), cell: Cell::new(0) });
        let taker = {
            let guarded = guarded.clone();
            thread::spawn(move || {
                if guarded.permits.try_take() == Err(Refusal::Closed) {
                    assert_eq!(guarded.cell.get(), 1);
                    return false;
                }
                true
            })
        };
        guarded.cell.set(1);
        guarded.permits.close();
        let taken = taker.join().unwrap();
        assert!(guarded.permits.is_closed_with(usize::from(!taken)));
    });
}

/// Who gives may find the queue empty that made it take the lock.
#[test]
fn what_is_handed_over_to_nobody_is_there_for_whoever_comes() {
    loom::model(|| {
        let guarded = Arc::new(Guarded { permits: Permits::new(0), cell: Cell::new(0) });
        let giver = {
            let guarded = guarded.clone();
            thread::spawn(move || {
                guarded.cell.set(1);
                guarded.permits.hand_over(1);
            })
        };
        if guarded.permits.try_take().is_ok() {
            assert_eq!(guarded.cell.get(), 1);
        }
        giver.join().unwrap();
    });
}
