//! The system's allocator, counted.

use crate::{process, thread};
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, counted: for `#[global_allocator]`.
///
/// What counts as an allocation is each request for memory that was met: a block, zeroed or not, and a
/// block's change of size. Whether the latter moved the block is the system's accident, and would make
/// counts differ from run to run. Bytes are those asked for; what the system adds is its own affair. A
/// request that fails counts nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counting;

fn count(allocations: usize, bytes: isize) {
    thread::count(allocations, bytes);
    process::count(allocations, bytes);
}

/// A layout's size; none exceeds `isize::MAX`.
fn bytes(layout: Layout) -> isize {
    layout.size() as isize
}

// SAFETY: all is left to the system's allocator, whose contract is the same. Counting neither allocates
// nor panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { System.alloc(layout) };
        if !block.is_null() {
            count(1, bytes(layout));
        }
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise.
        let block = unsafe { System.alloc_zeroed(layout) };
        if !block.is_null() {
            count(1, bytes(layout));
        }
        block
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise.
        let resized = unsafe { System.realloc(block, layout, size) };
        if !resized.is_null() {
            count(1, size as isize - bytes(layout));
        }
        resized
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(0, -bytes(layout));
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(block, layout) }
    }
}
