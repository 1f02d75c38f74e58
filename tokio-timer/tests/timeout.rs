//! Timeouts: futures and streams of both generations.

mod support;

use futures::sync::{mpsc, oneshot};
use futures::{Async, Future, Stream};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use support::*;
use tokio_task::Caller;
use tokio_timer::{std_future, timeout, Timeout};

fn poll01<F: Future>(future: &mut F, task: &Task) -> Result<Async<F::Item>, F::Error> {
    task.poll(|_| future.poll())
}

#[test]
fn a_future_that_is_done_in_time_gives_its_value() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let (sender, receiver) = oneshot::channel();
    let mut timeout = Timeout::new(receiver, ms(10));
    assert!(poll01(&mut timeout, &task).unwrap().is_not_ready());
    mock.advance(ms(9));
    sender.send(5).unwrap();
    assert_eq!(poll01(&mut timeout, &task).unwrap(), Async::Ready(5));
}

#[test]
fn a_future_that_is_late_gives_an_error_and_stays() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let (sender, receiver) = oneshot::channel();
    let mut timeout = Timeout::new_at(receiver, mock.now() + ms(10));
    assert!(poll01(&mut timeout, &task).unwrap().is_not_ready());
    mock.advance(ms(10));
    assert_eq!(task.woken(), 1);
    assert!(poll01(&mut timeout, &task).unwrap_err().is_elapsed());
    sender.send(5).unwrap();
    assert_eq!(timeout.into_inner().wait(), Ok(5));
}

#[test]
fn a_future_that_is_ready_is_not_late() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let mut timeout = Timeout::new(futures::future::ok::<_, ()>(1), Duration::ZERO);
    mock.advance(ms(10));
    assert_eq!(poll01(&mut timeout, &task).unwrap(), Async::Ready(1));
    let mut timeout = Timeout::new(futures::future::err::<(), _>("no"), ms(1));
    let error = poll01(&mut timeout, &task).unwrap_err();
    assert!(error.is_inner() && !error.is_elapsed() && !error.is_timer());
    assert_eq!(error.into_inner(), Some("no"));
}

#[test]
fn no_time_at_all_ends_what_is_not_ready() {
    let mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let mut none = Timeout::new(futures::future::empty::<(), ()>(), Duration::ZERO);
    assert!(poll01(&mut none, &task).unwrap_err().is_elapsed());
    let std = std_future::timeout(Duration::ZERO, std::future::pending::<()>());
    futures03::executor::block_on(std).unwrap_err();
    drop(mock);
}

#[test]
fn a_time_that_is_out_of_reach_does_not_end() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let mut timeout = Timeout::new(futures::future::empty::<(), ()>(), Duration::MAX);
    assert!(poll01(&mut timeout, &task).unwrap().is_not_ready());
    mock.advance(Duration::from_secs(1 << 30));
    assert_eq!(task.woken(), 0);
}

#[test]
fn a_timeout_whose_timer_is_gone_says_so() {
    let mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let mut timeout = Timeout::new(futures::future::empty::<(), ()>(), ms(10));
    assert!(poll01(&mut timeout, &task).unwrap().is_not_ready());
    drop(mock);
    assert_eq!(task.woken(), 1);
    let error = poll01(&mut timeout, &task).unwrap_err();
    assert!(error.is_timer());
    assert!(error.into_timer().unwrap().is_shutdown());
}

#[test]
fn a_timeout_of_futures01_can_be_awaited() {
    futures03::executor::block_on(async {
        let value = Timeout::new(futures::future::ok::<_, ()>(1), ms(10_000)).await;
        assert_eq!(value.unwrap(), 1);
        let late = Timeout::new(futures::future::empty::<(), ()>(), ms(1)).await;
        assert!(late.unwrap_err().is_elapsed());
    });
}

#[test]
fn a_std_future_has_so_much_time() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Std);
    let mut slow = Box::pin(std_future::timeout(ms(10), std_future::sleep(ms(20))));
    let mut quick = Box::pin(std_future::timeout(ms(10), std_future::sleep(ms(5))));
    let poll = |future: &mut Pin<Box<std_future::Timeout<std_future::Sleep>>>| {
        task.poll(|caller| match caller {
            Caller::Std(waker) => {
                std::future::Future::poll(future.as_mut(), &mut Context::from_waker(waker))
            }
            Caller::Futures01 => unreachable!(),
        })
    };
    assert!(poll(&mut slow).is_pending());
    assert!(poll(&mut quick).is_pending());
    mock.advance(ms(5));
    assert_eq!(poll(&mut quick), Poll::Ready(Ok(())));
    assert!(poll(&mut slow).is_pending());
    mock.advance(ms(5));
    match poll(&mut slow) {
        Poll::Ready(Err(elapsed)) => {
            assert_eq!(std::io::Error::from(elapsed).kind(), std::io::ErrorKind::TimedOut);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_becomes_a_future_can_have_limited_time() {
    futures03::executor::block_on(async {
        std_future::timeout(ms(10_000), tokio_timer::sleep(ms(1))).await.unwrap().unwrap();
    });
}

#[test]
#[should_panic(expected = "cannot wait")]
fn a_sleep_whose_timer_is_gone_panics() {
    let mock = Mock::new();
    let mut sleep = Box::pin(std_future::sleep(ms(10)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(std::future::Future::poll(sleep.as_mut(), &mut cx).is_pending());
    drop(mock);
    let _ = std::future::Future::poll(sleep.as_mut(), &mut cx);
}

/// The next item through the trait of the caller's generation.
macro_rules! next {
    ($task:expr, $stream:expr) => {
        $task.poll(|caller| match caller {
            Caller::Futures01 => match Stream::poll($stream) {
                Ok(Async::Ready(item)) => Poll::Ready(item.map(Ok)),
                Ok(Async::NotReady) => Poll::Pending,
                Err(error) => Poll::Ready(Some(Err(error.is_elapsed()))),
            },
            Caller::Std(waker) => {
                let mut cx = Context::from_waker(waker);
                futures_core::Stream::poll_next(Pin::new($stream), &mut cx)
                    .map(|item| item.map(|item| item.map_err(|error| error.is_elapsed())))
            }
        })
    };
}

#[test]
fn each_item_of_a_stream_has_so_much_time() {
    // A stream of both generations.
    #[derive(Debug)]
    struct Numbers(mpsc::UnboundedReceiver<u8>);
    impl Stream for Numbers {
        type Item = u8;
        type Error = ();
        fn poll(&mut self) -> futures::Poll<Option<u8>, ()> {
            self.0.poll()
        }
    }
    impl futures_core::Stream for Numbers {
        type Item = u8;
        fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u8>> {
            match tokio_task::with_futures01(cx, || self.0.poll()) {
                Ok(Async::Ready(item)) => Poll::Ready(item),
                _ => Poll::Pending,
            }
        }
    }

    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let (sender, receiver) = mpsc::unbounded();
        let mut stream = Timeout::new(Numbers(receiver), ms(10));
        for number in 0..3 {
            assert_eq!(next!(task, &mut stream), Poll::Pending);
            mock.advance(ms(9));
            sender.unbounded_send(number).unwrap();
            assert_eq!(next!(task, &mut stream), Poll::Ready(Some(Ok(number))));
        }
        assert_eq!(next!(task, &mut stream), Poll::Pending);
        mock.advance(ms(10));
        assert_eq!(next!(task, &mut stream), Poll::Ready(Some(Err(true))));
        assert_eq!(next!(task, &mut stream), Poll::Pending, "it goes on");
        sender.unbounded_send(9).unwrap();
        assert_eq!(next!(task, &mut stream), Poll::Ready(Some(Ok(9))));
        drop(sender);
        assert_eq!(next!(task, &mut stream), Poll::Ready(None));
    }
}

#[test]
fn a_stream_with_a_deadline_is_limited_as_a_whole() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Futures01);
    let (sender, receiver) = mpsc::unbounded::<u8>();
    let mut stream = mock.handle().timeout(receiver, mock.now() + ms(10));
    let mut poll = || task.poll(|_| stream.poll());
    sender.unbounded_send(1).unwrap();
    assert_eq!(poll().unwrap(), Async::Ready(Some(1)));
    assert!(poll().unwrap().is_not_ready());
    mock.advance(ms(10));
    assert!(poll().unwrap_err().is_elapsed());
    assert!(poll().unwrap_err().is_elapsed());
}

#[test]
fn errors_tell_what_happened() {
    let elapsed = timeout::Error::<std::io::Error>::elapsed();
    assert_eq!(elapsed.to_string(), "the time was up");
    let inner = timeout::Error::inner(std::io::Error::other("broken"));
    assert_eq!(inner.to_string(), "broken");
    let timer = timeout::Error::<std::io::Error>::timer(tokio_timer::Error::at_capacity());
    assert!(timer.is_timer() && timer.to_string().contains("as many waits"));
    assert!(timer.into_timer().unwrap().is_at_capacity());
}
