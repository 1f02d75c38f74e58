//! A stream and sink of messages.

use super::read_frames::ReadFrames;
use super::write_frames::WriteFrames;
use super::{Decoder, Encoder, FramedParts};
use crate::{AsyncRead, AsyncWrite};
use futures::{Poll as Poll01, Sink as Sink01, StartSend, Stream as Stream01};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_std, AmbientTask};

/// A byte stream and a codec as a stream and sink of messages, in both generations.
///
/// To use the two directions in two tasks, split it as any stream that is a sink, or split the
/// byte stream and make a [`FramedRead`](super::FramedRead) and a
/// [`FramedWrite`](super::FramedWrite).
///
/// Messages sent wait in a buffer until the sink is flushed, or until 8 KiB have gathered: then no
/// more is taken before some bytes could be written. Closing flushes and shuts the byte stream
/// down. Dropping it drops what is in the buffers.
///
/// After an error of the byte stream it may be polled again; nothing was lost.
pub struct Framed<T, U> {
    io: T,
    codec: U,
    read: ReadFrames,
    write: WriteFrames,
    /// Of the std task that reads, and of the one that writes: they may be two.
    reading: AmbientTask,
    writing: AmbientTask,
}

impl<T, U> Framed<T, U>
where
    T: AsyncRead + AsyncWrite,
    U: Decoder + Encoder,
{
    /// Messages of `codec` over `inner`.
    pub fn new(inner: T, codec: U) -> Framed<T, U> {
        Framed::from_parts(FramedParts::new(inner, codec))
    }
}

impl<T, U> Framed<T, U> {
    /// Goes on with the bytes in the buffers of `parts`.
    pub fn from_parts(parts: FramedParts<T, U>) -> Framed<T, U> {
        Framed {
            io: parts.io,
            codec: parts.codec,
            read: ReadFrames::from_buffer(parts.read_buf),
            write: WriteFrames::from_buffer(parts.write_buf),
            reading: AmbientTask::default(),
            writing: AmbientTask::default(),
        }
    }

    /// The byte stream. Bytes read from or written to it directly are missing from, or come between,
    /// the messages.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The byte stream. Bytes read from or written to it directly are missing from, or come between,
    /// the messages.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The codec.
    pub fn codec(&self) -> &U {
        &self.codec
    }

    /// The codec.
    pub fn codec_mut(&mut self) -> &mut U {
        &mut self.codec
    }

    /// The byte stream. What is in the buffers is lost; [`into_parts`](Framed::into_parts) keeps it.
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The byte stream, the codec, and the bytes in the buffers.
    pub fn into_parts(self) -> FramedParts<T, U> {
        let mut parts = FramedParts::new(self.io, self.codec);
        parts.read_buf = self.read.into_buffer();
        parts.write_buf = self.write.into_buffer();
        parts
    }
}

impl<T, U> Stream01 for Framed<T, U>
where
    T: AsyncRead,
    U: Decoder,
{
    type Item = U::Item;
    type Error = U::Error;

    fn poll(&mut self) -> Poll01<Option<U::Item>, U::Error> {
        self.read.poll(&mut self.io, &mut self.codec)
    }
}

impl<T, U> Sink01 for Framed<T, U>
where
    T: AsyncWrite,
    U: Encoder,
    U::Error: From<io::Error>,
{
    type SinkItem = U::Item;
    type SinkError = U::Error;

    fn start_send(&mut self, item: U::Item) -> StartSend<U::Item, U::Error> {
        self.write.start_send(&mut self.io, &mut self.codec, item)
    }

    fn poll_complete(&mut self) -> Poll01<(), U::Error> {
        Ok(self.write.poll_complete(&mut self.io)?)
    }

    fn close(&mut self) -> Poll01<(), U::Error> {
        Ok(self.write.close(&mut self.io)?)
    }
}

/// The byte stream is never pinned.
impl<T, U> Unpin for Framed<T, U> {}

impl<T, U> futures_core::Stream for Framed<T, U>
where
    T: AsyncRead,
    U: Decoder,
{
    type Item = Result<U::Item, U::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let poll = || this.read.poll(&mut this.io, &mut this.codec);
        to_std(this.reading.enter(cx, poll)).map(Result::transpose)
    }
}

impl<T, U> futures_sink::Sink<U::Item> for Framed<T, U>
where
    T: AsyncWrite,
    U: Encoder,
{
    type Error = U::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let this = &mut *self;
        let poll = || this.write.poll_ready(&mut this.io);
        to_std(this.writing.enter(cx, poll)).map_err(U::Error::from)
    }

    fn start_send(mut self: Pin<&mut Self>, item: U::Item) -> Result<(), U::Error> {
        let this = &mut *self;
        this.write.encode(&mut this.codec, item)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let this = &mut *self;
        let poll = || this.write.poll_complete(&mut this.io);
        to_std(this.writing.enter(cx, poll)).map_err(U::Error::from)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), U::Error>> {
        let this = &mut *self;
        let poll = || this.write.close(&mut this.io);
        to_std(this.writing.enter(cx, poll)).map_err(U::Error::from)
    }
}

impl<T: fmt::Debug, U: fmt::Debug> fmt::Debug for Framed<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Framed").field("io", &self.io).field("codec", &self.codec).finish()
    }
}
