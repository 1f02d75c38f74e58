#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | file | decides |
//! |---|---|
//! | `command.rs` | [`CommandExt`]: starting a [`std::process::Command`] |
//! | `child.rs` | [`Child`]: a process and its pipes |
//! | `status.rs` | [`StatusAsync`]: from a command to its exit status |
//! | `output.rs` | [`WaitWithOutput`], [`OutputAsync`]: all that a process writes |
//! | `stdio.rs` | [`ChildStdin`], [`ChildStdout`], [`ChildStderr`], in the I/O traits of both generations |
//! | `awaited.rs` | [`Awaited`]: the futures above as std futures |
//! | `process.rs` | who kills and who reaps a process |
//! | `unix/exit.rs` | waiting for the end of a process: by a descriptor, or by `SIGCHLD` |
//! | `unix/orphans.rs` | reaping processes that nobody waits for |
//! | `unix/pipe.rs` | pipes on a reactor |
//! | `windows/exit.rs` | waiting for the end of a process on a thread |
//! | `windows/pipe.rs` | pipes on threads |
//! | `deprecated.rs` | what 0.1 deprecated and programs may still name |
#![deny(unsafe_code)]

mod awaited;
mod child;
mod command;
mod deprecated;
mod output;
mod process;
mod status;
mod stdio;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use crate::unix as sys;
#[cfg(windows)]
use crate::windows as sys;

/// The part of Windows that is the same everywhere, tested everywhere.
#[cfg(all(test, not(windows)))]
#[path = "windows/pipe.rs"]
mod threaded_pipe;

pub use crate::awaited::Awaited;
pub use crate::child::Child;
pub use crate::command::CommandExt;
#[allow(deprecated)]
#[doc(hidden)]
pub use crate::deprecated::StatusAsync2;
pub use crate::output::{OutputAsync, WaitWithOutput};
pub use crate::status::StatusAsync;
pub use crate::stdio::{ChildStderr, ChildStdin, ChildStdout};

/// For this crate's own tests: processes that are started from now on are waited for by `SIGCHLD`,
/// as where the system has no process descriptors.
#[cfg(unix)]
#[doc(hidden)]
pub fn __watch_by_signal() {
    crate::unix::watch_by_signal();
}
