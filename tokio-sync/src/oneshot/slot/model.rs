//! `oneshot` under every interleaving. The mutations that make a model fail are in
//! `mutations.txt`.

use crate::model::{block_on, poll_once};
use crate::oneshot::channel;
use loom::cell::Cell;
use loom::thread;
use std::sync::Arc;
use std::task::Poll;

#[test]
fn a_sleeping_receiver_gets_the_value() {
    loom::model(|| {
        let (tx, mut rx) = channel();
        let sender = thread::spawn(move || tx.send(1).unwrap());
        assert_eq!(block_on(|caller| rx.poll_with(caller)).unwrap(), 1);
        sender.join().unwrap();
    });
}

#[test]
fn a_sleeping_receiver_learns_that_the_sender_went_away() {
    loom::model(|| {
        let (tx, mut rx) = channel::<u8>();
        let sender = thread::spawn(move || drop(tx));
        assert!(block_on(|caller| rx.poll_with(caller)).is_err());
        sender.join().unwrap();
    });
}

#[test]
fn a_sleeping_sender_learns_that_the_receiver_went_away() {
    loom::model(|| {
        let (mut tx, rx) = channel::<u8>();
        let reason = Arc::new(Reason(Cell::new(0)));
        let receiver = {
            let reason = reason.clone();
            thread::spawn(move || {
                reason.0.set(1);
                drop(rx);
            })
        };
        block_on(|caller| tx.poll_close_with(caller));
        assert_eq!(reason.0.get(), 1);
        receiver.join().unwrap();
    });
}

/// Either the value is refused, or the receiver that was closed still gets it.
#[test]
fn a_value_that_races_with_a_close_is_somewhere() {
    loom::model(|| {
        let (tx, mut rx) = channel();
        let sender = thread::spawn(move || tx.send(1).is_ok());
        rx.close();
        let received = block_on(|caller| rx.poll_with(caller));
        assert_eq!(received.is_ok(), sender.join().unwrap());
    });
}

/// The same for a receiver that only looks.
#[test]
fn a_value_that_races_with_a_close_is_found_by_a_look() {
    loom::model(|| {
        let (tx, mut rx) = channel();
        let sender = thread::spawn(move || tx.send(1).is_ok());
        rx.close();
        let first = rx.try_recv();
        let sent = sender.join().unwrap();
        assert_eq!(first.is_ok() || rx.try_recv().is_ok(), sent);
    });
}

#[test]
fn a_value_that_races_with_a_drop_is_dropped_once() {
    loom::model(|| {
        let (tx, rx) = channel();
        let value = Arc::new(());
        let sender = {
            let value = value.clone();
            thread::spawn(move || drop(tx.send(value)))
        };
        drop(rx);
        sender.join().unwrap();
        assert_eq!(Arc::strong_count(&value), 1);
    });
}

/// A receiver is polled by two tasks in turn, while the value comes.
#[test]
fn a_receiver_that_moves_is_woken_where_it_is() {
    loom::model(|| {
        let (tx, mut rx) = channel();
        let sender = thread::spawn(move || tx.send(1).unwrap());
        let received = match poll_once(|caller| rx.poll_with(caller)) {
            Poll::Ready(value) => value,
            Poll::Pending => block_on(|caller| rx.poll_with(caller)),
        };
        assert_eq!(received.unwrap(), 1);
        sender.join().unwrap();
    });
}

/// A half that waits goes away while the other one comes to wake it.
#[test]
fn a_half_that_goes_away_races_with_its_wake() {
    for sends in [false, true] {
        loom::model(move || {
            let (tx, mut rx) = channel();
            assert!(poll_once(|caller| rx.poll_with(caller)).is_pending());
            let sender = thread::spawn(move || match sends {
                true => drop(tx.send(1)),
                false => drop(tx),
            });
            drop(rx);
            sender.join().unwrap();

            let (mut tx, rx) = channel::<u8>();
            assert!(poll_once(|caller| tx.poll_close_with(caller)).is_pending());
            let receiver = thread::spawn(move || drop(rx));
            drop(tx);
            receiver.join().unwrap();
        });
    }
}

/// What one side wrote before it let the other fail is seen by the other.
struct Reason(Cell<usize>);

// SAFETY: loom's cell reports it if the channel does not order the accesses.
#[allow(unsafe_code)]
unsafe impl Sync for Reason {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Send for Reason {}

#[test]
fn closing_publishes_its_reason() {
    for send in [false, true] {
        loom::model(move || {
            let (tx, mut rx) = channel();
            let reason = Arc::new(Reason(Cell::new(0)));
            let sender = {
                let reason = reason.clone();
                thread::spawn(move || {
                    if if send { tx.send(1).is_err() } else { tx.is_closed() } {
                        assert_eq!(reason.0.get(), 1);
                    }
                })
            };
            reason.0.set(1);
            rx.close();
            sender.join().unwrap();
        });
    }
}

#[test]
fn dropping_the_sender_publishes_its_reason() {
    loom::model(|| {
        let (tx, mut rx) = channel::<u8>();
        let reason = Arc::new(Reason(Cell::new(0)));
        let sender = {
            let reason = reason.clone();
            thread::spawn(move || {
                reason.0.set(1);
                drop(tx);
            })
        };
        if rx.try_recv().is_err_and(|error| error.is_closed()) {
            assert_eq!(reason.0.get(), 1);
        }
        sender.join().unwrap();
    });
}
