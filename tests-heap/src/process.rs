//! What all threads of the process have done to the heap so far.
//!
//! The counts are `Relaxed`. A test that reads what another thread allocated has waited for that thread,
//! by a join, a channel, a lock or an atomic of its own: what happened before the wait ended is in the
//! count, whatever its own order. What happens at the same time as the reading may be in it or not, and
//! no order would change that. The two counts are independent: no reading is of both.

use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicIsize = AtomicIsize::new(0);

pub(crate) fn count(allocations: usize, bytes: isize) {
    if allocations > 0 {
        ALLOCATIONS.fetch_add(allocations, Relaxed);
    }
    BYTES.fetch_add(bytes, Relaxed);
}

/// How many allocations there have been.
///
/// # Panics
///
/// If [`Counting`](crate::Counting) is not the program's allocator.
#[track_caller]
pub fn allocations() -> usize {
    let allocations = ALLOCATIONS.load(Relaxed);
    // Before `main` the standard library has allocated.
    assert!(allocations > 0, "`tests_heap::Counting` is not the `#[global_allocator]`");
    allocations
}

/// How many bytes are in use: were asked for, and not given back.
///
/// # Panics
///
/// If [`Counting`](crate::Counting) is not the program's allocator.
#[track_caller]
pub fn bytes_in_use() -> isize {
    allocations();
    BYTES.load(Relaxed)
}
