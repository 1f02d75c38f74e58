#![doc = include_str!("../README.md")]
//!
//! # The life of a task
//!
//! A future is spawned by a [`ThreadPool`] or a [`Sender`] (`thread_pool`, `sender`): from a task of
//! the pool it goes to the worker's next-to-run slot, from elsewhere to the injector (`pool`,
//! `injector`). A worker finds it, polls it (`worker`), and when it is pending keeps it in its list
//! of owned tasks (`core`). A wake brings it back to a queue: of the worker that woke it, or the
//! injector.
//!
//! # Index
//!
//! | module | decides |
//! |---|---|
//! | `builder` | what can be configured: [`Builder`] |
//! | `thread_pool` | a pool as its owner sees it: [`ThreadPool`] |
//! | `sender`, `spawn_handle` | spawning from anywhere: [`Sender`], [`SpawnHandle`] |
//! | `pool` | what workers share |
//! | `injector` | tasks from outside |
//! | `core`, `worker`, `thread` | a worker: what it has, its loop, its thread |
//! | `worker::rest`, `worker::standby` | a worker with nothing to do; looking after the others |
//! | `sleep` | who sleeps, whom to wake; the proof |
//! | `processor` | who works on a processor that another worker uses |
//! | `lifecycle`, `shutdown` | running, draining, stopped: [`Shutdown`] |
//! | [`mod@blocking`], `permits` | running what blocks; how much at a time |
//! | `offer`, `backup` | the core of a thread that blocks, and the threads that take it over |
//! | `spawn_blocking` | [`spawn_blocking()`] |
//! | [`park`] | how a worker waits |

#![deny(unsafe_code)]

mod backup;
#[doc(hidden)]
pub mod blocking;
mod builder;
mod core;
mod injector;
mod lease;
mod lifecycle;
mod offer;
pub mod park;
mod permits;
// Says to `tokio-task` which stack belongs to which list of owned tasks.
#[allow(unsafe_code)]
mod pool;
// The system is asked by a function of C.
#[allow(unsafe_code)]
mod processor;
#[cfg(all(test, tokio_shuttle))]
mod schedules;
mod sender;
mod shutdown;
mod sleep;
mod spawn_blocking;
mod spawn_handle;
mod sync;
mod thread;
mod thread_pool;
// The thread's worker in a thread-local, and the core that moves away inside a poll.
#[allow(unsafe_code)]
mod worker;

pub use crate::blocking::{blocking, poll_blocking, BlockingError};
pub use crate::builder::Builder;
pub use crate::sender::Sender;
pub use crate::shutdown::{Shutdown, WaitForShutdown};
pub use crate::spawn_blocking::spawn_blocking;
pub use crate::spawn_handle::SpawnHandle;
pub use crate::thread_pool::ThreadPool;
pub use crate::worker::{Worker, WorkerId};
