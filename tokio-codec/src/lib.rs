#![doc = include_str!("../README.md")]
//!
//! # Index
//!
//! | name | is |
//! |---|---|
//! | [`Decoder`], [`Encoder`] | what a codec is |
//! | [`Framed`], [`FramedRead`], [`FramedWrite`], [`FramedParts`] | a byte stream with a codec |
//! | [`BytesCodec`], [`LinesCodec`], [`LengthDelimitedCodec`], [`length_delimited`] | ready codecs |
//!
//! All of it stands in `tokio_io::framing`: sockets have framed forms too, and rest on that crate.

#![forbid(unsafe_code)]

pub use tokio_io::framing::{
    length_delimited, BytesCodec, Decoder, Encoder, Framed, FramedParts, FramedRead, FramedWrite,
    LengthDelimitedCodec, LinesCodec,
};
