//! Delay queues, in both generations.

mod support;

use futures::{Async, Stream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use support::*;
use tokio_task::Caller;
use tokio_timer::{DelayQueue, Error};

/// The next value through the trait of the caller's generation.
fn poll<T>(queue: &mut DelayQueue<T>, task: &Task) -> Poll<Option<Result<T, Error>>> {
    let polled = task.poll(|caller| match caller {
        Caller::Futures01 => match Stream::poll(queue) {
            Ok(Async::Ready(item)) => Poll::Ready(item.map(Ok)),
            Ok(Async::NotReady) => Poll::Pending,
            Err(error) => Poll::Ready(Some(Err(error))),
        },
        Caller::Std(waker) => {
            futures_core::Stream::poll_next(Pin::new(queue), &mut Context::from_waker(waker))
        }
    });
    polled.map(|item| item.map(|item| item.map(|expired| expired.into_inner())))
}

fn value<T>(value: T) -> Poll<Option<Result<T, Error>>> {
    Poll::Ready(Some(Ok(value)))
}

#[test]
fn values_come_out_when_they_are_due_and_the_empty_queue_ends() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut queue = DelayQueue::new();
        assert_eq!(poll(&mut queue, &task), Poll::Ready(None));
        for millis in [30, 10, 5_000, 20, 10] {
            queue.insert(millis, ms(millis));
        }
        let mut now = 0;
        for millis in [10, 10, 20, 30, 5_000] {
            if now < millis {
                assert_eq!(poll(&mut queue, &task), Poll::Pending);
                let woken = task.woken();
                mock.advance(ms(millis - now - 1));
                assert_eq!(task.woken(), woken);
                mock.advance(ms(1));
                assert_eq!(task.woken(), woken + 1);
                now = millis;
            }
            assert_eq!(poll(&mut queue, &task), value(millis));
        }
        assert_eq!(poll(&mut queue, &task), Poll::Ready(None));
        assert!(queue.is_empty());
        queue.insert(1, ms(1));
        assert_eq!(poll(&mut queue, &task), Poll::Pending, "it goes on");
        mock.advance(ms(1));
        assert_eq!(poll(&mut queue, &task), value(1));
    }
}

#[test]
fn values_that_are_due_already_come_at_once() {
    for generation in BOTH {
        let mut mock = Mock::new();
        mock.advance(ms(100));
        let task = Task::new(generation);
        let mut queue = DelayQueue::new();
        queue.insert("now", Duration::ZERO);
        queue.insert_at("before", mock.now() - ms(50));
        assert_eq!(poll(&mut queue, &task), value("now"));
        assert_eq!(poll(&mut queue, &task), value("before"));
        queue.insert("later", ms(10));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        queue.insert_at("before", mock.now() - ms(50));
        mock.turn();
        assert_eq!(task.woken(), 1, "also while a task waits");
        assert_eq!(poll(&mut queue, &task), value("before"));
    }
}

#[test]
fn many_values_that_are_late_come_in_order() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut queue = DelayQueue::with_capacity(500);
        for i in 0..500u64 {
            queue.insert(i * 7 % 500, ms(i * 7 % 500));
        }
        assert_eq!(poll(&mut queue, &task), value(0));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        mock.advance(ms(1_000));
        for i in 1..500 {
            assert_eq!(poll(&mut queue, &task), value(i));
        }
        assert_eq!(poll(&mut queue, &task), Poll::Ready(None));
    }
}

#[test]
fn a_value_can_be_taken_out_before() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut queue = DelayQueue::new();
        let first = queue.insert("first", ms(10));
        queue.insert("second", ms(20));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        let mut taken = queue.remove(&first);
        assert_eq!((*taken.get_ref(), *taken.get_mut()), ("first", "first"));
        mock.advance(ms(10));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        mock.advance(ms(10));
        assert_eq!(poll(&mut queue, &task), value("second"));
    }
}

#[test]
fn a_value_can_be_put_off_and_brought_forward_while_a_task_waits() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut queue = DelayQueue::new();
        let a = queue.insert("a", ms(10));
        let b = queue.insert("b", ms(5_000));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        queue.reset(&a, ms(50));
        mock.advance(ms(10));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        let woken = task.woken();
        queue.reset_at(&b, mock.now() + ms(20));
        mock.advance(ms(20));
        assert_eq!(task.woken(), woken + 1);
        assert_eq!(poll(&mut queue, &task), value("b"));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        mock.advance(ms(20));
        assert_eq!(poll(&mut queue, &task), value("a"));
    }
}

#[test]
fn an_earlier_value_that_is_inserted_while_a_task_waits_comes_first() {
    for generation in BOTH {
        let mut mock = Mock::new();
        let task = Task::new(generation);
        let mut queue = DelayQueue::with_capacity_and_handle(4, &mock.handle());
        queue.insert("slow", ms(1_000));
        assert_eq!(poll(&mut queue, &task), Poll::Pending);
        queue.insert("quick", ms(10));
        mock.advance(ms(10));
        assert_eq!(task.woken(), 1);
        assert_eq!(poll(&mut queue, &task), value("quick"));
    }
}

#[test]
fn values_out_of_reach_are_accepted() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Std);
    let mut queue = DelayQueue::new();
    let never = queue.insert("never", Duration::MAX);
    assert_eq!(poll(&mut queue, &task), Poll::Pending);
    mock.advance(Duration::from_secs(1 << 31));
    assert_eq!(poll(&mut queue, &task), Poll::Pending);
    queue.reset(&never, ms(1));
    mock.advance(ms(1));
    assert_eq!(poll(&mut queue, &task), value("never"));
}

#[test]
fn clearing_drops_all_values() {
    let mut mock = Mock::new();
    let task = Task::new(Generation::Std);
    let value_of_all = std::sync::Arc::new(());
    let mut queue = DelayQueue::new();
    for i in 0..100 {
        queue.insert(value_of_all.clone(), ms(i));
    }
    assert!(poll(&mut queue, &task).is_ready());
    let room = queue.capacity();
    queue.clear();
    assert_eq!(std::sync::Arc::strong_count(&value_of_all), 1);
    assert!(queue.is_empty());
    assert_eq!(queue.capacity(), room);
    mock.advance(ms(1_000));
    assert_eq!(poll(&mut queue, &task), Poll::Ready(None));
}

#[test]
fn room_is_made_in_advance() {
    let mut queue = DelayQueue::with_capacity(1_000);
    let room = queue.capacity();
    assert!(room >= 1_000);
    for i in 0..1_000 {
        queue.insert(i, ms(1));
    }
    assert_eq!(queue.capacity(), room);
    queue.reserve(room);
    assert!(queue.capacity() >= 1_000 + room);
    assert_eq!(DelayQueue::<()>::new().capacity(), 0);
}

#[test]
#[should_panic(expected = "no room")]
fn too_much_room_panics() {
    DelayQueue::<()>::new().reserve(usize::MAX);
}

#[test]
#[should_panic(expected = "not in the `DelayQueue` any more")]
fn the_key_of_a_value_that_is_out_is_of_no_use() {
    let _mock = Mock::new();
    let mut queue = DelayQueue::new();
    let key = queue.insert(1, ms(1));
    queue.remove(&key.clone());
    // The number is used again; the key is another.
    queue.insert(2, ms(1));
    queue.remove(&key);
}

#[test]
fn a_queue_whose_timer_is_gone_fails_and_keeps_its_values() {
    let mock = Mock::new();
    let task = Task::new(Generation::Std);
    let mut queue = DelayQueue::new();
    let key = queue.insert(1, ms(10));
    assert_eq!(poll(&mut queue, &task), Poll::Pending);
    drop(mock);
    assert_eq!(poll(&mut queue, &task), Poll::Ready(Some(Err(Error::shutdown()))));
    assert_eq!(queue.remove(&key).into_inner(), 1);
}
