//! What blocking on a future allocates: nothing per poll, in either generation.

// There no thread is counted: see `tests_heap::COUNTS_THREADS`.
// Under Miri the standard library allocates where it otherwise does not.
#![cfg(not(any(miri, all(windows, target_env = "gnu"))))]

use futures::{future, Async};
use std::future::poll_fn;
use std::task::Poll;
use tests_heap::{allocations, Counting};
use tokio_executor::enter;

#[global_allocator]
static HEAP: Counting = Counting;

fn block_on_std(polls: usize) {
    let mut left = polls;
    enter().unwrap().block_on(poll_fn(|cx| {
        left -= 1;
        cx.waker().wake_by_ref();
        if left == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }))
}

fn block_on_futures01(polls: usize) {
    let mut left = polls;
    let done = enter().unwrap().block_on(future::poll_fn(|| {
        left -= 1;
        futures::task::current().notify();
        Ok::<_, ()>(if left == 0 { Async::Ready(()) } else { Async::NotReady })
    }));
    done.unwrap();
}

#[test]
fn block_on_allocates_nothing_per_poll() {
    for block_on in [block_on_std, block_on_futures01] {
        block_on(1); // what the thread needs once
        let once = allocations(|| block_on(1));
        assert_eq!(allocations(|| block_on(1000)), once);
    }
}
