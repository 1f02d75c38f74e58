//! Length-delimited frames with the types that they had before `tokio-codec`.

use crate::framing::length_delimited as new;
use crate::framing::{self, Decoder, Encoder};
use crate::{AsyncRead, AsyncWrite};
use bytes::{Buf, BufMut, BytesMut, IntoBuf};
use futures::{Poll, Sink, StartSend, Stream};
use std::fmt;
use std::io::{self, Read, Write};
use std::marker::PhantomData;

/// See `tokio_codec::length_delimited::FrameTooBig`.
#[deprecated(since = "0.1.8", note = "Moved to tokio-codec")]
pub type FrameTooBig = new::FrameTooBig;

/// See `tokio_codec::length_delimited::Builder`.
#[deprecated(since = "0.1.8", note = "Moved to tokio-codec")]
#[derive(Clone, Copy, Debug)]
pub struct Builder(new::Builder);

/// Messages of any buffer's bytes.
struct Codec<B>(new::LengthDelimitedCodec, PhantomData<fn(B)>);

/// A stream of messages. See `tokio_codec::FramedRead`.
#[deprecated(since = "0.1.8", note = "Moved to tokio-codec")]
#[derive(Debug)]
pub struct FramedRead<T>(framing::FramedRead<T, new::LengthDelimitedCodec>);

/// A sink of messages. See `tokio_codec::FramedWrite`.
#[deprecated(since = "0.1.8", note = "Moved to tokio-codec")]
pub struct FramedWrite<T, B: IntoBuf = BytesMut>(framing::FramedWrite<T, Codec<B>>);

/// A stream and sink of messages. See `tokio_codec::Framed`.
#[deprecated(since = "0.1.8", note = "Moved to tokio-codec")]
pub struct Framed<T, B: IntoBuf = BytesMut>(framing::Framed<T, Codec<B>>);

impl<B> Codec<B> {
    fn new(builder: &new::Builder) -> Self {
        Codec(builder.new_codec(), PhantomData)
    }
}

impl<B> Decoder for Codec<B> {
    type Item = BytesMut;
    type Error = io::Error;

    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        self.0.decode(src)
    }

    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<BytesMut>> {
        self.0.decode_eof(src)
    }
}

impl<B: IntoBuf> Encoder for Codec<B> {
    type Item = B;
    type Error = io::Error;

    fn encode(&mut self, item: B, dst: &mut BytesMut) -> io::Result<()> {
        let data = item.into_buf();
        self.0.encode_head(data.remaining(), dst)?;
        dst.put(data);
        Ok(())
    }
}

impl Builder {
    /// See `tokio_codec::length_delimited::Builder::new`.
    #[allow(clippy::new_without_default, reason = "it had none")]
    pub fn new() -> Builder {
        Builder(new::Builder::new())
    }

    /// The length's most significant byte comes first.
    pub fn big_endian(&mut self) -> &mut Self {
        self.0.big_endian();
        self
    }

    /// The length's least significant byte comes first.
    pub fn little_endian(&mut self) -> &mut Self {
        self.0.little_endian();
        self
    }

    /// The length's bytes have the order of this machine.
    pub fn native_endian(&mut self) -> &mut Self {
        self.0.native_endian();
        self
    }

    /// The largest value that the length field may have.
    pub fn max_frame_length(&mut self, val: usize) -> &mut Self {
        self.0.max_frame_length(val);
        self
    }

    /// How many bytes the length has.
    pub fn length_field_length(&mut self, val: usize) -> &mut Self {
        self.0.length_field_length(val);
        self
    }

    /// How many bytes come before the length.
    pub fn length_field_offset(&mut self, val: usize) -> &mut Self {
        self.0.length_field_offset(val);
        self
    }

    /// What to add to the length.
    pub fn length_adjustment(&mut self, val: isize) -> &mut Self {
        self.0.length_adjustment(val);
        self
    }

    /// How many bytes of the frame are left out of the message.
    pub fn num_skip(&mut self, val: usize) -> &mut Self {
        self.0.num_skip(val);
        self
    }

    /// A stream of messages.
    pub fn new_read<T: AsyncRead>(&self, upstream: T) -> FramedRead<T> {
        FramedRead(self.0.new_read(upstream))
    }

    /// A sink of messages.
    pub fn new_write<T: AsyncWrite, B: IntoBuf>(&self, inner: T) -> FramedWrite<T, B> {
        FramedWrite(framing::FramedWrite::new(inner, Codec::new(&self.0)))
    }

    /// A stream and sink of messages.
    pub fn new_framed<T: AsyncRead + AsyncWrite, B: IntoBuf>(&self, inner: T) -> Framed<T, B> {
        Framed(framing::Framed::new(inner, Codec::new(&self.0)))
    }
}

impl<T: AsyncRead> FramedRead<T> {
    /// Messages with four bytes of length.
    pub fn new(inner: T) -> FramedRead<T> {
        Builder::new().new_read(inner)
    }
}

impl<T> FramedRead<T> {
    /// The most bytes that a message may have.
    pub fn max_frame_length(&self) -> usize {
        self.0.decoder().max_frame_length()
    }

    /// Sets that.
    pub fn set_max_frame_length(&mut self, val: usize) {
        self.0.decoder_mut().set_max_frame_length(val);
    }

    /// The byte stream.
    pub fn get_ref(&self) -> &T {
        self.0.get_ref()
    }

    /// The byte stream.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// The byte stream.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: AsyncRead> Stream for FramedRead<T> {
    type Item = BytesMut;
    type Error = io::Error;

    fn poll(&mut self) -> Poll<Option<BytesMut>, io::Error> {
        self.0.poll()
    }
}

impl<T: Sink> Sink for FramedRead<T> {
    type SinkItem = T::SinkItem;
    type SinkError = T::SinkError;

    fn start_send(&mut self, item: T::SinkItem) -> StartSend<T::SinkItem, T::SinkError> {
        Sink::start_send(self.0.get_mut(), item)
    }

    fn poll_complete(&mut self) -> Poll<(), T::SinkError> {
        self.0.get_mut().poll_complete()
    }

    fn close(&mut self) -> Poll<(), T::SinkError> {
        self.0.get_mut().close()
    }
}

impl<T: Write> Write for FramedRead<T> {
    fn write(&mut self, src: &[u8]) -> io::Result<usize> {
        self.0.get_mut().write(src)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.get_mut().flush()
    }
}

impl<T: AsyncWrite> AsyncWrite for FramedRead<T> {
    fn shutdown(&mut self) -> Poll<(), io::Error> {
        self.0.get_mut().shutdown()
    }

    fn write_buf<B: Buf>(&mut self, buf: &mut B) -> Poll<usize, io::Error> {
        self.0.get_mut().write_buf(buf)
    }
}

impl<T: AsyncWrite, B: IntoBuf> FramedWrite<T, B> {
    /// Messages with four bytes of length.
    pub fn new(inner: T) -> FramedWrite<T, B> {
        Builder::new().new_write(inner)
    }
}

impl<T, B: IntoBuf> FramedWrite<T, B> {
    /// The most bytes that a message may have.
    pub fn max_frame_length(&self) -> usize {
        self.0.encoder().0.max_frame_length()
    }

    /// Sets that.
    pub fn set_max_frame_length(&mut self, val: usize) {
        self.0.encoder_mut().0.set_max_frame_length(val);
    }

    /// The byte stream.
    pub fn get_ref(&self) -> &T {
        self.0.get_ref()
    }

    /// The byte stream.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// The byte stream.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: AsyncWrite, B: IntoBuf> Sink for FramedWrite<T, B> {
    type SinkItem = B;
    type SinkError = io::Error;

    fn start_send(&mut self, item: B) -> StartSend<B, io::Error> {
        Sink::start_send(&mut self.0, item)
    }

    fn poll_complete(&mut self) -> Poll<(), io::Error> {
        self.0.poll_complete()
    }

    fn close(&mut self) -> Poll<(), io::Error> {
        Sink::close(&mut self.0)
    }
}

impl<T: Stream, B: IntoBuf> Stream for FramedWrite<T, B> {
    type Item = T::Item;
    type Error = T::Error;

    fn poll(&mut self) -> Poll<Option<T::Item>, T::Error> {
        self.0.get_mut().poll()
    }
}

impl<T: Read, B: IntoBuf> Read for FramedWrite<T, B> {
    fn read(&mut self, dst: &mut [u8]) -> io::Result<usize> {
        self.0.get_mut().read(dst)
    }
}

impl<T: AsyncRead, B: IntoBuf> AsyncRead for FramedWrite<T, B> {
    fn read_buf<D: BufMut>(&mut self, buf: &mut D) -> Poll<usize, io::Error> {
        AsyncRead::read_buf(self.0.get_mut(), buf)
    }
}

impl<T: fmt::Debug, B: IntoBuf> fmt::Debug for FramedWrite<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FramedWrite").field(self.get_ref()).finish()
    }
}

impl<T: AsyncRead + AsyncWrite, B: IntoBuf> Framed<T, B> {
    /// Messages with four bytes of length.
    pub fn new(inner: T) -> Framed<T, B> {
        Builder::new().new_framed(inner)
    }
}

impl<T, B: IntoBuf> Framed<T, B> {
    /// The byte stream.
    pub fn get_ref(&self) -> &T {
        self.0.get_ref()
    }

    /// The byte stream.
    pub fn get_mut(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// The byte stream.
    pub fn into_inner(self) -> T {
        self.0.into_inner()
    }
}

impl<T: AsyncRead, B: IntoBuf> Stream for Framed<T, B> {
    type Item = BytesMut;
    type Error = io::Error;

    fn poll(&mut self) -> Poll<Option<BytesMut>, io::Error> {
        self.0.poll()
    }
}

impl<T: AsyncWrite, B: IntoBuf> Sink for Framed<T, B> {
    type SinkItem = B;
    type SinkError = io::Error;

    fn start_send(&mut self, item: B) -> StartSend<B, io::Error> {
        Sink::start_send(&mut self.0, item)
    }

    fn poll_complete(&mut self) -> Poll<(), io::Error> {
        self.0.poll_complete()
    }

    fn close(&mut self) -> Poll<(), io::Error> {
        Sink::close(&mut self.0)
    }
}

impl<T: fmt::Debug, B: IntoBuf> fmt::Debug for Framed<T, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Framed").field(self.get_ref()).finish()
    }
}
