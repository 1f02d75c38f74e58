#![cfg_attr(not(unix), doc = "Unix sockets; empty on this system.")]
#![cfg(unix)]
#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | file | decides |
//! |---|---|
//! | `stream.rs` | [`UnixStream`]: each operation once, as `poll_*_with`; the I/O traits are tokio-io's spellings of these |
//! | `connect.rs` | [`ConnectFuture`]: from a path to a stream, also when the listener's queue is full |
//! | `address.rs` | from a path to what the system takes |
//! | `ucred.rs` | [`UCred`]: who the peer is |
//! | `listener.rs` | [`UnixListener`]: bind, accept |
//! | `incoming.rs` | [`Incoming`]: a stream of connections |
//! | `datagram.rs` | [`UnixDatagram`]: each operation once, as `poll_*_with`, and its spellings |
//! | `delivery.rs` | how sending waits for a receiver to which the socket is not connected |
//! | `recv.rs` | [`RecvDgram`]: receive one datagram into a buffer of one's own |
//! | `send.rs` | [`SendDgram`]: send one |
//! | `framed.rs` | [`UnixDatagramFramed`]: datagrams through a codec |
#![deny(unsafe_code)]

mod address;
mod connect;
mod datagram;
mod delivery;
mod framed;
mod incoming;
mod listener;
mod recv;
mod send;
mod stream;
mod ucred;

pub use crate::connect::{ConnectFuture, Connecting};
pub use crate::datagram::UnixDatagram;
pub use crate::framed::UnixDatagramFramed;
pub use crate::incoming::Incoming;
pub use crate::listener::UnixListener;
pub use crate::recv::{Receiving, RecvDgram};
pub use crate::send::{SendDgram, Sending};
pub use crate::stream::{OwnedReadHalf, OwnedWriteHalf, ReuniteError, UnixStream};
pub use crate::ucred::UCred;
