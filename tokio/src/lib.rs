#![doc = include_str!("../README.md")]
//!
//! # Index
//!
//! | module | is |
//! |---|---|
//! | [`run`], [`spawn`] | the two functions that a program starts with |
//! | [`runtime`] | a runtime that you hold: [`runtime::Runtime`], [`runtime::Builder`] |
//! | [`net`] | TCP, UDP and Unix sockets |
//! | [`io`] | byte streams and their combinators; standard input and output |
//! | [`codec`] | byte streams as streams of messages |
//! | [`sync`] | channels and a lock |
//! | [`fs`] | files and directories |
//! | [`task`] | join handles, groups of tasks, what blocks, what is not `Send`; futures of one generation in tasks of the other |
//! | [`task_local!`] | values that belong to a task |
//! | [`timer`], [`clock`] | delays, intervals, timeouts; what time it is |
//! | [`time`] | the same for async code, by the names of tokio 1 |
//! | [`executor`] | spawning, for libraries |
//! | [`reactor`] | readiness, for authors of resources |
//! | [`prelude`] | the traits of futures 0.1, in one import |
//! | [`util`] | more methods for futures 0.1 futures and streams |
//!
//! This crate holds no algorithm: it assembles a runtime of the layers below, and re-exports them.

#![forbid(unsafe_code)]

#[cfg(feature = "timer")]
pub mod clock;
#[cfg(feature = "codec")]
pub mod codec;
#[cfg(feature = "rt-full")]
pub mod executor;
#[cfg(feature = "fs")]
pub mod fs;
#[cfg(feature = "io")]
pub mod io;
#[cfg(feature = "macros")]
#[doc(hidden)]
pub mod macros;
#[cfg(any(feature = "tcp", feature = "udp", feature = "uds"))]
pub mod net;
pub mod prelude;
#[cfg(feature = "reactor")]
pub mod reactor;
#[cfg(feature = "rt-full")]
pub mod runtime;
#[cfg(feature = "sync")]
pub mod sync;
pub mod task;
#[cfg(feature = "timer")]
pub mod time;
#[cfg(feature = "timer")]
pub mod timer;
pub mod util;

#[cfg(feature = "rt-full")]
pub use crate::executor::spawn;
#[cfg(feature = "rt-full")]
pub use crate::runtime::run;
#[cfg(feature = "macros")]
pub use tokio_macros::{main, test};

/// The examples of the project's front page are compiled.
#[cfg(all(doctest, feature = "rt-full", feature = "tcp"))]
#[doc = include_str!("../../README.md")]
struct FrontPage;

/// The examples of the index of tasks are compiled and run.
#[cfg(all(doctest, feature = "macros", feature = "tcp", feature = "sync", feature = "codec"))]
#[doc = include_str!("../../docs/how-to.md")]
struct HowTo;

/// The steps of the migration guide are compiled and run.
#[cfg(all(doctest, feature = "macros", feature = "tcp", feature = "sync", feature = "codec"))]
#[doc = include_str!("../../docs/migrating.md")]
struct Migrating;
