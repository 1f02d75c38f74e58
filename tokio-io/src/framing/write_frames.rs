//! The write direction: messages in, bytes out.

use super::Encoder;
use crate::poll::settled;
use crate::AsyncWrite;
use bytes::BytesMut;
use futures::{try_ready, Async, AsyncSink, Poll as Poll01, StartSend};
use std::io::{self, ErrorKind};

/// Bytes that were encoded and not yet written.
#[derive(Debug)]
pub(super) struct WriteFrames {
    buffer: BytesMut,
}

impl WriteFrames {
    pub(super) fn from_buffer(buffer: BytesMut) -> Self {
        WriteFrames { buffer }
    }

    pub(super) fn into_buffer(self) -> BytesMut {
        self.buffer
    }

    /// Ready when a message may be encoded: the buffer is below the boundary, or could be brought
    /// there.
    pub(super) fn poll_ready(&mut self, io: &mut impl AsyncWrite) -> Poll01<(), io::Error> {
        if self.buffer.len() >= BACK_PRESSURE_BOUNDARY {
            let _ = self.poll_complete(io)?;
            if self.buffer.len() >= BACK_PRESSURE_BOUNDARY {
                return Ok(Async::NotReady);
            }
        }
        Ok(Async::Ready(()))
    }

    pub(super) fn encode<E: Encoder>(
        &mut self,
        encoder: &mut E,
        item: E::Item,
    ) -> Result<(), E::Error> {
        if self.buffer.is_empty() {
            // Reuses the room of what has been written. An encoder that forgets to reserve finds
            // some, most of the time.
            self.buffer.reserve(BACK_PRESSURE_BOUNDARY);
        }
        encoder.encode(item, &mut self.buffer)
    }

    pub(super) fn start_send<E: Encoder>(
        &mut self,
        io: &mut impl AsyncWrite,
        encoder: &mut E,
        item: E::Item,
    ) -> StartSend<E::Item, E::Error> {
        if self.poll_ready(io)?.is_not_ready() {
            return Ok(AsyncSink::NotReady(item));
        }
        self.encode(encoder, item).map(|()| AsyncSink::Ready)
    }

    /// Writes everything, then flushes.
    pub(super) fn poll_complete(&mut self, io: &mut impl AsyncWrite) -> Poll01<(), io::Error> {
        while !self.buffer.is_empty() {
            let n = try_ready!(settled(|| io.poll_write(&self.buffer)));
            if n == 0 {
                let message = "the stream takes no more bytes of a message";
                return Err(io::Error::new(ErrorKind::WriteZero, message));
            }
            self.buffer.advance(n);
        }
        settled(|| io.poll_flush())
    }

    /// Writes everything, then shuts the stream down.
    pub(super) fn close(&mut self, io: &mut impl AsyncWrite) -> Poll01<(), io::Error> {
        try_ready!(self.poll_complete(io));
        settled(|| io.shutdown())
    }
}

/// With this many bytes waiting, no message is taken before some are written.
const BACK_PRESSURE_BOUNDARY: usize = 8 * 1024;
