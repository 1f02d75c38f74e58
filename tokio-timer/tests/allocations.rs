//! What the heap pays for delays: nothing, once a timer has had as many at a time.

// There thread-local storage is itself allocated: counting would have no end.
#![cfg(not(all(windows, target_env = "gnu")))]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use support::*;
use tokio_timer::{sleep, Delay, DelayQueue, Interval};

struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: hands everything on to the system's allocator, which keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as our caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as our caller promised.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations `f` makes on this thread when it has been called some times.
fn in_the_end(mut f: impl FnMut()) -> usize {
    // The levels of the wheel are made as time goes on, at most eight.
    (0..4).for_each(|_| f());
    let before = COUNT.get();
    f();
    COUNT.get() - before
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
