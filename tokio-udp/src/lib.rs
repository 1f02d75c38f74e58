#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | file | decides |
//! |---|---|
//! | `socket.rs` | [`UdpSocket`]: each operation once, as `poll_*_with`, and its spellings |
//! | `socket/options.rs` | broadcast, multicast, ttl |
//! | `recv.rs` | [`RecvDgram`]: receive one datagram into a buffer of one's own |
//! | `send.rs` | [`SendDgram`]: send one |
//! | `framed.rs` | [`UdpFramed`]: datagrams through a codec |
//! | `raw.rs` | the operating system's handle |
#![forbid(unsafe_code)]

mod framed;
mod raw;
mod recv;
mod send;
mod socket;

pub use crate::framed::UdpFramed;
pub use crate::recv::{Receiving, RecvDgram};
pub use crate::send::{SendDgram, Sending};
pub use crate::socket::UdpSocket;
