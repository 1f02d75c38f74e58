//! Many values, from many tasks to one.

mod support;

use futures03::SinkExt;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use support::{hostile, Bell, Counted, Generation};
use tokio_sync::mpsc::{channel, unbounded_channel};
use tokio_task::Caller;

both! {
    values_come_in_order_and_then_the_end,
    unbounded_values_come_in_order_and_then_the_end,
    a_waiting_receiver_is_woken_by_the_value_it_waits_for,
    a_full_channel_lets_senders_wait_in_turn,
    a_sender_that_leaves_passes_on_the_room_it_was_granted,
    closing_lets_senders_fail_and_keeps_what_was_sent,
    closing_unbounded_lets_senders_fail_and_keeps_what_was_sent,
    a_sender_that_holds_room_sends_after_the_closing,
    the_end_waits_for_room_that_is_held,
    a_receiver_that_goes_away_lets_senders_fail,
    threads_send_to_one_receiver,
    threads_send_unbounded_to_one_receiver,
    a_receiver_that_goes_away_lets_go_of_its_task,
}

fn values_come_in_order_and_then_the_end<G: Generation>() {
    let (mut tx, mut rx) = channel(200);
    for n in 0..200 {
        G::send(&mut tx, n).unwrap();
    }
    let full = tx.try_send(200).unwrap_err();
    assert!(full.is_full() && !full.is_closed());
    assert_eq!(full.to_string(), "no available capacity");
    assert_eq!(full.into_inner(), 200);
    drop(tx);
    assert!((0..200).all(|n| G::recv(&mut rx) == Some(n)));
    assert_eq!(G::recv(&mut rx), None);
    assert_eq!(G::recv(&mut rx), None);
}

fn unbounded_values_come_in_order_and_then_the_end<G: Generation>() {
    let (mut tx, mut rx) = unbounded_channel();
    for n in 0..2000 {
        G::send_unbounded(&mut tx, n).unwrap();
    }
    drop(tx);
    assert!((0..2000).all(|n| G::recv_unbounded(&mut rx) == Some(n)));
    assert_eq!(G::recv_unbounded(&mut rx), None);
}

fn a_waiting_receiver_is_woken_by_the_value_it_waits_for<G: Generation>() {
    let (mut tx, mut rx) = channel(100);
    let bell = Bell::new();
    for n in 0..100 {
        assert!(G::poll(&bell, |caller| rx.poll_recv_with(caller)).is_pending());
        assert_eq!(bell.rang(), n);
        tx.try_send(n).unwrap();
        assert_eq!(bell.rang(), n + 1);
        tx.try_send(n).unwrap();
        assert_eq!(bell.rang(), n + 1, "nobody waits for the second value");
        assert_eq!(G::recv(&mut rx), Some(n));
        assert_eq!(G::recv(&mut rx), Some(n));
    }
    assert!(G::poll(&bell, |caller| rx.poll_recv_with(caller)).is_pending());
    drop(tx);
    assert_eq!(bell.rang(), 101);
    assert_eq!(G::recv(&mut rx), None);
}

fn a_full_channel_lets_senders_wait_in_turn<G: Generation>() {
    let (mut tx, mut rx) = channel(1);
    tx.try_send(0).unwrap();
    let mut senders: Vec<_> = (0..3).map(|_| (tx.clone(), Bell::new())).collect();
    for (tx, bell) in &mut senders {
        assert!(G::poll(bell, |caller| tx.poll_ready_with(caller)).is_pending());
    }
    for (n, (sender, bell)) in senders.iter_mut().enumerate() {
        assert_eq!(bell.rang(), 0);
        assert_eq!(G::recv(&mut rx), Some(n));
        assert_eq!(bell.rang(), 1);
        assert!(tx.try_send(9).unwrap_err().is_full(), "nobody passes those who wait");
        assert!(G::poll(bell, |caller| sender.poll_ready_with(caller)).is_ready());
        sender.try_send(n + 1).unwrap();
    }
}

fn a_sender_that_leaves_passes_on_the_room_it_was_granted<G: Generation>() {
    let (mut tx, mut rx) = channel(1);
    tx.try_send(0).unwrap();
    let (mut first, mut second) = (tx.clone(), tx.clone());
    let (first_bell, second_bell) = (Bell::new(), Bell::new());
    assert!(G::poll(&first_bell, |caller| first.poll_ready_with(caller)).is_pending());
    assert!(G::poll(&second_bell, |caller| second.poll_ready_with(caller)).is_pending());
    assert_eq!(G::recv(&mut rx), Some(0));
    assert_eq!((first_bell.rang(), second_bell.rang()), (1, 0));
    drop(first);
    assert_eq!(second_bell.rang(), 1);
    G::send(&mut second, 1).unwrap();
    assert_eq!(G::recv(&mut rx), Some(1));
}

fn closing_lets_senders_fail_and_keeps_what_was_sent<G: Generation>() {
    let (mut tx, mut rx) = channel(2);
    let bell = Bell::new();
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    assert!(G::poll(&bell, |caller| tx.poll_ready_with(caller)).is_pending());
    rx.close();
    assert_eq!(bell.rang(), 1);
    assert!(matches!(G::poll(&bell, |caller| tx.poll_ready_with(caller)), Poll::Ready(Err(_))));
    assert!(tx.is_closed());
    let closed = tx.try_send(3).unwrap_err();
    assert!(closed.is_closed() && !closed.is_full());
    assert_eq!(closed.into_inner(), 3);
    assert_eq!(G::send(&mut tx, 3).unwrap_err().to_string(), "channel closed");
    assert_eq!(G::recv(&mut rx), Some(1));
    assert_eq!(G::recv(&mut rx), Some(2));
    assert_eq!(G::recv(&mut rx), None, "also while there are senders");
}

fn closing_unbounded_lets_senders_fail_and_keeps_what_was_sent<G: Generation>() {
    let (mut tx, mut rx) = unbounded_channel();
    tx.try_send(1).unwrap();
    rx.close();
    assert!(tx.is_closed());
    assert_eq!(tx.try_send(2).unwrap_err().into_inner(), 2);
    assert!(G::send_unbounded(&mut tx, 2).is_err());
    assert_eq!(G::recv_unbounded(&mut rx), Some(1));
    assert_eq!(G::recv_unbounded(&mut rx), None);
}

fn a_sender_that_holds_room_sends_after_the_closing<G: Generation>() {
    let (mut tx, mut rx) = channel(2);
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| tx.poll_ready_with(caller)).is_ready());
    rx.close();
    assert!(G::poll(&bell, |caller| rx.poll_recv_with(caller)).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!(bell.rang(), 1);
    assert!(tx.try_send(2).unwrap_err().is_closed());
    assert_eq!(G::recv(&mut rx), Some(1));
    assert_eq!(G::recv(&mut rx), None);
}

fn the_end_waits_for_room_that_is_held<G: Generation>() {
    let (mut tx, mut rx) = channel::<u8>(2);
    let (kept, bell) = (tx.clone(), Bell::new());
    assert!(G::poll(&bell, |caller| tx.poll_ready_with(caller)).is_ready());
    rx.close();
    assert!(G::poll(&bell, |caller| rx.poll_recv_with(caller)).is_pending());
    drop(tx);
    assert_eq!(bell.rang(), 1);
    assert_eq!(G::recv(&mut rx), None);
    drop(kept);
}

fn a_receiver_that_goes_away_lets_senders_fail<G: Generation>() {
    let (mut tx, rx) = channel(1);
    let (bell, mut holding) = (Bell::new(), tx.clone());
    assert!(G::poll(&bell, |caller| holding.poll_ready_with(caller)).is_ready());
    assert!(G::poll(&bell, |caller| tx.poll_ready_with(caller)).is_pending());
    drop(rx);
    assert_eq!(bell.rang(), 1);
    assert!(G::send(&mut tx, 1).is_err());
    assert!(holding.try_send(1).unwrap_err().is_closed(), "nobody would drop the value");

    let (mut tx, rx) = unbounded_channel();
    drop(rx);
    assert!(G::send_unbounded(&mut tx, 1).is_err());
}

const SENDERS: usize = 4;
const EACH: usize = 2000;

fn threads_send_to_one_receiver<G: Generation>() {
    for bound in [1, 7, 100] {
        let (tx, mut rx) = channel(bound);
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let mut tx = tx.clone();
                thread::spawn(move || {
                    (0..EACH).for_each(|n| G::send(&mut tx, (sender, n)).unwrap());
                })
            })
            .collect();
        drop(tx);
        let mut next = [0; SENDERS];
        while let Some((sender, n)) = G::recv(&mut rx) {
            assert_eq!(n, next[sender]);
            next[sender] += 1;
        }
        assert_eq!(next, [EACH; SENDERS]);
        senders.into_iter().for_each(|sender| sender.join().unwrap());
    }
}

fn threads_send_unbounded_to_one_receiver<G: Generation>() {
    let (tx, mut rx) = unbounded_channel();
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let mut tx = tx.clone();
            thread::spawn(move || {
                (0..EACH).for_each(|n| G::send_unbounded(&mut tx, (sender, n)).unwrap());
            })
        })
        .collect();
    drop(tx);
    let mut next = [0; SENDERS];
    while let Some((sender, n)) = G::recv_unbounded(&mut rx) {
        assert_eq!(n, next[sender]);
        next[sender] += 1;
    }
    assert_eq!(next, [EACH; SENDERS]);
    senders.into_iter().for_each(|sender| sender.join().unwrap());
}

fn a_receiver_that_goes_away_lets_go_of_its_task<G: Generation>() {
    let (mut tx, mut rx) = channel(1);
    let (receiver, sender) = (Bell::new(), Bell::new());
    assert!(G::poll(&receiver, |caller| rx.poll_recv_with(caller)).is_pending());
    let mut other = tx.clone();
    tx.try_send(1).unwrap();
    assert!(G::poll(&sender, |caller| other.poll_ready_with(caller)).is_pending());
    drop(other);
    assert_eq!(Arc::strong_count(&sender), 1);
    drop(rx);
    assert_eq!(Arc::strong_count(&receiver), 1);
}

#[test]
fn a_receiver_that_moved_to_another_task_wakes_that_one() {
    let (mut tx, mut rx) = channel(1);
    let (first, second) = (Bell::new(), Bell::new());
    assert!(support::Std::poll(&first, |caller| rx.poll_recv_with(caller)).is_pending());
    assert!(support::Futures01::poll(&second, |caller| rx.poll_recv_with(caller)).is_pending());
    tx.try_send(1).unwrap();
    assert_eq!((first.rang(), second.rang()), (0, 1));

    // So does a sender, and it keeps its place.
    assert!(support::Std::poll(&first, |caller| tx.poll_ready_with(caller)).is_pending());
    assert!(support::Futures01::poll(&second, |caller| tx.poll_ready_with(caller)).is_pending());
    assert!(rx.poll_recv_with(Caller::Std(Waker::noop())).is_ready());
    assert_eq!((first.rang(), second.rang()), (0, 2));
}

#[test]
fn a_wait_for_room_that_is_dropped_gives_up_its_place() {
    let (mut tx, mut rx) = channel(1);
    tx.try_send(1).unwrap();
    let mut other = tx.clone();
    let mut cx = std::task::Context::from_waker(Waker::noop());
    {
        let ready = std::pin::pin!(tx.ready());
        assert!(std::future::Future::poll(ready, &mut cx).is_pending());
    }
    assert!(rx.poll_recv_with(Caller::Std(Waker::noop())).is_ready());
    other.try_send(2).expect("the room is for whoever comes");
}

#[test]
fn a_panicking_waker_costs_no_other_sender_its_wake() {
    let (mut tx, mut rx) = channel(1);
    tx.try_send(1).unwrap();
    let (waker, bell) = (hostile(), Bell::new());
    let mut senders = [tx.clone(), tx.clone(), tx.clone()];
    let [first, second, third] = &mut senders;
    let good = Waker::from(bell.clone());
    assert!(first.poll_ready_with(Caller::Std(&good)).is_pending());
    assert!(second.poll_ready_with(Caller::Std(&waker)).is_pending());
    assert!(third.poll_ready_with(Caller::Std(&good)).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| rx.close())).is_err());
    assert_eq!(bell.rang(), 2);
    assert!(rx.poll_recv_with(Caller::Std(&good)).is_ready());
}

#[test]
fn a_panicking_receivers_waker_costs_no_value() {
    let (mut tx, mut rx) = unbounded_channel();
    let waker = hostile();
    assert!(rx.poll_recv_with(Caller::Std(&waker)).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| tx.try_send(1))).is_err());
    tx.try_send(2).unwrap();
    drop(tx);
    let mut values = vec![];
    while let Poll::Ready(Some(value)) = rx.poll_recv_with(Caller::Std(Waker::noop())) {
        values.push(value);
    }
    assert_eq!(values, [1, 2]);
}

#[test]
fn each_value_is_dropped_once() {
    let (value, drops) = Counted::new();
    let (mut tx, mut rx) = channel(100);
    for _ in 0..100 {
        tx.try_send(value()).unwrap();
    }
    assert!(rx.poll_recv_with(Caller::Std(Waker::noop())).is_ready());
    assert_eq!(drops.load(SeqCst), 1);
    drop(rx);
    assert_eq!(drops.load(SeqCst), 100);
    drop(tx.try_send(value()));
    assert_eq!(drops.load(SeqCst), 101);
    drop(tx);

    let (mut tx, rx) = unbounded_channel();
    for _ in 0..100 {
        tx.try_send(value()).unwrap();
    }
    drop(tx);
    drop(rx);
    assert_eq!(drops.load(SeqCst), 201);
}

#[test]
fn values_may_be_large_or_empty() {
    let (mut tx, mut rx) = unbounded_channel();
    let (mut nothing, mut nothings) = unbounded_channel();
    for n in 0..100u8 {
        tx.try_send([n; 4096]).unwrap();
        nothing.try_send(()).unwrap();
    }
    for n in 0..100u8 {
        let value = rx.poll_recv_with(Caller::Std(Waker::noop()));
        assert_eq!(value, Poll::Ready(Some([n; 4096])));
        assert!(nothings.poll_recv_with(Caller::Std(Waker::noop())).is_ready());
    }
}

#[test]
fn a_bound_may_be_as_large_as_there_are_numbers() {
    let (mut tx, _rx) = channel(usize::MAX);
    tx.try_send(1).unwrap();
}

#[test]
#[should_panic(expected = "room for one value")]
fn a_bound_of_nothing_panics() {
    channel::<u8>(0);
}

#[test]
#[should_panic(expected = "without a `poll_ready`")]
fn a_std_sink_that_was_not_ready_panics() {
    let (mut tx, _rx) = channel(1);
    tx.start_send_unpin(1).unwrap();
    let _ = tx.start_send_unpin(2);
}
