//! Counts the heap in use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

/// The system's allocator, counted.
struct Counting;

#[global_allocator]
static HEAP: Counting = Counting;

/// Bytes that were asked for and have not been given back.
static IN_USE: AtomicIsize = AtomicIsize::new(0);

/// How many bytes are in use.
pub(super) fn in_use() -> isize {
    IN_USE.load(Relaxed)
}

fn count(change: isize) {
    IN_USE.fetch_add(change, Relaxed);
}

// SAFETY: all is left to the system's allocator, whose contract is the same.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            count(layout.size() as isize);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
        count(-(layout.size() as isize));
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        let moved = unsafe { System.realloc(block, layout, size) };
        if !moved.is_null() {
            count(size as isize - layout.size() as isize);
        }
        moved
    }
}
