//! `watch` under every interleaving. The mutations that make a model fail are in `mutations.txt`.

use crate::model::block_on;
use crate::watch::{channel, Receiver};
use loom::cell::Cell;
use loom::thread;
use std::sync::Arc;
use std::task::Poll;

/// The next value, slept for.
fn next(rx: &mut Receiver<usize>) -> Option<usize> {
    block_on(|caller| match rx.poll_ref_with(caller) {
        Poll::Ready(value) => Poll::Ready(value.map(|value| *value)),
        Poll::Pending => Poll::Pending,
    })
}

/// Sees values until the end; each is newer than the one before.
fn see_all(rx: &mut Receiver<usize>) -> usize {
    let mut last = None;
    while let Some(value) = next(rx) {
        assert!(last < Some(value), "seen twice");
        last = Some(value);
    }
    last.unwrap()
}

#[test]
fn a_sleeping_receiver_sees_the_last_value_and_the_end() {
    loom::model(|| {
        let (mut tx, mut rx) = channel(0);
        let sender = thread::spawn(move || {
            tx.broadcast(1).unwrap();
            tx.broadcast(2).unwrap();
        });
        assert_eq!(see_all(&mut rx), 2);
        sender.join().unwrap();
    });
}

#[test]
fn each_of_two_receivers_is_woken() {
    loom::model(|| {
        let (mut tx, mut rx) = channel(0);
        assert_eq!(next(&mut rx), Some(0));
        let mut other = rx.clone();
        let receiver = thread::spawn(move || {
            assert_eq!(next(&mut other), Some(1));
        });
        tx.broadcast(1).unwrap();
        // Before the end comes, which would wake it too.
        receiver.join().unwrap();
        drop(tx);
        assert_eq!(see_all(&mut rx), 1);
    });
}

#[test]
fn a_sleeping_sender_learns_that_all_receivers_went_away() {
    loom::model(|| {
        let (mut tx, rx) = channel(0);
        let reasons = [(); 2].map(|()| Arc::new(Reason(Cell::new(0))));
        let mut receivers = [Some(rx.clone()), Some(rx)];
        let threads = [0, 1].map(|n| {
            let (rx, reason) = (receivers[n].take(), reasons[n].clone());
            thread::spawn(move || {
                reason.0.set(1);
                drop(rx);
            })
        });
        block_on(|caller| tx.poll_close_with(caller));
        assert!(reasons.iter().all(|reason| reason.0.get() == 1));
        assert!(tx.broadcast(1).is_err());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// What one side wrote before it went away is seen by the other, when it learns of that.
struct Reason(Cell<usize>);

// SAFETY: loom's cell reports it if the channel does not order the accesses.
#[allow(unsafe_code)]
unsafe impl Sync for Reason {}
// SAFETY: as above.
#[allow(unsafe_code)]
unsafe impl Send for Reason {}

#[test]
fn the_end_publishes_its_reason() {
    loom::model(|| {
        let (tx, mut rx) = channel(0);
        let reason = Arc::new(Reason(Cell::new(0)));
        assert_eq!(next(&mut rx), Some(0));
        let sender = {
            let reason = reason.clone();
            thread::spawn(move || {
                reason.0.set(1);
                drop(tx);
            })
        };
        assert_eq!(next(&mut rx), None);
        assert_eq!(reason.0.get(), 1);
        sender.join().unwrap();
    });
}
