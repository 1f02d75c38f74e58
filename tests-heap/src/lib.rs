//! For tests of this workspace: what code costs the heap, counted by thread and for the process.
//!
//! | file | is |
//! |---|---|
//! | `counting.rs` | [`Counting`]: the system's allocator, counted |
//! | `thread.rs` | [`allocations`], [`cost`]: what this thread does to the heap meanwhile |
//! | `process.rs` | [`process`]: what all threads have done so far |
//!
//! A program has one allocator, so a test that counts is a program of its own, and says:
//!
//! ```
//! #[global_allocator]
//! static HEAP: tests_heap::Counting = tests_heap::Counting;
//!
//! let numbers = [1, 2, 3];
//! # if tests_heap::COUNTS_THREADS {
//! assert_eq!(tests_heap::allocations(|| drop(Box::new(numbers))), 1);
//! # }
//! ```
//!
//! It has no dependencies, so that the lowest crates' tests can be built on it.

mod counting;
pub mod process;
mod thread;

pub use self::counting::Counting;
pub use self::thread::{allocations, cost, Cost, COUNTS_THREADS};
