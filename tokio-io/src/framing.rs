//! From a stream of bytes to a stream of messages, and back.
//!
//! A codec says where a message starts and ends in the bytes: [`Decoder`], [`Encoder`]. [`Framed`]
//! makes a stream and a sink of messages out of a byte stream and a codec; [`FramedRead`] and
//! [`FramedWrite`] do one direction each. All are `Stream` and `Sink` of both generations.
//!
//! Ready codecs: [`BytesCodec`], [`LinesCodec`], [`LengthDelimitedCodec`]. The crate `tokio-codec` is these
//! names, where programs expect them.
//!
//! ```
//! use bytes::{BufMut, BytesMut};
//! use futures::{Sink, Stream};
//! use std::io::{self, Cursor};
//! use tokio_io::framing::{Decoder, Encoder, FramedRead, FramedWrite};
//!
//! /// Messages of one byte for the length and then the bytes.
//! struct Short;
//!
//! impl Decoder for Short {
//!     type Item = BytesMut;
//!     type Error = io::Error;
//!
//!     fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
//!         match src.first() {
//!             Some(&len) if src.len() > len as usize => {
//!                 src.advance(1);
//!                 Ok(Some(src.split_to(len as usize)))
//!             }
//!             _ => Ok(None),
//!         }
//!     }
//! }
//!
//! impl Encoder for Short {
//!     type Item = &'static str;
//!     type Error = io::Error;
//!
//!     fn encode(&mut self, item: &'static str, dst: &mut BytesMut) -> io::Result<()> {
//!         dst.reserve(1 + item.len());
//!         dst.put(item.len() as u8);
//!         dst.put(item);
//!         Ok(())
//!     }
//! }
//!
//! use futures::Future;
//! let sink = FramedWrite::new(Cursor::new(Vec::new()), Short);
//! let bytes = sink.send("hello").and_then(|s| s.send("you")).wait()?.into_inner().into_inner();
//! assert_eq!(bytes, b"\x05hello\x03you");
//!
//! let messages = FramedRead::new(&bytes[..], Short).collect().wait()?;
//! assert_eq!(messages, ["hello", "you"]);
//! # Ok::<(), io::Error>(())
//! ```

mod bytes_codec;
#[doc(hidden)]
pub mod datagrams;
mod decoder;
mod encoder;
mod framed;
mod framed_parts;
mod framed_read;
mod framed_write;
pub mod length_delimited;
mod lines_codec;
mod read_frames;
mod write_frames;

pub use self::bytes_codec::BytesCodec;
pub use self::decoder::Decoder;
pub use self::encoder::Encoder;
pub use self::framed::Framed;
pub use self::framed_parts::FramedParts;
pub use self::framed_read::FramedRead;
pub use self::framed_write::FramedWrite;
pub use self::length_delimited::LengthDelimitedCodec;
pub use self::lines_codec::LinesCodec;
