//! Permits that tasks wait for in turn.

mod support;

use futures::Async;
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use support::{hostile, Bell, Generation};
use tokio_sync::semaphore::{Permit, Semaphore};
use tokio_task::Caller;

both! {
    permits_go_to_those_who_wait_in_turn,
    a_permit_that_was_granted_and_not_used_goes_to_the_next,
    closing_refuses_all,
    threads_share_permits,
}

fn permits_go_to_those_who_wait_in_turn<G: Generation>() {
    let semaphore = Semaphore::new(1);
    assert!(G::acquire(&semaphore));
    let mut waiting: Vec<_> = (0..3).map(|_| (Permit::new(), Bell::new())).collect();
    for (permit, bell) in &mut waiting {
        assert!(G::poll(bell, |caller| permit.poll_acquire_with(caller, &semaphore)).is_pending());
        assert!(permit.try_acquire(&semaphore).unwrap_err().is_no_permits());
    }
    semaphore.add_permits(2);
    assert_eq!(waiting.iter().map(|(_, bell)| bell.rang()).collect::<Vec<_>>(), [1, 1, 0]);
    let refused = Permit::new().try_acquire(&semaphore).unwrap_err();
    assert!(refused.is_no_permits() && !refused.is_closed(), "nobody passes those who wait");
    assert!(!waiting[0].0.is_acquired());
    waiting[0].0.try_acquire(&semaphore).unwrap();
    assert!(waiting[0].0.is_acquired());
    semaphore.add_permits(3);
    assert_eq!(waiting[2].1.rang(), 1);
    assert_eq!(semaphore.available_permits(), 2);
}

fn a_permit_that_was_granted_and_not_used_goes_to_the_next<G: Generation>() {
    let semaphore = Semaphore::new(0);
    let (mut first, mut second) = (Permit::new(), Permit::new());
    let bell = Bell::new();
    for permit in [&mut first, &mut second] {
        assert!(G::poll(&bell, |caller| permit.poll_acquire_with(caller, &semaphore)).is_pending());
    }
    semaphore.add_permits(1);
    assert_eq!(bell.rang(), 1);
    drop(first);
    assert_eq!(bell.rang(), 2);
    assert_eq!(Arc::strong_count(&bell), 1);
    second.try_acquire(&semaphore).unwrap();
    second.release(&semaphore);
    assert_eq!(semaphore.available_permits(), 1);
}

fn closing_refuses_all<G: Generation>() {
    let semaphore = Semaphore::new(1);
    let (mut held, mut waiting, bell) = (Permit::new(), Permit::new(), Bell::new());
    held.try_acquire(&semaphore).unwrap();
    assert!(G::poll(&bell, |caller| waiting.poll_acquire_with(caller, &semaphore)).is_pending());
    semaphore.close();
    assert_eq!(bell.rang(), 1);
    let refused = G::poll(&bell, |caller| waiting.poll_acquire_with(caller, &semaphore));
    let Poll::Ready(Err(error)) = refused else { panic!("closed") };
    assert_eq!(error.to_string(), "semaphore closed");
    assert!(waiting.try_acquire(&semaphore).unwrap_err().is_closed());
    assert!(!G::acquire(&semaphore));
    held.release(&semaphore);
    assert_eq!(semaphore.available_permits(), 1);
}

fn threads_share_permits<G: Generation>() {
    let semaphore = Arc::new(Semaphore::new(2));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let semaphore = semaphore.clone();
            thread::spawn(move || {
                for _ in 0..2000 {
                    assert!(G::acquire(&semaphore));
                    assert!(semaphore.available_permits() <= 2);
                    semaphore.add_permits(1);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(semaphore.available_permits(), 2);
}

#[test]
fn a_permit_is_kept_given_back_or_forgotten() {
    let semaphore = Semaphore::new(2);
    let mut permit = Permit::new();
    permit.release(&semaphore);
    assert_eq!(permit.poll_acquire(&semaphore).unwrap(), Async::Ready(()));
    assert_eq!(permit.poll_acquire(&semaphore).unwrap(), Async::Ready(()), "it has one");
    assert_eq!(semaphore.available_permits(), 1);
    permit.release(&semaphore);
    assert_eq!(semaphore.available_permits(), 2);
    permit.try_acquire(&semaphore).unwrap();
    permit.forget();
    assert!(!permit.is_acquired());
    permit.try_acquire(&semaphore).unwrap();
    drop(permit);
    assert_eq!(semaphore.available_permits(), 0, "dropping does not give it back");
}

#[test]
fn a_permit_that_asks_another_semaphore_leaves_the_first() {
    let (busy, free) = (Semaphore::new(0), Semaphore::new(1));
    let mut permit = Permit::new();
    let noop = || Caller::Std(Waker::noop());
    assert!(permit.poll_acquire_with(noop(), &busy).is_pending());
    assert!(permit.poll_acquire_with(noop(), &free).is_ready());
    busy.add_permits(1);
    assert_eq!((busy.available_permits(), free.available_permits()), (1, 0));
}

#[test]
fn an_awaited_permit_is_given_back_and_a_dropped_wait_passes_on() {
    let semaphore = Semaphore::new(1);
    let bell = Bell::new();
    let waker = Waker::from(bell.clone());
    let mut cx = Context::from_waker(&waker);
    let held = futures03::executor::block_on(semaphore.acquire()).unwrap();
    let mut second = pin!(semaphore.acquire());
    {
        let mut first = pin!(semaphore.acquire());
        assert!(first.as_mut().poll(&mut cx).is_pending());
        assert!(second.as_mut().poll(&mut cx).is_pending());
        drop(held);
        assert_eq!(bell.rang(), 1);
    }
    assert_eq!(bell.rang(), 2);
    assert!(second.as_mut().poll(&mut cx).is_ready());
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
fn a_panicking_waker_costs_nobody_a_permit() {
    let semaphore = Semaphore::new(0);
    let (bell, waker) = (Bell::new(), hostile());
    let good = Waker::from(bell.clone());
    let mut permits = [Permit::new(), Permit::new(), Permit::new()];
    for (permit, waker) in permits.iter_mut().zip([&good, &waker, &good]) {
        assert!(permit.poll_acquire_with(Caller::Std(waker), &semaphore).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| semaphore.add_permits(4))).is_err());
    assert_eq!(bell.rang(), 2);
    assert!(permits.iter_mut().all(|permit| permit.try_acquire(&semaphore).is_ok()));
    assert_eq!(semaphore.available_permits(), 1);
}

#[test]
#[should_panic(expected = "permits")]
fn more_permits_than_can_be_counted_panic() {
    let semaphore = Semaphore::new(usize::MAX / 4);
    semaphore.add_permits(1);
}
