//! What the heap pays for delays: nothing, once a timer has had as many at a time.

// There no thread is counted: see `tests_heap::COUNTS_THREADS`.
#![cfg(not(all(windows, target_env = "gnu")))]

mod support;

use support::*;
use tests_heap::{allocations, Counting};
use tokio_timer::{sleep, Delay, DelayQueue, Interval};

#[global_allocator]
static HEAP: Counting = Counting;

/// How many allocations `f` makes on this thread when it has been called some times.
fn in_the_end(mut f: impl FnMut()) -> usize {
    // The levels of the wheel are made as time goes on, at most eight.
    (0..4).for_each(|_| f());
    allocations(f)
}

#[test]
fn delays_allocate_nothing_for_polls_wakes_resets_and_ends() {
    // A std task; what futures 0.1 allocates for a task of the test's kind is its own affair.
    let task = Task::new(Generation::Std);
    let mut mock = Mock::new();
    let count = in_the_end(|| {
        let mut delays = std::array::from_fn::<_, 100, _>(|i| sleep(ms(i as u64 + 1)));
        for delay in &mut delays {
            assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
            assert!(task.poll(|caller| delay.poll_with(caller)).is_pending());
        }
        for (i, delay) in delays.iter_mut().enumerate() {
            let deadline = delay.deadline();
            delay.reset(if i % 2 == 0 { deadline + ms(10) } else { deadline - ms(1) });
        }
        mock.advance(ms(50));
        drop(delays);
        mock.advance(ms(100));
    });
    assert_eq!(count, 0);
}

#[test]
fn intervals_and_queues_allocate_nothing_as_they_go_on() {
    let task = Task::new(Generation::Std);
    let mut mock = Mock::new();
    let mut interval = Interval::new(mock.now(), ms(10));
    let mut queue = DelayQueue::with_capacity(10);
    let count = in_the_end(|| {
        for i in 0..10 {
            queue.insert(i, ms(i));
        }
        for _ in 0..10 {
            while task.poll(|caller| interval.poll_with(caller)).is_ready() {}
            while let std::task::Poll::Ready(Some(_)) = task.poll(|caller| queue.poll_with(caller))
            {
            }
            mock.advance(ms(10));
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn a_delay_is_small() {
    assert!(std::mem::size_of::<Delay>() <= 80, "{}", std::mem::size_of::<Delay>());
}
