//! Messages with their length in front of them.
//!
//! ```text
//!  ◀── length_field_offset ──▶◀ length_field_length ▶
//! ┌───────────────────────────┬──────────────────────┬───────────┬──────────────────────┐
//! │ header                    │ n                    │ header    │ payload              │
//! └───────────────────────────┴──────────────────────┴───────────┴──────────────────────┘
//!  ◀────────────────────────── num_skip ────────────────────────▶◀ n + length_adjustment ▶
//! ```
//!
//! What comes out is everything after the first `num_skip` bytes. By default that is the payload
//! alone: the length field of four bytes, most significant first, is skipped. To keep the header
//! in the messages, set [`num_skip`](Builder::num_skip) to 0 and
//! [`length_adjustment`](Builder::length_adjustment) to the header's length.
//!
//! A frame with two bytes of header, a length of two bytes that counts itself and the header, and a
//! message that is the payload alone:
//!
//! ```
//! use bytes::BytesMut;
//! use tokio_io::framing::{length_delimited::Builder, Decoder};
//!
//! let mut codec = Builder::new()
//!     .length_field_offset(2)
//!     .length_field_length(2)
//!     .length_adjustment(-4)
//!     .new_codec();
//! let mut buffer = BytesMut::from(&b"\xca\xfe\x00\x09hello"[..]);
//! assert_eq!(codec.decode(&mut buffer)?.unwrap(), "hello");
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Encoding writes the length field and the message; a header, if the protocol has one, is not
//! written.

use super::{Decoder, Encoder, Framed, FramedRead, FramedWrite};
use crate::{AsyncRead, AsyncWrite};
use bytes::{BufMut, Bytes, BytesMut};
use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};

/// Configures a [`LengthDelimitedCodec`]; the module's documentation has a picture.
#[derive(Clone, Copy, Debug)]
pub struct Builder {
    max_frame_length: usize,
    length_field_length: usize,
    length_field_offset: usize,
    length_adjustment: isize,
    num_skip: Option<usize>,
    big_endian: bool,
}

/// A codec whose messages have their length in front of them.
///
/// Made by [`LengthDelimitedCodec::new`], with four bytes of length and then the message, or by a
/// [`Builder`]. A message of more than [`max_frame_length`](LengthDelimitedCodec::max_frame_length) bytes,
/// 8 MiB by default, is an error in both directions; memory for a message is taken as its bytes come,
/// not on the word of its length.
///
/// # Errors
///
/// * [`FrameTooBig`], in an [`io::Error`] of kind `InvalidData` when decoding, `InvalidInput` when
///   encoding.
/// * A length that is negative or too large after the adjustment: the same kinds. So is a message whose
///   length does not fit into its field.
/// * The end of the stream in the middle of a frame: `UnexpectedEof`.
///
/// After an error in decoding nothing is taken off the buffer: there is no telling where the next frame
/// begins. A stream ends after the error.
#[derive(Clone, Debug)]
pub struct LengthDelimitedCodec {
    builder: Builder,
    /// The length of the frame whose head has been taken off.
    frame: Option<usize>,
}

/// A frame is longer than the limit. The inner error of an [`io::Error`].
pub struct FrameTooBig(());

/// The limit if no other was set.
const MAX_FRAME_LENGTH: usize = 8 * 1024 * 1024;

/// Memory that is taken for a frame before its bytes are there.
const RESERVE: usize = 64 * 1024;

impl Builder {
    /// Four bytes of length, most significant first, and then the message.
    #[allow(clippy::new_without_default, reason = "0.1 has no default either")]
    pub fn new() -> Builder {
        Builder {
            max_frame_length: MAX_FRAME_LENGTH,
            length_field_length: 4,
            length_field_offset: 0,
            length_adjustment: 0,
            num_skip: None,
            big_endian: true,
        }
    }

    /// The length's most significant byte comes first. The default.
    pub fn big_endian(&mut self) -> &mut Self {
        self.big_endian = true;
        self
    }

    /// The length's least significant byte comes first.
    pub fn little_endian(&mut self) -> &mut Self {
        self.big_endian = false;
        self
    }

    /// The length's bytes have the order of this machine.
    pub fn native_endian(&mut self) -> &mut Self {
        self.big_endian = cfg!(target_endian = "big");
        self
    }

    /// The largest value that the length field may have, and the largest message that may be sent.
    pub fn max_frame_length(&mut self, val: usize) -> &mut Self {
        self.max_frame_length = val;
        self
    }

    /// How many bytes the length has.
    ///
    /// # Panics
    ///
    /// If that is not 1 to 8.
    pub fn length_field_length(&mut self, val: usize) -> &mut Self {
        assert!((1..=8).contains(&val), "a length field has 1 to 8 bytes");
        self.length_field_length = val;
        self
    }

    /// How many bytes come before the length.
    pub fn length_field_offset(&mut self, val: usize) -> &mut Self {
        self.length_field_offset = val;
        self
    }

    /// What to add to the length to get that of what follows the skipped bytes.
    pub fn length_adjustment(&mut self, val: isize) -> &mut Self {
        self.length_adjustment = val;
        self
    }

    /// How many bytes of the frame are left out of the message. By default all up to the end of the
    /// length.
    pub fn num_skip(&mut self, val: usize) -> &mut Self {
        self.num_skip = Some(val);
        self
    }

    /// The codec.
    pub fn new_codec(&self) -> LengthDelimitedCodec {
        LengthDelimitedCodec { builder: *self, frame: None }
    }

    /// A stream of messages from `upstream`.
    pub fn new_read<T: AsyncRead>(&self, upstream: T) -> FramedRead<T, LengthDelimitedCodec> {
        FramedRead::new(upstream, self.new_codec())
    }

    /// A sink of messages to `inner`.
    pub fn new_write<T: AsyncWrite>(&self, inner: T) -> FramedWrite<T, LengthDelimitedCodec> {
        FramedWrite::new(inner, self.new_codec())
    }

    /// A stream and sink of messages over `inner`.
    pub fn new_framed<T: AsyncRead + AsyncWrite>(
        &self,
        inner: T,
    ) -> Framed<T, LengthDelimitedCodec> {
        Framed::new(inner, self.new_codec())
    }

    fn skipped(&self) -> usize {
        self.num_skip.unwrap_or(self.length_field_offset.saturating_add(self.length_field_length))
    }

    /// How many bytes have to be there to know where the frame ends.
    fn head(&self) -> usize {
        let length_end = self.length_field_offset.saturating_add(self.length_field_length);
        length_end.max(self.skipped())
    }

    fn read_length(&self, head: &[u8]) -> u64 {
        let field = &head[self.length_field_offset..][..self.length_field_length];
        let add = |length: u64, byte: &u8| length << 8 | u64::from(*byte);
        if self.big_endian {
            field.iter().fold(0, add)
        } else {
            field.iter().rev().fold(0, add)
        }
    }

    fn write_length(&self, length: u64, dst: &mut BytesMut) {
        let bytes = length.to_be_bytes();
        let field = &bytes[bytes.len() - self.length_field_length..];
        if self.big_endian {
            dst.put(field);
        } else {
            field.iter().rev().for_each(|byte| dst.put_u8(*byte));
        }
    }

    fn fits(&self, length: u64) -> bool {
        self.length_field_length == 8 || length >> (8 * self.length_field_length) == 0
    }
}

impl LengthDelimitedCodec {
    /// Four bytes of length, most significant first, and then the message.
    #[allow(clippy::new_without_default, reason = "0.1 has no default either")]
    pub fn new() -> Self {
        Builder::new().new_codec()
    }

    /// The most bytes that a message may have, before the adjustment.
    pub fn max_frame_length(&self) -> usize {
        self.builder.max_frame_length
    }

    /// Sets that. A frame whose head has been decoded is not affected.
    pub fn set_max_frame_length(&mut self, val: usize) {
        self.builder.max_frame_length = val;
    }

    /// Takes the head off `src`, if it is there, and remembers how long the frame is.
    fn decode_head(&mut self, src: &mut BytesMut) -> io::Result<Option<usize>> {
        if let Some(frame) = self.frame {
            return Ok(Some(frame));
        }
        let builder = &self.builder;
        if src.len() < builder.head() {
            return Ok(None);
        }
        let length = builder.read_length(src);
        let length = match usize::try_from(length) {
            Ok(length) if length <= builder.max_frame_length => length,
            _ => return Err(io::Error::new(ErrorKind::InvalidData, FrameTooBig(()))),
        };
        let frame = length.checked_add_signed(builder.length_adjustment).ok_or_else(|| {
            io::Error::new(ErrorKind::InvalidData, "the length of a frame is out of range")
        })?;
        if frame == 0 && builder.skipped() == 0 {
            // It would take no byte, and the same head would be read again for ever.
            let message = "a frame that holds its own head cannot be empty";
            return Err(io::Error::new(ErrorKind::InvalidData, message));
        }
        src.advance(builder.skipped());
        src.reserve(frame.min(RESERVE).saturating_sub(src.len()));
        self.frame = Some(frame);
        Ok(Some(frame))
    }

    pub(crate) fn encode_head(&self, len: usize, dst: &mut BytesMut) -> io::Result<()> {
        let builder = &self.builder;
        if len > builder.max_frame_length {
            return Err(io::Error::new(ErrorKind::InvalidInput, FrameTooBig(())));
        }
        let length = i128::try_from(len).unwrap_or(i128::MAX) - builder.length_adjustment as i128;
        match u64::try_from(length) {
            Ok(length) if builder.fits(length) => {
                dst.reserve(builder.length_field_length + len);
                builder.write_length(length, dst);
                Ok(())
            }
            _ => {
                let message = "the length of a message does not fit into its field";
                Err(io::Error::new(ErrorKind::InvalidInput, message))
            }
        }
    }
}

impl Decoder for LengthDelimitedCodec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        match self.decode_head(src)? {
            Some(frame) if src.len() >= frame => {
                self.frame = None;
                Ok(Some(src.split_to(frame)))
            }
            _ => Ok(None),
        }
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        match self.decode(src)? {
            None if self.frame.is_some() || !src.is_empty() => {
                // Once: the frame is given up, and its bytes with it.
                self.frame = None;
                src.clear();
                let message = "the stream ended in the middle of a frame";
                Err(io::Error::new(ErrorKind::UnexpectedEof, message))
            }
            frame => Ok(frame),
        }
    }
}

impl Encoder for LengthDelimitedCodec {
    type Item = Bytes;
    type Error = io::Error;

    fn encode(&mut self, data: Bytes, dst: &mut BytesMut) -> io::Result<()> {
        self.encode_head(data.len(), dst)?;
        dst.put(data);
        Ok(())
    }
}

impl fmt::Debug for FrameTooBig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameTooBig").finish()
    }
}

impl fmt::Display for FrameTooBig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame is longer than the limit")
    }
}

impl Error for FrameTooBig {}
