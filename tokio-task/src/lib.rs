#![doc = include_str!("../README.md")]
//!
//! # Index
//!
//! | module | decides |
//! |---|---|
//! | `caller` | who is being polled, and who waits: [`Caller`], [`Waiter`] |
//! | `waiter_cell` | where one task waits: [`WaiterCell`] |
//! | `budget` | how long one poll may go on: [`poll_proceed`], [`with_budget`], [`without_budget`] |
//! | `ambient` | a future of one generation in a task of the other: [`Futures01AsStd`], [`StdAsFutures01`], [`AmbientTask`] |
//! | `entry` | what can be spawned and blocked on: [`IntoTask`], [`IntoBlockOn`] |
//! | `local` | what can be spawned on the thread that polls it: [`IntoLocalTask`]; why that is sound |
//! | `task` | what a task is: [`Task`], and what an executor gives it: [`Schedule`], [`Runner`] |
//! | `task::state` | the life of a task, in one word |
//! | `task::header` | the one heap block of a task |
//! | `task::body` | what a task polls: the one `match` on generation, in types |
//! | `task::wake` | the two ways of waking a task |
//! | `task::owned` | the tasks a core accounts for: [`Owned`], [`Returns`] |
//! | `task::inbox`, `task::slot` | queues that link tasks through themselves: [`Inbox`], [`Batch`], [`NextTask`] |
//! | `task::run_queue` | a worker's queue, from which others steal: [`RunQueue`], [`Stealer`] |
//! | `join`, `abort` | waiting for a task, ending one: [`JoinHandle`], [`JoinError`], [`AbortHandle`] |
//! | `panics` | what is done with a panic of foreign code |
//! | `relay` | a std task of ours on an executor of another family |
//!
//! This crate holds all the `unsafe` of a task.

mod abort;
mod ambient;
mod budget;
mod caller;
mod entry;
mod join;
mod local;
#[doc(hidden)]
pub mod panics;
mod relay;
mod sync;
mod task;
mod waiter_cell;

pub use crate::abort::AbortHandle;
pub use crate::ambient::{
    to_futures01, to_std, with_futures01, AmbientTask, Futures01AsStd, Never, Sink01AsStd,
    SinkStdAsFutures01, StdAsFutures01,
};
pub use crate::budget::{poll_proceed, with_budget, without_budget};
pub use crate::caller::{Caller, Waiter};
pub use crate::entry::{
    Boxed, ByStd, ByStdOutput, IntoBlockOn, IntoLocalBlockOn, IntoTask, LocalBlockOnKind, Spawn,
    TaskKind,
};
pub use crate::join::{Join, JoinError, JoinHandle};
pub use crate::local::{IntoLocalTask, LocalTaskKind};
pub use crate::task::body::{Body, Futures01, Futures01Result, Ref, Std};
pub use crate::task::inbox::{Batch, Inbox};
pub use crate::task::owned::{Owned, Returns};
pub use crate::task::run_queue::{RunQueue, Stealer};
pub use crate::task::slot::NextTask;
pub use crate::task::{Runner, Schedule, Task};
pub use crate::waiter_cell::WaiterCell;
