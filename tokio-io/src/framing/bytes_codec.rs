//! Bytes as they come.

use super::{Decoder, Encoder};
use bytes::{BufMut, Bytes, BytesMut};
use std::io;

/// A codec without messages: what was read is what comes out.
///
/// Decoding yields all bytes that are there, at least one; where one piece ends and the next begins
/// means nothing. Encoding sends bytes as they are.
///
/// ```
/// use bytes::BytesMut;
/// use tokio_io::framing::{BytesCodec, Decoder};
///
/// let mut buffer = BytesMut::from("as they come");
/// assert_eq!(BytesCodec::new().decode(&mut buffer)?.unwrap(), "as they come");
/// assert!(buffer.is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BytesCodec(());

impl BytesCodec {
    /// The codec.
    #[allow(clippy::new_without_default, reason = "0.1 has no default either")]
    pub fn new() -> BytesCodec {
        BytesCodec(())
    }
}

impl Decoder for BytesCodec {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        let len = src.len();
        Ok((len > 0).then(|| src.split_to(len)))
    }
}

impl Encoder for BytesCodec {
    type Item = Bytes;
    type Error = io::Error;

    fn encode(&mut self, item: Bytes, dst: &mut BytesMut) -> io::Result<()> {
        dst.reserve(item.len());
        dst.put(item);
        Ok(())
    }
}
