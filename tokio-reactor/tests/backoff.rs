//! Waiting for a while.

mod support;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use support::*;
use tokio_reactor::{Backoff, Reactor};
use tokio_task::Caller;

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn a_wait_ends_after_its_time_and_never_early() {
    for generation in BOTH {
        bounded(move || {
            let background = background();
            let mut backoff = Backoff::with_handle(background.handle());
            generation.block_on(|caller| backoff.poll_elapsed(caller));
            for _ in 0..10 {
                let begin = Instant::now();
                backoff.start(SHORT);
                assert!(backoff.is_waiting());
                generation.block_on(|caller| backoff.poll_elapsed(caller));
                assert!(begin.elapsed() >= SHORT);
                assert!(!backoff.is_waiting());
            }
        });
    }
}

/// The reactor waits without a limit when the deadline comes, and then for a later one.
#[test]
fn an_earlier_deadline_shortens_a_wait_that_is_under_way() {
    bounded(|| {
        let background = background();
        let mut late = Backoff::with_handle(background.handle());
        late.start(Duration::from_secs(3600));
        let (bell, waker) = Bell::new();
        assert!(late.poll_elapsed(Caller::Std(&waker)).is_pending());
        let mut soon = Backoff::with_handle(background.handle());
        soon.start(SHORT);
        Generation::Std.block_on(|caller| soon.poll_elapsed(caller));
        assert_eq!(bell.rings(), 0);
    });
}

#[test]
fn many_waits_end_each_in_its_own_time() {
    bounded(|| {
        let background = background();
        let threads: Vec<_> = (0..8u64)
            .map(|i| {
                let handle = background.handle().clone();
                thread::spawn(move || {
                    let mut backoff = Backoff::with_handle(&handle);
                    for n in 0..20 {
                        let (begin, delay) = (Instant::now(), Duration::from_millis((i * n) % 7));
                        backoff.start(delay);
                        BOTH[i as usize % 2].block_on(|caller| backoff.poll_elapsed(caller));
                        assert!(begin.elapsed() >= delay);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn a_wait_that_is_dropped_or_reset_wakes_nobody_and_keeps_nobody() {
    let mut reactor = Reactor::new().unwrap();
    let (bell, waker) = Bell::new();
    let mut backoff = Backoff::with_handle(&reactor.handle());
    backoff.start(SHORT);
    assert!(backoff.poll_elapsed(Caller::Std(&waker)).is_pending());
    backoff.reset();
    assert!(backoff.poll_elapsed(Caller::Std(&waker)).is_ready());
    backoff.start(SHORT);
    assert!(backoff.poll_elapsed(Caller::Std(&waker)).is_pending());
    drop((backoff, waker));
    assert_eq!(Arc::strong_count(&bell), 1);
    reactor.turn(Some(2 * SHORT)).unwrap();
    assert_eq!(bell.rings(), 0);
}

#[test]
fn the_task_that_polled_last_is_woken() {
    let mut reactor = Reactor::new().unwrap();
    let ((first, one), (last, two)) = (Bell::new(), Bell::new());
    let mut backoff = Backoff::with_handle(&reactor.handle());
    backoff.start(SHORT);
    for waker in [&one, &one, &two, &two] {
        assert!(backoff.poll_elapsed(Caller::Std(waker)).is_pending());
    }
    turn_until(&mut reactor, || last.rings() > 0);
    assert_eq!((first.rings(), last.rings()), (0, 1));
    assert!(backoff.poll_elapsed(Caller::Std(&two)).is_ready());
}

#[test]
fn a_wait_ends_with_its_reactor() {
    let reactor = Reactor::new().unwrap();
    let (bell, waker) = Bell::new();
    let mut backoff = Backoff::with_handle(&reactor.handle());
    backoff.start(LIMIT);
    assert!(backoff.poll_elapsed(Caller::Std(&waker)).is_pending());
    drop(reactor);
    assert_eq!(bell.rings(), 1);
    assert!(backoff.poll_elapsed(Caller::Std(&waker)).is_ready());
    backoff.start(LIMIT);
    assert!(backoff.poll_elapsed(Caller::Std(&waker)).is_ready(), "there is nobody to wait by");
}

#[test]
fn a_wait_of_any_length_is_accepted() {
    let reactor = Reactor::new().unwrap();
    let mut backoff = Backoff::with_handle(&reactor.handle());
    let (_, waker) = Bell::new();
    backoff.start(Duration::MAX);
    assert!(backoff.poll_elapsed(Caller::Std(&waker)).is_pending());
}
