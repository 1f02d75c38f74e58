//! The read direction: bytes in, messages out.

use super::Decoder;
use crate::poll::settled;
use crate::AsyncRead;
use bytes::BytesMut;
use futures::{try_ready, Async, Poll as Poll01};

/// Bytes that were read and not yet decoded, and what to do next with them.
#[derive(Debug)]
pub(super) struct ReadFrames {
    buffer: BytesMut,
    next: Next,
    /// The last thing that happened was an error of the decoder which left all bytes where they were.
    stuck: bool,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    /// The buffer holds no whole message.
    Read,
    /// It may hold one.
    Decode,
    /// It may hold one, and nothing will be added.
    DecodeLast,
    /// It holds something that is no message, and nothing will be added.
    End,
}

impl ReadFrames {
    pub(super) fn from_buffer(buffer: BytesMut) -> Self {
        let next = if buffer.is_empty() { Next::Read } else { Next::Decode };
        ReadFrames { buffer, next, stuck: false }
    }

    pub(super) fn into_buffer(self) -> BytesMut {
        self.buffer
    }

    /// The next message, or `None` at the end of the stream.
    pub(super) fn poll<T: AsyncRead, D: Decoder>(
        &mut self,
        io: &mut T,
        decoder: &mut D,
    ) -> Poll01<Option<D::Item>, D::Error> {
        loop {
            match self.next {
                Next::Read => {
                    self.make_room();
                    let n = try_ready!(settled(|| AsyncRead::read_buf(io, &mut self.buffer)));
                    self.next = match n {
                        0 => Next::DecodeLast,
                        _ => Next::Decode,
                    };
                }
                Next::Decode => {
                    let left = self.buffer.len();
                    match decoder.decode(&mut self.buffer) {
                        Ok(message) => {
                            self.stuck = false;
                            if message.is_some() {
                                return Ok(Async::Ready(message));
                            }
                            self.next = Next::Read;
                        }
                        // The same again: who only passes errors on must not be kept busy by it.
                        Err(_) if self.stuck && self.buffer.len() == left => {
                            self.stuck = false;
                            return Ok(Async::Ready(None));
                        }
                        Err(error) => {
                            self.stuck = self.buffer.len() == left;
                            return Err(error);
                        }
                    }
                }
                Next::DecodeLast => {
                    let left = self.buffer.len();
                    let message = decoder.decode_eof(&mut self.buffer);
                    if message.is_err() && self.buffer.len() == left {
                        // It would fail in the same way for ever.
                        self.next = Next::End;
                    }
                    return message.map(Async::Ready);
                }
                Next::End => return Ok(Async::Ready(None)),
            }
        }
    }

    /// Room to read into: some at least, and much as long as that does not move much.
    fn make_room(&mut self) {
        let len = self.buffer.len();
        let room = self.buffer.capacity() - len;
        if room == 0 || (room < LITTLE_ROOM && len < READ_AT_ONCE) {
            self.buffer.reserve(READ_AT_ONCE);
        }
    }
}

const READ_AT_ONCE: usize = 8 * 1024;
const LITTLE_ROOM: usize = 1024;
