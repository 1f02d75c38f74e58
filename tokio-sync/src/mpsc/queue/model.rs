//! `mpsc::queue` under every interleaving, with three places in a block. The mutations that make a
//! model fail are in `mutations.txt`.

use super::*;
use loom::thread;
use std::sync::Arc;

/// Pops what is there, once for each value that there may be.
fn pop_some<T>(queue: &Queue<T>, n: usize) -> Vec<T> {
    // SAFETY: the models have one receiver each, which calls this.
    (0..n).filter_map(|_| unsafe { queue.pop() }).collect()
}

fn of(sender: usize, values: &[(usize, usize)]) -> Vec<usize> {
    values.iter().filter(|(from, _)| *from == sender).map(|(_, n)| *n).collect()
}

/// `before` values fill the block up, so that the senders meet at its end.
fn senders_race(before: usize, counts: [usize; 2]) {
    loom::model(move || {
        let queue = Arc::new(Queue::new());
        for n in 0..before {
            let _ = queue.push((9, n)).unwrap();
        }
        let senders = [0, 1].map(|sender| {
            let queue = queue.clone();
            thread::spawn(move || {
                for n in 0..counts[sender] {
                    let _ = queue.push((sender, n)).unwrap();
                }
            })
        });
        let mut values = pop_some(&queue, before + 1);
        for sender in senders {
            sender.join().unwrap();
        }
        values.extend(pop_some(&queue, 9));
        assert_eq!(of(9, &values), (0..before).collect::<Vec<_>>());
        assert_eq!(of(0, &values), (0..counts[0]).collect::<Vec<_>>());
        assert_eq!(of(1, &values), (0..counts[1]).collect::<Vec<_>>());
    });
}

#[test]
fn values_come_once_and_in_the_order_of_their_sender() {
    senders_race(0, [1, 1]);
}

#[test]
fn senders_meet_at_the_end_of_a_block() {
    senders_race(2, [1, 1]);
}

#[test]
fn one_sender_crosses_into_a_block_that_another_put_in_place() {
    senders_race(1, [2, 1]);
}

/// One sender, and a receiver whose emptied blocks come back as spares.
#[test]
fn blocks_are_used_again() {
    loom::model(|| {
        let queue = Arc::new(Queue::new());
        for n in 0..4 {
            let _ = queue.push(n).unwrap();
        }
        let sender = {
            let queue = queue.clone();
            thread::spawn(move || {
                for n in 4..8 {
                    let _ = queue.push(n).unwrap();
                }
            })
        };
        let mut values = pop_some(&queue, 8);
        sender.join().unwrap();
        values.extend(pop_some(&queue, 8));
        assert_eq!(values, (0..8).collect::<Vec<_>>());
    });
}

/// The sender of the value that is waited for is told so, and no other.
#[test]
fn a_wait_is_answered_by_one_sender() {
    loom::model(|| {
        let queue = Arc::new(Queue::new());
        let senders = [1, 2].map(|value| {
            let queue = queue.clone();
            thread::spawn(move || queue.push(value).unwrap() == Receiver::Waits)
        });
        // SAFETY: this is the receiver.
        let waits = unsafe { queue.wait() };
        let told = senders.map(|sender| sender.join().unwrap()).into_iter().filter(|told| *told);
        assert_eq!(told.count(), usize::from(waits));
        // SAFETY: this is the receiver.
        let mut values = [(); 2].map(|()| unsafe { queue.pop() }.unwrap());
        values.sort_unstable();
        assert_eq!(values, [1, 2]);
    });
}

/// A push that races with the closing either fails or is received before the end.
#[test]
fn closing_loses_no_value() {
    for before in [0, 2] {
        loom::model(move || {
            let queue = Arc::new(Queue::new());
            for n in 0..before {
                let _ = queue.push(n).unwrap();
            }
            let sender = {
                let queue = queue.clone();
                thread::spawn(move || queue.push(9).is_ok())
            };
            queue.close();
            // SAFETY: this is the receiver.
            while unsafe { !queue.is_drained() } {
                // SAFETY: as above.
                if unsafe { queue.pop() }.is_none() {
                    thread::yield_now();
                }
            }
            let sent = sender.join().unwrap();
            // SAFETY: as above.
            assert_eq!(unsafe { queue.pop() }, None);
            let received = queue.head.with(|head| {
                // SAFETY: as above.
                let position = unsafe { (*head).position };
                position - position / LAP
            });
            assert_eq!(received, before + usize::from(sent));
        });
    }
}
