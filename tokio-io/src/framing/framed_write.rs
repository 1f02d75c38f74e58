//! A sink of messages.

use super::write_frames::WriteFrames;
use super::Encoder;
use crate::AsyncWrite;
use bytes::BytesMut;
use futures::{Poll as Poll01, Sink as Sink01, StartSend, Stream as Stream01};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_std, AmbientTask};

/// A byte stream and an encoder as a sink of messages, in both generations.
///
/// Messages wait in a buffer until the sink is flushed, or until 8 KiB have gathered: then no more
/// is taken before some bytes could be written. Closing flushes and shuts the byte stream down.
/// Dropping it drops what is in the buffer.
///
/// If what it wraps is a stream, it passes that on. After an error of the byte stream it may be
/// polled again; nothing was lost.
pub struct FramedWrite<T, E> {
    io: T,
    encoder: E,
    write: WriteFrames,
    /// Of the std task that writes.
    writing: AmbientTask,
}

impl<T, E> FramedWrite<T, E>
where
    T: AsyncWrite,
    E: Encoder,
{
    /// Messages of `encoder` to `inner`.
    pub fn new(inner: T, encoder: E) -> FramedWrite<T, E> {
        let write = WriteFrames::from_buffer(BytesMut::new());
        FramedWrite { io: inner, encoder, write, writing: AmbientTask::default() }
    }
}

impl<T, E> FramedWrite<T, E> {
    /// The byte stream. Bytes written to it directly come between the messages.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The byte stream. Bytes written to it directly come between the messages.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The byte stream. What was encoded and not yet written is lost.
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The encoder.
    pub fn encoder(&self) -> &E {
        &self.encoder
    }

    /// The encoder.
    pub fn encoder_mut(&mut self) -> &mut E {
        &mut self.encoder
    }
}

impl<T, E> Sink01 for FramedWrite<T, E>
where
    T: AsyncWrite,
    E: Encoder,
{
    type SinkItem = E::Item;
    type SinkError = E::Error;

    fn start_send(&mut self, item: E::Item) -> StartSend<E::Item, E::Error> {
        self.write.start_send(&mut self.io, &mut self.encoder, item)
    }

    fn poll_complete(&mut self) -> Poll01<(), E::Error> {
        Ok(self.write.poll_complete(&mut self.io)?)
    }

    fn close(&mut self) -> Poll01<(), E::Error> {
        Ok(self.write.close(&mut self.io)?)
    }
}

impl<T: Stream01, E> Stream01 for FramedWrite<T, E> {
    type Item = T::Item;
    type Error = T::Error;

    fn poll(&mut self) -> Poll01<Option<T::Item>, T::Error> {
        self.io.poll()
    }
}

/// The byte stream is never pinned.
impl<T, E> Unpin for FramedWrite<T, E> {}

impl<T, E> futures_sink::Sink<E::Item> for FramedWrite<T, E>
where
    T: AsyncWrite,
    E: Encoder,
{
    type Error = E::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let this = &mut *self;
        let poll = || this.write.poll_ready(&mut this.io);
        to_std(this.writing.enter(cx, poll)).map_err(E::Error::from)
    }

    fn start_send(mut self: Pin<&mut Self>, item: E::Item) -> Result<(), E::Error> {
        let this = &mut *self;
        this.write.encode(&mut this.encoder, item)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let this = &mut *self;
        let poll = || this.write.poll_complete(&mut this.io);
        to_std(this.writing.enter(cx, poll)).map_err(E::Error::from)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), E::Error>> {
        let this = &mut *self;
        let poll = || this.write.close(&mut this.io);
        to_std(this.writing.enter(cx, poll)).map_err(E::Error::from)
    }
}

impl<T, E> futures_core::Stream for FramedWrite<T, E>
where
    T: futures_core::Stream + Unpin,
{
    type Item = T::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T::Item>> {
        Pin::new(&mut self.io).poll_next(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.io.size_hint()
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for FramedWrite<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramedWrite").field("io", &self.io).field("encoder", &self.encoder).finish()
    }
}
