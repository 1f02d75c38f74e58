//! From bytes to a message.

use super::{Encoder, Framed};
use crate::{AsyncRead, AsyncWrite};
use bytes::BytesMut;
use std::io;

/// Cuts messages off the front of a buffer of bytes.
///
/// A decoder may keep state between calls, for instance how far it has searched.
pub trait Decoder {
    /// A message.
    type Item;

    /// Why bytes are not a message. Carries the errors of the byte stream as well.
    type Error: From<io::Error>;

    /// Takes the next message off the front of `src`, bytes and all.
    ///
    /// `None` means that `src` holds no whole message: it is called again when there are more
    /// bytes. A decoder that knows how many are missing may `reserve` them. It need not take all
    /// messages at once: it is called again until it says `None`.
    ///
    /// # Errors
    ///
    /// When the bytes are no message. If the stream is polled again, decoding goes on with what
    /// was left in `src`: a decoder that can resynchronise has taken the bad bytes out. If it fails
    /// twice without taking anything, the stream says that it is at its end.
    fn decode(&mut self, src: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error>;

    /// As [`decode`](Decoder::decode), when no more bytes will come.
    ///
    /// Called until it says `None`, which ends the stream of messages. The provided implementation
    /// decodes as usual, and fails if bytes are left over that make no message.
    ///
    /// # Errors
    ///
    /// As `decode`; the provided implementation also for bytes that are left over. An error that
    /// leaves all bytes in `buf` ends the stream of messages.
    fn decode_eof(&mut self, buf: &mut BytesMut) -> Result<Option<Self::Item>, Self::Error> {
        match self.decode(buf)? {
            None if !buf.is_empty() => {
                let n = buf.len();
                let message = format!("the stream ended with {n} bytes that make no message");
                Err(io::Error::other(message).into())
            }
            message => Ok(message),
        }
    }

    /// Makes a stream and sink of messages of the byte stream `io`; the same as [`Framed::new`].
    fn framed<T: AsyncRead + AsyncWrite + Sized>(self, io: T) -> Framed<T, Self>
    where
        Self: Encoder + Sized,
    {
        Framed::new(io, self)
    }
}
