//! A stream of messages.

use super::read_frames::ReadFrames;
use super::Decoder;
use crate::AsyncRead;
use bytes::BytesMut;
use futures::{Poll as Poll01, Sink as Sink01, StartSend, Stream as Stream01};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_task::{to_std, AmbientTask};

/// A byte stream and a decoder as a stream of messages, in both generations.
///
/// If what it wraps is a sink, it passes that on. After an error of the byte stream it may be
/// polled again; nothing was lost.
pub struct FramedRead<T, D> {
    io: T,
    decoder: D,
    read: ReadFrames,
    /// Of the std task that reads.
    reading: AmbientTask,
}

impl<T, D> FramedRead<T, D>
where
    T: AsyncRead,
    D: Decoder,
{
    /// Messages of `decoder` from `inner`.
    pub fn new(inner: T, decoder: D) -> FramedRead<T, D> {
        let read = ReadFrames::from_buffer(BytesMut::new());
        FramedRead { io: inner, decoder, read, reading: AmbientTask::default() }
    }
}

impl<T, D> FramedRead<T, D> {
    /// The byte stream. Bytes read from it directly are missing from the messages.
    pub fn get_ref(&self) -> &T {
        &self.io
    }

    /// The byte stream. Bytes read from it directly are missing from the messages.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.io
    }

    /// The byte stream. What was read and not yet decoded is lost.
    pub fn into_inner(self) -> T {
        self.io
    }

    /// The decoder.
    pub fn decoder(&self) -> &D {
        &self.decoder
    }

    /// The decoder.
    pub fn decoder_mut(&mut self) -> &mut D {
        &mut self.decoder
    }

    /// What is wrapped, for the sink that it may be.
    fn sink(self: Pin<&mut Self>) -> Pin<&mut T>
    where
        T: Unpin,
    {
        Pin::new(&mut self.get_mut().io)
    }
}

impl<T, D> Stream01 for FramedRead<T, D>
where
    T: AsyncRead,
    D: Decoder,
{
    type Item = D::Item;
    type Error = D::Error;

    fn poll(&mut self) -> Poll01<Option<D::Item>, D::Error> {
        self.read.poll(&mut self.io, &mut self.decoder)
    }
}

impl<T: Sink01, D> Sink01 for FramedRead<T, D> {
    type SinkItem = T::SinkItem;
    type SinkError = T::SinkError;

    fn start_send(&mut self, item: T::SinkItem) -> StartSend<T::SinkItem, T::SinkError> {
        self.io.start_send(item)
    }

    fn poll_complete(&mut self) -> Poll01<(), T::SinkError> {
        self.io.poll_complete()
    }

    fn close(&mut self) -> Poll01<(), T::SinkError> {
        self.io.close()
    }
}

/// The byte stream is never pinned.
impl<T, D> Unpin for FramedRead<T, D> {}

impl<T, D> futures_core::Stream for FramedRead<T, D>
where
    T: AsyncRead,
    D: Decoder,
{
    type Item = Result<D::Item, D::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let poll = || this.read.poll(&mut this.io, &mut this.decoder);
        to_std(this.reading.enter(cx, poll)).map(Result::transpose)
    }
}

impl<T, D, I> futures_sink::Sink<I> for FramedRead<T, D>
where
    T: futures_sink::Sink<I> + Unpin,
{
    type Error = T::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.sink().poll_ready(cx)
    }

    fn start_send(self: Pin<&mut Self>, item: I) -> Result<(), T::Error> {
        self.sink().start_send(item)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.sink().poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), T::Error>> {
        self.sink().poll_close(cx)
    }
}

impl<T: fmt::Debug, D: fmt::Debug> fmt::Debug for FramedRead<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FramedRead").field("io", &self.io).field("decoder", &self.decoder).finish()
    }
}
