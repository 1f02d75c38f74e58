//! Throttled streams of both generations.

mod support;

use futures::{Async, Stream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use support::*;
use tokio_timer::throttle::{Throttle, ThrottleError};

#[test]
fn items_of_futures01_are_kept_apart() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let items = futures::stream::iter_ok::<_, ()>(1..=2);
    let mut stream = Throttle::new(items, ms(10));
    assert_eq!(task.poll(|_| stream.poll()).unwrap(), Async::Ready(Some(1)));
    assert!(task.poll(|_| stream.poll()).unwrap().is_not_ready());
    mock.advance(ms(9));
    assert!(task.poll(|_| stream.poll()).unwrap().is_not_ready());
    mock.advance(ms(1));
    assert_eq!(task.woken(), 1);
    assert_eq!(task.poll(|_| stream.poll()).unwrap(), Async::Ready(Some(2)));
    mock.advance(ms(10));
    assert_eq!(task.poll(|_| stream.poll()).unwrap(), Async::Ready(None));
}

#[test]
fn items_of_std_are_kept_apart() {
    let mut mock = Mock::new();
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let mut stream = Throttle::new(futures03::stream::iter(1..=2), ms(10));
    let mut poll = || {
        futures_core::Stream::poll_next(Pin::new(&mut stream), &mut cx)
            .map(|item| item.map(Result::unwrap))
    };
    assert_eq!(poll(), Poll::Ready(Some(1)));
    assert_eq!(poll(), Poll::Pending);
    mock.advance(ms(10));
    assert_eq!(poll(), Poll::Ready(Some(2)));
    assert_eq!(poll(), Poll::Pending);
    mock.advance(ms(10));
    assert_eq!(poll(), Poll::Ready(None));
}

#[test]
fn no_distance_changes_nothing() {
    let _mock = Mock::new();
    let items = futures::stream::iter_ok::<_, ()>(0..100);
    let all = Throttle::new(items, Duration::ZERO).collect();
    assert_eq!(futures::Future::wait(all).unwrap().len(), 100);
}

#[test]
fn a_distance_out_of_reach_lets_one_item_through() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let mut stream = Throttle::new(futures::stream::repeat::<_, ()>(1), Duration::MAX);
    assert_eq!(task.poll(|_| stream.poll()).unwrap(), Async::Ready(Some(1)));
    mock.advance(Duration::from_secs(1 << 30));
    assert!(task.poll(|_| stream.poll()).unwrap().is_not_ready());
}

#[test]
fn errors_of_the_stream_and_of_the_timer_are_told_apart() {
    let mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let items = futures::stream::iter_result([Err("no"), Ok(1), Ok(2)]);
    let mut stream = Throttle::new(items, ms(10));
    let error = task.poll(|_| stream.poll()).unwrap_err();
    assert!(error.is_stream_error() && !error.is_timer_error());
    assert_eq!((error.get_stream_error(), error.get_timer_error()), (Some(&"no"), None));
    assert_eq!(error.into_stream_error(), Some("no"));
    assert_eq!(task.poll(|_| stream.poll()).unwrap(), Async::Ready(Some(1)), "at once");
    assert!(task.poll(|_| stream.poll()).unwrap().is_not_ready());
    drop(mock);
    let error = task.poll(|_| stream.poll()).unwrap_err();
    assert!(error.is_timer_error());
    assert!(error.get_timer_error().unwrap().is_shutdown());
    assert!(error.into_timer_error().unwrap().is_shutdown());

    let error = ThrottleError::from_stream_err(std::io::Error::other("broken"));
    assert_eq!(error.to_string(), "stream error: broken");
    assert!(std::error::Error::source(&error).is_some());
    let error = ThrottleError::<std::io::Error>::from_timer_err(tokio_timer::Error::shutdown());
    assert!(error.to_string().starts_with("timer error: "));
    assert!(error.into_stream_error().is_none());
}

#[test]
fn what_is_inside_can_be_reached() {
    let mut stream = Throttle::new(futures::stream::empty::<(), ()>(), ms(1));
    stream.get_ref();
    stream.get_mut();
    let _ = stream.into_inner();
}
