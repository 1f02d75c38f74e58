#![doc = include_str!("../README.md")]
//!
//! # Index
//!
//! | module | decides |
//! |---|---|
//! | `executor` | what an executor is: [`Executor`]; one that needs no `&mut`: [`SharedExecutor`] |
//! | `typed` | spawning without a box: [`TypedExecutor`] |
//! | `global` | whom this thread spawns on: [`set_default`], [`with_default`] |
//! | `default_executor` | spawning there: [`spawn()`], [`DefaultExecutor`] |
//! | `enter` | one executor to a thread, blocking on a future: [`enter()`], [`Enter`] |
//! | [`park`] | how a thread sleeps until there is work: [`park::Park`], [`park::Unpark`] |
//! | `error` | why a spawn fails: [`SpawnError`] |
//!
//! The only `unsafe` is in `global`.

#![deny(unsafe_code)]

mod default_executor;
mod enter;
mod error;
mod executor;
#[allow(unsafe_code)]
mod global;
pub mod park;
mod sync;
mod typed;

pub use crate::default_executor::{spawn, DefaultExecutor};
#[doc(hidden)]
pub use crate::enter::exit;
pub use crate::enter::{enter, Enter, EnterError};
pub use crate::error::SpawnError;
pub use crate::executor::{Executor, SharedExecutor};
pub use crate::global::{set_default, with_default, DefaultGuard};
pub use crate::typed::TypedExecutor;
