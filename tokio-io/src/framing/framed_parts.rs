//! What a `Framed` is made of.

use bytes::BytesMut;

/// The parts of a [`Framed`](super::Framed), its buffers included.
///
/// For going on with the same byte stream in another way, such as another codec after an upgrade:
/// the buffers hold bytes that the stream has given away already, or has not been given yet.
#[derive(Debug)]
#[non_exhaustive]
pub struct FramedParts<T, U> {
    /// The byte stream.
    pub io: T,

    /// The codec.
    pub codec: U,

    /// Bytes that were read and not yet decoded.
    pub read_buf: BytesMut,

    /// Bytes that were encoded and not yet written.
    pub write_buf: BytesMut,
}

impl<T, U> FramedParts<T, U> {
    /// Parts with empty buffers.
    pub fn new(io: T, codec: U) -> FramedParts<T, U> {
        FramedParts { io, codec, read_buf: BytesMut::new(), write_buf: BytesMut::new() }
    }
}
