//! Wakers that panic: what becomes of everyone else.

mod support;

use mio::net::UdpSocket;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::time::{Duration, Instant};
use support::*;
use tokio_reactor::{Backoff, Direction, PollEvented, Reactor};
use tokio_task::Caller;

struct WakePanics;

impl Wake for WakePanics {
    fn wake(self: Arc<Self>) {
        resume_unwind(Box::new("a foreign waker panics"));
    }
}

struct DropPanics;

impl Wake for DropPanics {
    fn wake(self: Arc<Self>) {}
}

impl Drop for DropPanics {
    fn drop(&mut self) {
        resume_unwind(Box::new("a foreign waker panics when it is dropped"));
    }
}

fn bad() -> Waker {
    Waker::from(Arc::new(WakePanics))
}

/// Waits for `direction` as the task of `waker`.
fn wait(ours: &PollEvented<UdpSocket>, direction: Direction, waker: &Waker) {
    let would_block = ours.poll_io(Caller::Std(waker), direction, |_| {
        Err::<(), _>(std::io::ErrorKind::WouldBlock.into())
    });
    assert!(would_block.is_pending());
}

/// Turns until a turn panics.
fn turn_until_it_panics(reactor: &mut Reactor) {
    let end = Instant::now() + LIMIT;
    while catch_unwind(AssertUnwindSafe(|| reactor.turn(Some(Duration::from_millis(10))))).is_ok() {
        assert!(Instant::now() < end, "the panic was lost");
    }
}

// Elsewhere the system reports the two directions one by one.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn one_event_wakes_both_directions_though_the_first_task_panics() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    settle(&mut reactor);
    let (in_list, good) = Bell::new();
    let (writer, writes) = Bell::new();
    // The last one has the place in the cell.
    for waker in [&good, &bad()] {
        wait(&ours, Direction::Read, waker);
    }
    wait(&ours, Direction::Write, &writes);
    theirs.send(b"x").unwrap();
    turn_until_it_panics(&mut reactor);
    assert_eq!(in_list.rings(), 1, "the list of the same direction");
    assert_eq!(writer.rings(), 1, "the other direction");
}

#[test]
fn several_panics_at_one_source_end_neither_the_process_nor_the_wakes() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    settle(&mut reactor);
    let mut bells = Vec::new();
    for _ in 0..4 {
        let (bell, good) = Bell::new();
        bells.push(bell);
        for waker in [&bad(), &good, &bad()] {
            wait(&ours, Direction::Read, waker);
        }
    }
    theirs.send(b"x").unwrap();
    turn_until_it_panics(&mut reactor);
    for bell in &bells {
        assert_eq!(bell.rings(), 1);
    }
}

#[test]
fn a_dropped_reactor_wakes_all_though_some_panic() {
    let mut reactor = Reactor::new().unwrap();
    let pairs: Vec<_> = (0..3).map(|_| udp_pair(&reactor.handle())).collect();
    settle(&mut reactor);
    let mut bells = Vec::new();
    let mut another = || {
        let (bell, good) = Bell::new();
        bells.push(bell);
        good
    };
    for (ours, _) in &pairs {
        for direction in [Direction::Read, Direction::Write] {
            for waker in [&another(), &bad(), &another(), &bad()] {
                wait(ours, direction, waker);
            }
        }
    }
    let mut backoffs = Vec::new();
    for waker in [&bad(), &another(), &bad(), &another()] {
        let mut backoff = Backoff::with_handle(&reactor.handle());
        backoff.start(LIMIT);
        assert!(backoff.poll_elapsed(Caller::Std(waker)).is_pending());
        backoffs.push(backoff);
    }
    drop(reactor);
    for bell in &bells {
        assert_eq!(bell.rings(), 1);
    }
}

#[test]
fn a_waker_that_panics_when_dropped_does_not_keep_the_slot() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, _theirs) = udp_pair(&reactor.handle());
    settle(&mut reactor);
    for _ in 0..3 {
        for direction in [Direction::Read, Direction::Write] {
            // The source has the only one.
            wait(&ours, direction, &Waker::from(Arc::new(DropPanics)));
        }
    }
    assert!(!reactor.is_idle());
    assert!(catch_unwind(AssertUnwindSafe(|| drop(ours))).is_err());
    assert!(reactor.is_idle());
}
