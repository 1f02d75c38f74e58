#![doc = include_str!("../README.md")]
//!
//! # Index
//!
//! | module | decides |
//! |---|---|
//! | `current_thread` | the executor: [`CurrentThread`] |
//! | `entered` | running it: [`Entered`], [`Turn`] |
//! | `drive` | what is done when: tasks, the parker, the main future |
//! | `pace` | how many polls the parker waits |
//! | `core` | what only the executor's thread touches |
//! | `door` | what other threads reach: wakes, spawns; the end |
//! | `handle` | spawning from other threads: [`Handle`] |
//! | `nested` | running inside of a poll by another executor |
//! | `current` | which executor runs on this thread: [`spawn()`] |
//! | `task_executor` | the same, as a value: [`TaskExecutor`] |
//! | `error` | why it stopped: [`BlockError`], [`RunError`], [`RunTimeoutError`], [`TurnError`] |
//!
//! The only `unsafe` is in `core` and `door`: that a task stays on its thread.

#![deny(unsafe_code)]

#[allow(unsafe_code)]
mod core;
mod current;
mod current_thread;
#[allow(unsafe_code)]
mod door;
mod drive;
mod entered;
mod error;
mod handle;
mod nested;
mod pace;
mod sync;
mod task_executor;

pub use crate::current::spawn;
pub use crate::current_thread::{block_on_all, CurrentThread};
pub use crate::entered::{Entered, Turn};
pub use crate::error::{BlockError, RunError, RunTimeoutError, TurnError};
pub use crate::handle::Handle;
pub use crate::task_executor::TaskExecutor;
