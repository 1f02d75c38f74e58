//! One value, from one task to another.

mod support;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Waker};
use std::thread;
use support::{Bell, Counted, Generation};
use tokio_sync::oneshot::channel;

both! {
    a_value_arrives,
    a_value_from_another_thread_arrives,
    a_waiting_receiver_is_woken_once,
    a_receiver_that_moved_to_another_task_wakes_that_one,
    a_sender_that_goes_away_ends_the_wait,
    a_closed_receiver_refuses_and_still_gets_what_was_sent,
    a_sender_learns_that_nobody_wants_its_value,
    a_half_that_goes_away_lets_go_of_its_task,
}

fn a_value_arrives<G: Generation>() {
    let (tx, rx) = channel();
    tx.send("value").unwrap();
    assert_eq!(G::value(rx).unwrap(), "value");
}

fn a_value_from_another_thread_arrives<G: Generation>() {
    for n in 0..1000 {
        let (tx, rx) = channel();
        let sender = thread::spawn(move || tx.send(n).unwrap());
        assert_eq!(G::value(rx).unwrap(), n);
        sender.join().unwrap();
    }
}

fn a_waiting_receiver_is_woken_once<G: Generation>() {
    let (tx, mut rx) = channel();
    let bell = Bell::new();
    for _ in 0..3 {
        assert!(G::poll(&bell, |caller| rx.poll_with(caller)).is_pending());
    }
    assert_eq!(bell.rang(), 0);
    tx.send(1).unwrap();
    assert_eq!(bell.rang(), 1);
    assert_eq!(G::value(rx).unwrap(), 1);
}

fn a_receiver_that_moved_to_another_task_wakes_that_one<G: Generation>() {
    let (tx, mut rx) = channel();
    let (first, second) = (Bell::new(), Bell::new());
    assert!(G::poll(&first, |caller| rx.poll_with(caller)).is_pending());
    assert!(G::poll(&second, |caller| rx.poll_with(caller)).is_pending());
    tx.send(1).unwrap();
    assert_eq!((first.rang(), second.rang()), (0, 1));
}

fn a_sender_that_goes_away_ends_the_wait<G: Generation>() {
    let (tx, mut rx) = channel::<u8>();
    let bell = Bell::new();
    assert!(rx.try_recv().unwrap_err().is_empty());
    assert!(G::poll(&bell, |caller| rx.poll_with(caller)).is_pending());
    drop(tx);
    assert_eq!(bell.rang(), 1);
    assert_eq!(G::value(rx).unwrap_err().to_string(), "channel closed");
}

fn a_closed_receiver_refuses_and_still_gets_what_was_sent<G: Generation>() {
    let (tx, mut rx) = channel();
    rx.close();
    assert!(tx.is_closed());
    assert_eq!(tx.send(1), Err(1));
    assert!(rx.try_recv().unwrap_err().is_closed());
    assert!(G::value(rx).is_err());

    let (tx, mut rx) = channel();
    tx.send(1).unwrap();
    rx.close();
    assert_eq!(G::value(rx).unwrap(), 1);
}

fn a_sender_learns_that_nobody_wants_its_value<G: Generation>() {
    let (mut tx, rx) = channel();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| tx.poll_close_with(caller)).is_pending());
    assert!(!tx.is_closed());
    drop(rx);
    assert_eq!(bell.rang(), 1);
    G::abandoned(&mut tx);
    assert!(tx.is_closed());
    assert_eq!(tx.send(1), Err(1));
}

fn a_half_that_goes_away_lets_go_of_its_task<G: Generation>() {
    let (mut tx, mut rx) = channel::<u8>();
    let (receiver, sender) = (Bell::new(), Bell::new());
    assert!(G::poll(&receiver, |caller| rx.poll_with(caller)).is_pending());
    drop(rx);
    assert_eq!(std::sync::Arc::strong_count(&receiver), 1);
    drop(tx);

    (tx, rx) = channel::<u8>();
    assert!(G::poll(&sender, |caller| tx.poll_close_with(caller)).is_pending());
    tx.send(1).unwrap();
    assert_eq!(std::sync::Arc::strong_count(&sender), 1);
    assert_eq!(rx.try_recv().unwrap(), 1);
}

#[test]
fn a_value_can_be_taken_without_waiting() {
    let (tx, mut rx) = channel();
    tx.send(1).unwrap();
    assert_eq!(rx.try_recv().unwrap(), 1);
    assert!(rx.try_recv().unwrap_err().is_closed());
}

#[test]
fn a_borrowed_receiver_can_be_awaited_and_used_again() {
    let (tx, mut rx) = channel();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut (&mut rx).into_future()).poll(&mut cx).is_pending());
    tx.send(1).unwrap();
    assert_eq!(futures03::executor::block_on(rx.into_future()).unwrap(), 1);
}

#[test]
#[should_panic(expected = "after it completed")]
fn polling_a_completed_receiver_panics() {
    let (tx, mut rx) = channel();
    tx.send(1).unwrap();
    assert_eq!(rx.try_recv().unwrap(), 1);
    let _ = rx.poll_with(tokio_task::Caller::Std(Waker::noop()));
}

#[test]
fn each_value_is_dropped_once() {
    let (value, drops) = Counted::new();
    let (tx, rx) = channel();
    tx.send(value()).unwrap();
    drop(rx);
    assert_eq!(drops.load(SeqCst), 1);

    let (tx, rx) = channel();
    drop(rx);
    drop(tx.send(value()));
    assert_eq!(drops.load(SeqCst), 2);

    let (tx, mut rx) = channel();
    tx.send(value()).unwrap();
    drop(rx.try_recv());
    drop(rx);
    assert_eq!(drops.load(SeqCst), 3);
}

/// The published 0.1.8 ended the process here, on compilers that check uninitialised memory.
#[test]
fn a_channel_of_any_type_can_be_made() {
    drop(channel::<&'static str>());
    drop(channel::<Box<u8>>());
    drop(channel::<std::num::NonZeroUsize>());
    let (tx, rx) = channel::<fn() -> u8>();
    tx.send(|| 1).unwrap();
    assert_eq!(futures03::executor::block_on(rx.into_future()).unwrap()(), 1);
}
