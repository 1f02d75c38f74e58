#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | file | decides |
//! |---|---|
//! | `stream.rs` | [`TcpStream`]: each operation once, as `poll_*_with`; the I/O traits are tokio-io's spellings of these |
//! | `stream/options.rs` | nodelay, keep-alive, linger, buffer sizes, ttl |
//! | `connect.rs` | [`ConnectFuture`]: from an address to a stream |
//! | `listener.rs` | [`TcpListener`]: bind, accept |
//! | `incoming.rs` | [`Incoming`]: a stream of connections |
//! | `raw.rs` | the operating system's handles |
//! | `deprecated.rs` | what 0.1 deprecated and programs may still call |
#![deny(unsafe_code)]

mod connect;
mod deprecated;
mod incoming;
mod listener;
mod raw;
mod stream;

pub use crate::connect::{ConnectFuture, Connecting};
pub use crate::incoming::Incoming;
pub use crate::listener::TcpListener;
pub use crate::stream::{OwnedReadHalf, OwnedWriteHalf, ReuniteError, TcpStream};
