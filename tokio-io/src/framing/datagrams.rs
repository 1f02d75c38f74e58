//! Datagrams through a codec: what sockets of any family do alike.

use super::{Decoder, Encoder};
use bytes::BytesMut;
use std::io;
use std::task::{ready, Poll};

/// The buffers between a datagram socket and a codec. `F` is the address of who sent a datagram,
/// `T` that of who is to get one.
#[derive(Debug)]
pub struct Datagrams<F, T> {
    repeat: Repeat,
    /// Where a datagram is received, whatever its length.
    scratch: Box<[u8]>,
    /// What the decoder has left of the datagram from `from`.
    received: BytesMut,
    /// Whose datagram is to be decoded.
    from: Option<F>,
    /// The datagram for `target`.
    outgoing: BytesMut,
    /// Who is to get the datagram that was not sent yet.
    target: Option<T>,
}

/// How often the decoder is asked for a message of one datagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Repeat {
    /// Once; what it leaves is dropped.
    Once,
    /// While bytes of the datagram are left and it finds messages.
    WhileBytesAreLeft,
}

impl From<bool> for Repeat {
    fn from(repeat: bool) -> Self {
        match repeat {
            true => Repeat::WhileBytesAreLeft,
            false => Repeat::Once,
        }
    }
}

impl<F, T> Datagrams<F, T> {
    /// For datagrams of up to `longest` bytes.
    pub fn new(longest: usize, repeat: Repeat) -> Self {
        Datagrams {
            repeat,
            scratch: vec![0; longest].into(),
            received: BytesMut::new(),
            from: None,
            outgoing: BytesMut::new(),
            target: None,
        }
    }

    /// The next message and its sender, of datagrams that come by `receive`.
    ///
    /// # Errors
    ///
    /// Of the decoder, which drops the rest of its datagram; and of `receive`.
    #[allow(clippy::type_complexity, reason = "the item of the streams, as it always was")]
    pub fn poll_next<C: Decoder>(
        &mut self,
        codec: &mut C,
        mut receive: impl FnMut(&mut [u8]) -> Poll<io::Result<(usize, F)>>,
    ) -> Poll<Result<(C::Item, F), C::Error>>
    where
        F: Clone,
    {
        loop {
            if let Some(from) = self.from.take() {
                if let Some(message) = codec.decode(&mut self.received)? {
                    if self.repeat == Repeat::WhileBytesAreLeft && !self.received.is_empty() {
                        self.from = Some(from.clone());
                    }
                    return Poll::Ready(Ok((message, from)));
                }
            }
            let (len, from) = ready!(receive(&mut self.scratch))?;
            self.received.clear();
            self.received.extend_from_slice(&self.scratch[..len]);
            self.from = Some(from);
        }
    }

    /// Sends the datagram that waits, if any, by `send`.
    ///
    /// # Errors
    ///
    /// Those of `send`; the datagram is dropped.
    pub fn poll_flush(
        &mut self,
        send: impl FnOnce(&[u8], &T) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<()>> {
        let Some(target) = &self.target else { return Poll::Ready(Ok(())) };
        let sent = ready!(send(&self.outgoing, target));
        self.target = None;
        Poll::Ready(whole(sent?, self.outgoing.len()))
    }

    /// Encodes a message for `target`.
    ///
    /// # Errors
    ///
    /// Of the encoder; the message is dropped.
    ///
    /// # Panics
    ///
    /// If a datagram waits.
    pub fn encode<C: Encoder>(
        &mut self,
        codec: &mut C,
        message: C::Item,
        target: T,
    ) -> Result<(), C::Error> {
        assert!(self.target.is_none(), "`start_send` without a `poll_ready` that was `Ready`");
        self.outgoing.clear();
        codec.encode(message, &mut self.outgoing)?;
        self.target = Some(target);
        Ok(())
    }
}

/// No system is known to send datagrams in part; one that did would lose data unnoticed.
///
/// # Errors
///
/// If `sent` bytes are not all `len` of the datagram.
pub fn whole(sent: usize, len: usize) -> io::Result<()> {
    match sent == len {
        true => Ok(()),
        false => Err(io::Error::new(
            io::ErrorKind::WriteZero,
            format!("the system sent {sent} of the datagram's {len} bytes"),
        )),
    }
}
