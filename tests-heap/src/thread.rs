//! What one thread does to the heap.

use crate::process;
use std::cell::Cell;

/// Whether threads are counted. Not so on Windows with GNU's tools: there thread-local storage is itself
/// allocated, and counting would have no end. The process is counted there, too.
///
/// Where it is false, each [`Cost`] is zero. A test that would then show nothing is not compiled for
/// `all(windows, target_env = "gnu")`.
pub const COUNTS_THREADS: bool = !cfg!(all(windows, target_env = "gnu"));

/// What a thread has done to the heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// How many allocations it has made.
    pub allocations: usize,
    /// How many bytes more are in use. Below zero, if it has freed more than it has allocated, be it what
    /// other threads had allocated.
    pub bytes: isize,
}

thread_local! {
    // Constant and without a destructor, so that it is there at any time, and is not allocated.
    static SO_FAR: Cell<Cost> = const { Cell::new(Cost { allocations: 0, bytes: 0 }) };
}

pub(crate) fn count(allocations: usize, bytes: isize) {
    if COUNTS_THREADS {
        let _ = SO_FAR.try_with(|so_far| {
            let Cost { allocations: made, bytes: in_use } = so_far.get();
            so_far.set(Cost {
                allocations: made.wrapping_add(allocations),
                bytes: in_use.wrapping_add(bytes),
            });
        });
    }
}

#[track_caller]
fn so_far() -> Cost {
    // Fails if nothing is counted at all.
    process::allocations();
    if COUNTS_THREADS {
        SO_FAR.get()
    } else {
        Cost::default()
    }
}

/// What `f` costs on this thread, and what it returns, which is not dropped meanwhile.
///
/// # Panics
///
/// If [`Counting`](crate::Counting) is not the program's allocator.
#[track_caller]
pub fn cost<R>(f: impl FnOnce() -> R) -> (Cost, R) {
    let before = so_far();
    let result = f();
    let after = so_far();
    let cost = Cost {
        allocations: after.allocations.wrapping_sub(before.allocations),
        bytes: after.bytes.wrapping_sub(before.bytes),
    };
    (cost, result)
}

/// How many allocations `f` makes on this thread.
///
/// # Panics
///
/// If [`Counting`](crate::Counting) is not the program's allocator.
#[track_caller]
pub fn allocations(f: impl FnOnce()) -> usize {
    cost(f).0.allocations
}
