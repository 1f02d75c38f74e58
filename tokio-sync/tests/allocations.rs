//! What the types cost the heap. A binary of its own, for its allocator.

// There no thread is counted: see `tests_heap::COUNTS_THREADS`.
// Under Miri the standard library allocates where it otherwise does not.
#![cfg(not(any(miri, all(windows, target_env = "gnu"))))]

mod support;

use std::task::{Poll, Waker};
use support::{Bell, Generation};
use tests_heap::{allocations, Counting};
use tokio_sync::lock::Lock;
use tokio_sync::semaphore::{Permit, Semaphore};
use tokio_sync::{mpsc, oneshot, watch};

both! {
    a_oneshot_is_one_allocation,
    a_bounded_channel_in_use_allocates_nothing,
    a_channel_that_is_drained_in_time_allocates_nothing,
    waiting_again_allocates_nothing,
    watching_allocates_nothing,
}

#[global_allocator]
static HEAP: Counting = Counting;

#[track_caller]
fn costs(wanted: usize, f: impl FnOnce()) {
    assert_eq!(allocations(f), wanted);
}

/// Runs `f` inside one task, so that entering it does not count.
fn inside<G: Generation>(mut f: impl FnMut(tokio_task::Caller<'_>)) {
    let _ = G::poll(&Bell::new(), |caller| {
        f(caller);
        Poll::Ready(())
    });
}

fn a_oneshot_is_one_allocation<G: Generation>() {
    inside::<G>(|caller| {
        costs(1, || {
            let (tx, mut rx) = oneshot::channel();
            assert!(rx.poll_with(caller).is_pending());
            tx.send(1).unwrap();
            assert!(rx.poll_with(caller).is_ready());
        });
    });
}

fn a_bounded_channel_in_use_allocates_nothing<G: Generation>() {
    inside::<G>(|caller| {
        let (mut tx, mut rx) = mpsc::channel(100);
        let mut round = || {
            for n in 0..100 {
                assert!(tx.poll_ready_with(caller).is_ready());
                tx.try_send(n).unwrap();
            }
            assert!(tx.poll_ready_with(caller).is_pending());
            for _ in 0..100 {
                assert!(rx.poll_recv_with(caller).is_ready());
            }
            assert!(rx.poll_recv_with(caller).is_pending());
            assert!(tx.poll_ready_with(caller).is_ready());
        };
        // It grows to what it needs, which differs by where in a block a round begins.
        (0..40).for_each(|_| round());
        costs(0, || (0..100).for_each(|_| round()));
    });
}

fn a_channel_that_is_drained_in_time_allocates_nothing<G: Generation>() {
    inside::<G>(|caller| {
        let (mut tx, mut rx) = mpsc::unbounded_channel();
        let mut round = || {
            tx.try_send(1).unwrap();
            assert!(rx.poll_recv_with(caller).is_ready());
            assert!(rx.poll_recv_with(caller).is_pending());
        };
        (0..100).for_each(|_| round());
        costs(0, || (0..1000).for_each(|_| round()));
    });
}

fn waiting_again_allocates_nothing<G: Generation>() {
    inside::<G>(|caller| {
        let (semaphore, mut permit) = (Semaphore::new(0), Permit::new());
        let mut lock = Lock::new(1);
        let mut waiting = lock.clone();
        let mut round = || {
            assert!(permit.poll_acquire_with(caller, &semaphore).is_pending());
            semaphore.add_permits(1);
            assert!(permit.poll_acquire_with(caller, &semaphore).is_ready());
            permit.forget();
            let Poll::Ready(guard) = lock.poll_lock_with(caller) else { panic!("it is free") };
            assert!(waiting.poll_lock_with(caller).is_pending());
            drop(guard);
            assert!(waiting.poll_lock_with(caller).is_ready());
        };
        round();
        costs(0, || (0..100).for_each(|_| round()));
    });
}

fn watching_allocates_nothing<G: Generation>() {
    inside::<G>(|caller| {
        let (mut tx, mut rx) = watch::channel(0);
        let mut round = || {
            assert!(rx.poll_ref_with(caller).is_ready());
            assert!(rx.poll_ref_with(caller).is_pending());
            tx.broadcast(1).unwrap();
        };
        round();
        costs(0, || (0..100).for_each(|_| round()));
    });
}

#[test]
fn awaiting_allocates_nothing_but_for_the_first_wait() {
    let semaphore = Semaphore::new(1);
    let mut cx = std::task::Context::from_waker(Waker::noop());
    let mut round = || {
        let held = semaphore.acquire();
        let mut held = std::pin::pin!(held);
        assert!(std::future::Future::poll(held.as_mut(), &mut cx).is_ready());
    };
    costs(0, || (0..100).for_each(|_| round()));
}
