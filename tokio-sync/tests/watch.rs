//! The latest value, from one task to many.

mod support;

use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use support::{hostile, Bell, Counted, Generation};
use tokio_sync::watch::channel;
use tokio_task::Caller;

both! {
    the_first_value_is_there_and_each_last_one_is_seen,
    all_waiting_receivers_are_woken,
    a_clone_has_seen_what_its_original_had,
    the_last_value_is_seen_before_the_end,
    a_sender_learns_that_nobody_watches,
    a_thread_that_watches_sees_the_last_value,
    who_goes_away_lets_go_of_its_task,
}

fn the_first_value_is_there_and_each_last_one_is_seen<G: Generation>() {
    let (mut tx, mut rx) = channel(1);
    let bell = Bell::new();
    assert_eq!(*rx.get_ref(), 1);
    assert_eq!(G::watched(&mut rx), Some(1), "`get_ref` is not seeing");
    assert!(G::poll(&bell, |caller| rx.poll_ref_with(caller).map(drop)).is_pending());
    for n in 2..5 {
        G::set(&mut tx, n).unwrap();
    }
    assert_eq!(bell.rang(), 1);
    assert_eq!(*rx.get_ref(), 4);
    assert_eq!(G::watched(&mut rx), Some(4));
    assert!(G::poll(&bell, |caller| rx.poll_ref_with(caller).map(drop)).is_pending());
}

fn all_waiting_receivers_are_woken<G: Generation>() {
    let (mut tx, mut rx) = channel(0);
    assert_eq!(G::watched(&mut rx), Some(0));
    let mut receivers: Vec<_> = (0..10).map(|_| (rx.clone(), Bell::new())).collect();
    for round in 1..4 {
        for (rx, bell) in &mut receivers {
            for _ in 0..2 {
                assert!(G::poll(bell, |caller| rx.poll_ref_with(caller).map(drop)).is_pending());
            }
        }
        tx.broadcast(round).unwrap();
        for (rx, bell) in &mut receivers {
            assert_eq!(bell.rang(), round);
            assert_eq!(G::watched(rx), Some(round));
        }
    }
}

fn a_clone_has_seen_what_its_original_had<G: Generation>() {
    let (_tx, mut rx) = channel(1);
    assert_eq!(G::watched(&mut rx.clone()), Some(1));
    assert_eq!(G::watched(&mut rx), Some(1));
    let mut clone = rx.clone();
    assert!(G::poll(&Bell::new(), |caller| clone.poll_ref_with(caller).map(drop)).is_pending());
}

fn the_last_value_is_seen_before_the_end<G: Generation>() {
    let (mut tx, mut rx) = channel(1);
    assert_eq!(G::watched(&mut rx), Some(1));
    let (mut waiting, bell) = (rx.clone(), Bell::new());
    assert!(G::poll(&bell, |caller| waiting.poll_ref_with(caller).map(drop)).is_pending());
    tx.broadcast(2).unwrap();
    drop(tx);
    assert_eq!(bell.rang(), 1);
    for rx in [&mut rx, &mut waiting] {
        assert_eq!(G::watched(rx), Some(2));
        assert_eq!(G::watched(rx), None);
        assert_eq!(*rx.get_ref(), 2);
    }
}

fn a_sender_learns_that_nobody_watches<G: Generation>() {
    let (mut tx, rx) = channel(1);
    let (bell, other) = (Bell::new(), rx.clone());
    assert!(G::poll(&bell, |caller| tx.poll_close_with(caller)).is_pending());
    drop(rx);
    assert_eq!(bell.rang(), 0);
    drop(other);
    assert_eq!(bell.rang(), 1);
    G::unwatched(&mut tx);
    let error = G::set(&mut tx, 2).unwrap_err();
    assert_eq!(error.to_string(), "channel closed");
    assert_eq!(error.into_inner(), 2);
}

fn a_thread_that_watches_sees_the_last_value<G: Generation>() {
    const LAST: usize = 5000;
    let (mut tx, rx) = channel(0);
    let watchers = [(); 3].map(|()| {
        let mut rx = rx.clone();
        thread::spawn(move || {
            let mut last = None;
            while let Some(value) = G::watched(&mut rx) {
                assert!(last < Some(value), "seen twice");
                last = Some(value);
            }
            assert_eq!(last, Some(LAST));
        })
    });
    (1..=LAST).for_each(|n| G::set(&mut tx, n).unwrap());
    drop(tx);
    watchers.into_iter().for_each(|watcher| watcher.join().unwrap());
}

fn who_goes_away_lets_go_of_its_task<G: Generation>() {
    let (mut tx, mut rx) = channel(0);
    let (receiver, sender) = (Bell::new(), Bell::new());
    assert_eq!(G::watched(&mut rx), Some(0));
    assert!(G::poll(&receiver, |caller| rx.poll_ref_with(caller).map(drop)).is_pending());
    let kept = rx.clone();
    drop(rx);
    assert_eq!(Arc::strong_count(&receiver), 1);
    assert!(G::poll(&sender, |caller| tx.poll_close_with(caller)).is_pending());
    drop(tx);
    assert_eq!(Arc::strong_count(&sender), 1);
    drop(kept);
}

#[test]
fn a_receiver_that_moved_to_another_task_wakes_that_one() {
    let (mut tx, mut rx) = channel(0);
    let (first, second) = (Bell::new(), Bell::new());
    assert!(rx.poll_ref_with(Caller::Std(Waker::noop())).is_ready());
    let mut wait = |bell: &Arc<Bell>| {
        support::Std::poll(bell, |caller| rx.poll_ref_with(caller).map(drop)).is_pending()
    };
    assert!(wait(&first) && wait(&second));
    tx.broadcast(1).unwrap();
    assert_eq!((first.rang(), second.rang()), (0, 1));
}

#[test]
fn a_panicking_waker_costs_no_other_receiver_its_wake() {
    let (mut tx, mut rx) = channel(0);
    assert!(rx.poll_ref_with(Caller::Std(Waker::noop())).is_ready());
    let bell = Bell::new();
    let wakers = [Waker::from(bell.clone()), hostile(), Waker::from(bell.clone())];
    let mut receivers = [rx.clone(), rx.clone(), rx.clone()];
    for (rx, waker) in receivers.iter_mut().zip(&wakers) {
        assert!(rx.poll_ref_with(Caller::Std(waker)).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| tx.broadcast(1))).is_err());
    assert_eq!(bell.rang(), 2);
    for rx in &mut receivers {
        let Poll::Ready(Some(value)) = rx.poll_ref_with(Caller::Std(Waker::noop())) else {
            panic!("it was set")
        };
        assert_eq!(*value, 1);
    }
}

#[test]
fn each_value_is_dropped_once() {
    let (value, drops) = Counted::new();
    let (mut tx, rx) = channel(value());
    tx.broadcast(value()).unwrap();
    assert_eq!(drops.load(SeqCst), 1, "by the one who replaces it");
    drop(rx);
    drop(tx.broadcast(value()));
    assert_eq!(drops.load(SeqCst), 2);
    drop(tx);
    assert_eq!(drops.load(SeqCst), 3);
}
