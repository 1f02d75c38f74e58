#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | module | decides |
//! |---|---|
//! | [`oneshot`] | one value, from one task to another |
//! | [`mpsc`] | many values, from many tasks to one |
//! | [`watch`] | the latest value, from one task to many |
//! | [`semaphore`] | how many tasks may do something at once |
//! | [`lock`] | one task at a time touches a value |
//! | [`task`] | a task that waits for anything else |
//! | `permits` | permits and their queue: semaphore, lock and bounded channel are made of it |
//! | `mpsc::queue` | the lock-free queue of a channel |
//! | `wakes` | waking many tasks, of which one may panic |
#![deny(unsafe_code)]

pub mod lock;
pub mod mpsc;
pub mod oneshot;
pub mod semaphore;
pub mod task;
pub mod watch;

mod permits;
mod sync;
mod wakes;

#[cfg(all(test, tokio_loom))]
mod model;
