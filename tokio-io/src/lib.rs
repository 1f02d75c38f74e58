#![doc = include_str!("../README.md")]
//!
//! # Index
//!
//! - [`AsyncRead`], [`AsyncWrite`]: what a byte stream promises; how the std I/O types keep it.
//! - [`io`]: the combinators, one algorithm a file, each for both generations.
//! - [`framing`]: from bytes to messages and back: [`framing::Decoder`], [`framing::Encoder`],
//!   [`framing::Framed`].
//! - [`into_split`]: a socket in two owned halves, [`OwnedReadHalf`] and [`OwnedWriteHalf`].
//! - `byte_stream.rs`: the I/O traits of sockets, each one line; `segments.rs`: their buffers.
//! - [`Futures01IoAsStd`], [`StdIoAsFutures01`]: a byte stream that has the traits of one generation only,
//!   for code of the other.
//! - [`IoFuture`], [`IoStream`], [`try_nb!`]: shorthands for code that implements streams.

#![deny(unsafe_code)]

#[allow(unsafe_code, reason = "the 0.1 buffer contract is an `unsafe fn` of the trait")]
mod async_read;
mod async_write;
mod boxed;
mod byte_stream;
#[doc(hidden)]
pub mod codec;
pub mod framing;
mod futures01_io_as_std;
pub mod io;
#[allow(unsafe_code, reason = "passes the 0.1 buffer contract on")]
mod owned;
mod poll;
#[allow(unsafe_code, reason = "the 0.1 buffer contract again")]
mod segments;
mod split;
mod std_io_as_futures01;
mod sync;

pub use self::async_read::AsyncRead;
pub use self::async_write::AsyncWrite;
pub use self::boxed::{IoFuture, IoStream};
#[doc(hidden)]
pub use self::byte_stream::__byte_stream;
pub use self::futures01_io_as_std::Futures01IoAsStd;
pub use self::owned::{into_split, FinishWriting, OwnedReadHalf, OwnedWriteHalf, ReuniteError};
pub use self::std_io_as_futures01::StdIoAsFutures01;

/// The names that `tokio-codec` re-exports.
#[doc(hidden)]
pub mod _tokio_codec {
    pub use crate::framing::{Decoder, Encoder, Framed, FramedParts, FramedRead, FramedWrite};
}

#[doc(hidden)]
pub use futures::Async as __Async;
