//! `Framed` with the parts that it had before `tokio-codec`.

use crate::framing::{self, Decoder, Encoder};
use crate::{AsyncRead, AsyncWrite};
use bytes::BytesMut;
use futures::{Poll, Sink, StartSend, Stream};
use std::io;

/// See `tokio_codec::Framed`.
#[deprecated(since = "0.1.7", note = "Moved to tokio-codec")]
#[derive(Debug)]
pub struct Framed<T, U>(framing::Framed<T, U>);

/// The byte stream of a `Framed`, and its buffers.
#[derive(Debug)]
pub struct FramedParts<T> {
    /// The byte stream.
    pub inner: T,
    /// Bytes that were read and not yet decoded.
    pub readbuf: BytesMut,
    /// Bytes that were encoded and not yet written.
    pub writebuf: BytesMut,
}

impl<T, U> Framed<T, U> {
    pub(crate) fn new(inner: T, codec: U) -> Self
    where
        T: AsyncRead + AsyncWrite,
        U: Decoder + Encoder,
    {
        Framed(framing::Framed::new(inner, codec))
    }

    /// Goes on with the bytes in the buffers of `parts`.
    pub fn from_parts(parts: FramedParts<T>, codec: U) -> Framed<T, U> {
        let mut new = framing::FramedParts::new(parts.inner, codec);
        new.read_buf = parts.readbuf;
        new.write_buf = parts.writebuf;
        Framed(framing::Framed::from_parts(new))
    }

    /// The byte stream.
    pub fn get_ref(&self) -> &T {
        self.0.get_ref()
    }

    /// The byte stream.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// The byte stream; what is in the buffers is lost.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }

    /// The byte stream and the bytes in the buffers.
    pub fn into_parts(self) -> FramedParts<T> {
        self.into_parts_and_codec().0
    }

    /// The byte stream, the bytes in the buffers, and the codec.
    pub fn into_parts_and_codec(self) -> (FramedParts<T>, U) {
        let parts = self.0.into_parts();
        let old =
            FramedParts { inner: parts.io, readbuf: parts.read_buf, writebuf: parts.write_buf };
        (old, parts.codec)
    }
}

impl<T: AsyncRead, U: Decoder> Stream for Framed<T, U> {
    type Item = U::Item;
    type Error = U::Error;

    fn poll(&mut self) -> Poll<Option<U::Item>, U::Error> {
        self.0.poll()
    }
}

impl<T: AsyncWrite, U: Encoder> Sink for Framed<T, U>
where
    U::Error: From<io::Error>,
{
    type SinkItem = U::Item;
    type SinkError = U::Error;

    fn start_send(&mut self, item: U::Item) -> StartSend<U::Item, U::Error> {
        self.0.start_send(item)
    }

    fn poll_complete(&mut self) -> Poll<(), U::Error> {
        self.0.poll_complete()
    }

    fn close(&mut self) -> Poll<(), U::Error> {
        Sink::close(&mut self.0)
    }
}
