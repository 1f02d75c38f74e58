//! One task at a time touches a value.

mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread;
use support::{Bell, Generation};
use tokio_sync::lock::Lock;

both! {
    a_guard_keeps_others_out_and_passes_on_in_turn,
    a_handle_that_is_dropped_while_it_waits_stops_nobody,
    threads_take_turns,
}

fn a_guard_keeps_others_out_and_passes_on_in_turn<G: Generation>() {
    let mut lock = Lock::from(1);
    let mut guard = G::lock(&mut lock);
    *guard += 1;
    assert_eq!(format!("{guard} {guard:?}"), "2 2");
    let (mut first, mut second) = (lock.clone(), lock.clone());
    let (first_bell, second_bell) = (Bell::new(), Bell::new());
    assert!(G::poll(&first_bell, |caller| first.poll_lock_with(caller)).is_pending());
    assert!(G::poll(&second_bell, |caller| second.poll_lock_with(caller)).is_pending());
    drop(guard);
    assert_eq!((first_bell.rang(), second_bell.rang()), (1, 0));
    assert!(G::poll(&second_bell, |caller| lock.poll_lock_with(caller)).is_pending());
    drop(G::poll(&first_bell, |caller| first.poll_lock_with(caller)));
    assert_eq!((first_bell.rang(), second_bell.rang()), (1, 1));
}

fn a_handle_that_is_dropped_while_it_waits_stops_nobody<G: Generation>() {
    let mut lock = Lock::new(());
    let guard = G::lock(&mut lock);
    let (mut fickle, bell) = (lock.clone(), Bell::new());
    assert!(G::poll(&bell, |caller| fickle.poll_lock_with(caller)).is_pending());
    drop(guard);
    drop(fickle);
    assert_eq!(Arc::strong_count(&bell), 1);
    drop(G::lock(&mut lock));
}

fn threads_take_turns<G: Generation>() {
    let mut lock = Lock::<usize>::default();
    let threads = [(); 4].map(|()| {
        let mut lock = lock.clone();
        thread::spawn(move || (0..2000).for_each(|_| *G::lock(&mut lock) += 1))
    });
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(*G::lock(&mut lock), 8000);
}

#[test]
fn a_wait_that_is_dropped_passes_the_lock_on() {
    let lock = Lock::new(());
    let bell = Bell::new();
    let waker = Waker::from(bell.clone());
    let mut cx = Context::from_waker(&waker);
    let guard = futures03::executor::block_on(lock.lock());
    let mut second = pin!(lock.lock());
    {
        let mut first = pin!(lock.lock());
        assert!(first.as_mut().poll(&mut cx).is_pending());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        drop(guard);
    }
    assert_eq!(bell.rang(), 2);
    assert!(second.as_mut().poll(&mut cx).is_ready());
}
