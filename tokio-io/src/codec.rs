//! Codecs as they stood here before `tokio-codec`. All of it is deprecated: use `tokio-codec`.

#![allow(deprecated)]

mod framed;
pub mod length_delimited;

pub use self::framed::{Framed, FramedParts};
pub use crate::framing::{Decoder, Encoder};

/// See `tokio_codec::BytesCodec`.
#[deprecated(since = "0.1.7", note = "Moved to tokio-codec")]
pub type BytesCodec = crate::framing::BytesCodec;

/// See `tokio_codec::LinesCodec`.
#[deprecated(since = "0.1.7", note = "Moved to tokio-codec")]
pub type LinesCodec = crate::framing::LinesCodec;

/// See `tokio_codec::FramedRead`.
#[deprecated(since = "0.1.7", note = "Moved to tokio-codec")]
pub type FramedRead<T, D> = crate::framing::FramedRead<T, D>;

/// See `tokio_codec::FramedWrite`.
#[deprecated(since = "0.1.7", note = "Moved to tokio-codec")]
pub type FramedWrite<T, E> = crate::framing::FramedWrite<T, E>;
