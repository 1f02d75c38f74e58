//! What blocking on a future allocates: nothing per poll, in either generation.

// There thread-local storage is itself allocated: counting would have no end.
#![cfg(not(all(windows, target_env = "gnu")))]

use futures::{future, Async};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;
use tokio_executor::enter;

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: all of it is `System`'s; a counter in const thread-local storage does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
        // SAFETY: our caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: our caller's promise.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(f: impl FnOnce()) -> usize {
    let before = COUNT.get();
    f();
    COUNT.get() - before
}

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
