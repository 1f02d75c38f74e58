//! `mpsc` under every interleaving: a receiver that sleeps until it is woken gets every value, and
//! the end. The mutations that make a model fail are in `mutations.txt`.

use crate::model::{block_on, poll_once};
use crate::mpsc::{channel, unbounded_channel};
use loom::thread;

#[test]
fn a_sleeping_receiver_gets_every_value_and_the_end() {
    loom::model(|| {
        let (mut tx, mut rx) = unbounded_channel();
        let sender = thread::spawn(move || {
            for n in 0..2 {
                tx.try_send(n).unwrap();
            }
        });
        for n in 0..2 {
            assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), Some(n));
        }
        assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), None);
        sender.join().unwrap();
    });
}

#[test]
fn a_sleeping_receiver_is_woken_by_the_last_sender_that_goes_away() {
    loom::model(|| {
        let (tx, mut rx) = unbounded_channel::<u8>();
        let senders = [tx.clone(), tx].map(|tx| thread::spawn(move || drop(tx)));
        assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), None);
        for sender in senders {
            sender.join().unwrap();
        }
    });
}

#[test]
fn a_full_channel_lets_the_sender_go_on() {
    loom::model(|| {
        let (mut tx, mut rx) = channel(1);
        let sender = thread::spawn(move || {
            for n in 0..2 {
                block_on(|caller| tx.poll_ready_with(caller)).unwrap();
                tx.try_send(n).unwrap();
            }
        });
        for n in 0..2 {
            assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), Some(n));
        }
        assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), None);
        sender.join().unwrap();
    });
}

/// The end comes when the last room that a sender keeps is used or given back.
#[test]
fn a_closed_receiver_waits_for_those_who_hold_room() {
    for sends in [false, true] {
        loom::model(move || {
            let (mut tx, mut rx) = channel(2);
            let kept = tx.clone();
            block_on(|caller| tx.poll_ready_with(caller)).unwrap();
            let sender = thread::spawn(move || {
                if sends {
                    tx.try_send(1).unwrap();
                }
            });
            rx.close();
            let first = block_on(|caller| rx.poll_recv_with(caller));
            assert_eq!(first, sends.then_some(1));
            assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), None);
            sender.join().unwrap();
            drop(kept);
        });
    }
}

/// A sender that was granted room without knowing goes away after the receiver was closed.
#[test]
fn a_closed_receiver_waits_for_those_who_were_granted_room() {
    loom::model(|| {
        let (mut tx, mut rx) = channel(1);
        tx.try_send(1).unwrap();
        let mut waiting = tx.clone();
        assert!(poll_once(|caller| waiting.poll_ready_with(caller)).is_pending());
        assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), Some(1));
        let sender = thread::spawn(move || drop(waiting));
        rx.close();
        assert_eq!(block_on(|caller| rx.poll_recv_with(caller)), None);
        sender.join().unwrap();
        drop(tx);
    });
}

/// Each value is dropped once, whether it was received, refused or left behind.
#[test]
fn a_receiver_that_goes_away_leaks_nothing() {
    loom::model(|| {
        let (mut tx, rx) = unbounded_channel();
        let value = std::sync::Arc::new(());
        let sender = {
            let value = value.clone();
            thread::spawn(move || {
                for _ in 0..2 {
                    let _ = tx.try_send(value.clone());
                }
            })
        };
        drop(rx);
        sender.join().unwrap();
        assert_eq!(std::sync::Arc::strong_count(&value), 1);
    });
}
