#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | file | decides |
//! |---|---|
//! | `ctrl_c.rs` | [`CtrlC`], [`ctrl_c()`]: the same on all systems |
//! | `unix.rs` | `unix::Signal`: a stream of one signal |
//! | `unix/mailbox.rs` | how a signal waits for its stream, and wakes it |
//! | `unix/handler.rs` | what runs inside the system's handler; all of the crate's Unix `unsafe` |
//! | `windows.rs` | `windows::Event`: Ctrl-C and Ctrl-Break |
//! | `windows/listeners.rs` | who hears an event |
//! | `windows/console.rs` | the console's handler; all of the crate's Windows `unsafe` |
#![deny(unsafe_code)]

mod ctrl_c;
#[cfg(unix)]
pub mod unix;
#[cfg(windows)]
pub mod windows;

/// The part of Windows that is the same everywhere, tested everywhere.
#[cfg(all(test, not(windows)))]
#[path = "windows/listeners.rs"]
mod listeners;

pub use crate::ctrl_c::{ctrl_c, ctrl_c_handle, CtrlC};
pub use tokio_io::{IoFuture, IoStream};
