//! `lock` under every interleaving: the value is touched by one at a time, and abandoned waits
//! stop nobody. What it rests on is modelled in `permits`.

use super::*;
use crate::model::{block_on, poll_once};
use loom::thread;

#[test]
fn one_at_a_time_touches_the_value() {
    loom::model(|| {
        let mut lock = Lock::new(0);
        let threads = [(); 2].map(|()| {
            let mut lock = lock.clone();
            thread::spawn(move || *block_on(|caller| lock.poll_lock_with(caller)) += 1)
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(*block_on(|caller| lock.poll_lock_with(caller)), 2);
    });
}

#[test]
fn a_handle_that_is_dropped_while_it_waits_stops_nobody() {
    loom::model(|| {
        let mut lock = Lock::new(0);
        let guard = block_on(|caller| lock.poll_lock_with(caller));
        let mut fickle = lock.clone();
        assert!(poll_once(|caller| fickle.poll_lock_with(caller)).is_pending());
        let waiter = {
            let mut lock = lock.clone();
            thread::spawn(move || *block_on(|caller| lock.poll_lock_with(caller)) += 1)
        };
        let leave = thread::spawn(move || drop(fickle));
        drop(guard);
        waiter.join().unwrap();
        leave.join().unwrap();
        assert_eq!(*block_on(|caller| lock.poll_lock_with(caller)), 1);
    });
}
