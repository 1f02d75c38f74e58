//! Intervals, in both generations.

mod support;

use futures::{Async, Stream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use support::*;
use tokio_task::Caller;
use tokio_timer::std_future;
use tokio_timer::{Error, Interval};

/// Through the trait of the caller's generation.
fn poll(interval: &mut Interval, caller: Caller<'_>) -> Poll<Result<Instant, Error>> {
    match caller {
        Caller::Futures01 => match Stream::poll(interval) {
            Ok(Async::Ready(tick)) => Poll::Ready(Ok(tick.expect("it never ends"))),
            Ok(Async::NotReady) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        },
        Caller::Std(waker) => {
            let mut cx = Context::from_waker(waker);
            futures_core::Stream::poll_next(Pin::new(interval), &mut cx)
                .map(|tick| tick.expect("it never ends"))
        }
    }
}

#[test]
fn ticks_are_a_period_apart() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let start = mock.now();
        let mut interval = Interval::new_interval(ms(10));
        for tick in 1..=5 {
            assert!(task.poll(|caller| poll(&mut interval, caller)).is_pending());
            mock.advance(ms(10));
            assert_eq!(task.woken(), tick);
            let at = task.poll(|caller| poll(&mut interval, caller));
            assert_eq!(at, Poll::Ready(Ok(start + ms(10) * tick as u32)));
        }
    }
}

#[test]
fn the_first_tick_is_when_it_is_asked_for() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let start = mock.now();
        let mut at_once = Interval::new(start, ms(10));
        assert_eq!(task.poll(|caller| poll(&mut at_once, caller)), Poll::Ready(Ok(start)));
        assert!(task.poll(|caller| poll(&mut at_once, caller)).is_pending());
        let mut at_once = std_future::interval(ms(10));
        assert_eq!(task.poll(|caller| poll(&mut at_once, caller)), Poll::Ready(Ok(start)));
        let mut later = mock.handle().interval(start + ms(7), ms(10));
        assert!(task.poll(|caller| poll(&mut later, caller)).is_pending());
        mock.advance(ms(7));
        assert_eq!(task.poll(|caller| poll(&mut later, caller)), Poll::Ready(Ok(start + ms(7))));
    }
}

#[test]
fn missed_ticks_come_one_after_the_other() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let start = mock.now();
        let mut interval = Interval::new(start, ms(10));
        mock.advance(ms(35));
        for tick in 0..4 {
            let at = task.poll(|caller| poll(&mut interval, caller));
            assert_eq!(at, Poll::Ready(Ok(start + ms(10) * tick)));
        }
        assert!(task.poll(|caller| poll(&mut interval, caller)).is_pending());
    }
}

#[test]
fn a_period_that_is_out_of_reach_gives_one_tick() {
    let mock = Mock::new();
    let task = Task::new(Generation::Std);
    let mut interval = Interval::new(mock.now(), Duration::MAX);
    assert!(task.poll(|caller| poll(&mut interval, caller)).is_ready());
    assert!(task.poll(|caller| poll(&mut interval, caller)).is_pending());
}

#[test]
#[should_panic(expected = "not zero")]
fn an_interval_of_nothing_panics() {
    let _ = Interval::new(Instant::now(), Duration::ZERO);
}

#[test]
#[should_panic(expected = "not zero")]
fn an_interval_of_nothing_from_now_panics() {
    let _ = Interval::new_interval(Duration::ZERO);
}

#[test]
#[should_panic(expected = "not zero")]
fn an_interval_of_nothing_of_a_handle_panics() {
    let mock = Mock::new();
    let _ = mock.handle().interval(mock.now(), Duration::ZERO);
}

#[test]
fn an_interval_whose_timer_is_gone_fails() {
    let mock = Mock::new();
    let task = Task::new(Generation::Std);
    let mut interval = Interval::new_interval(ms(10));
    assert!(task.poll(|caller| poll(&mut interval, caller)).is_pending());
    drop(mock);
    match task.poll(|caller| poll(&mut interval, caller)) {
        Poll::Ready(Err(error)) => assert!(error.is_shutdown()),
        other => panic!("{other:?}"),
    }
}
