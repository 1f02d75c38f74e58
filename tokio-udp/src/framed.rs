//! Datagrams through a codec: messages in, messages out, with addresses.

use crate::UdpSocket;
use futures::{AsyncSink, Poll as Poll01, Sink as Sink01, StartSend, Stream as Stream01};
use futures_core::Stream;
use futures_sink::Sink;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_io::framing::datagrams::Datagrams;
use tokio_io::framing::{Decoder, Encoder};
use tokio_task::{to_futures01, Caller};

/// The longest payload that a UDP datagram can have is shorter.
const LONGEST: usize = 64 * 1024;

/// A socket that receives and sends messages, in the encoding of a codec.
///
/// A `Stream` and a `Sink` of both generations. Their items are a message with an address: who
/// sent it, or who is to get it. Each message is sent as one datagram. It holds a buffer of
/// 64 KiB.
///
/// # Several messages in a datagram
///
/// With `repeat_decode` the decoder is asked again while bytes of the datagram are left and it
/// finds messages. Without, as [`new`](Self::new) has it, it is asked once, and what it leaves is
/// dropped. A datagram in which it finds no message is skipped; an empty one is shown to it too.
///
/// # Errors
///
/// An error of the decoder drops the rest of its datagram, an error of the encoder the message,
/// and an error of sending the datagram; the next datagram is not affected. The stream never
/// ends: not after an error either.
///
/// The sink buffers one datagram. Its error is reported by the call that sends it, which may be
/// the `start_send` (for std, `poll_ready`) of the next message.
///
/// # Examples
///
/// ```
/// use futures03::{SinkExt, StreamExt};
/// # use bytes::{BufMut, BytesMut};
/// use tokio_udp::{UdpFramed, UdpSocket};
/// # use tokio_io::_tokio_codec::{Decoder, Encoder};
/// # struct Bytes;
/// # impl Decoder for Bytes {
/// #     type Item = BytesMut;
/// #     type Error = std::io::Error;
/// #     fn decode(&mut self, buf: &mut BytesMut) -> std::io::Result<Option<BytesMut>> {
/// #         Ok(Some(buf.take()).filter(|frame| !frame.is_empty()))
/// #     }
/// # }
/// # impl Encoder for Bytes {
/// #     type Item = Vec<u8>;
/// #     type Error = std::io::Error;
/// #     fn encode(&mut self, item: Vec<u8>, buf: &mut BytesMut) -> std::io::Result<()> {
/// #         buf.extend_from_slice(&item);
/// #         Ok(())
/// #     }
/// # }
///
/// # fn main() -> std::io::Result<()> {
/// # futures03::executor::block_on(async {
/// let a = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap())?;
/// let b = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap())?;
/// let addr = b.local_addr()?;
///
/// UdpFramed::new(a, Bytes).send((b"hello".to_vec(), addr)).await?;
/// let (frame, _from) = UdpFramed::new(b, Bytes).next().await.expect("it never ends")?;
/// assert_eq!(&frame[..], b"hello");
/// # Ok(()) })
/// # }
/// ```
pub struct UdpFramed<C> {
    socket: UdpSocket,
    codec: C,
    datagrams: Datagrams<SocketAddr, SocketAddr>,
}

impl<C> UdpFramed<C> {
    /// Takes one message out of each datagram.
    pub fn new(socket: UdpSocket, codec: C) -> UdpFramed<C> {
        Self::with_decode(socket, codec, false)
    }

    /// With `repeat_decode`, takes as many messages out of each datagram as it has.
    pub fn with_decode(socket: UdpSocket, codec: C, repeat_decode: bool) -> UdpFramed<C> {
        UdpFramed { socket, codec, datagrams: Datagrams::new(LONGEST, repeat_decode.into()) }
    }

    /// The socket.
    pub fn get_ref(&self) -> &UdpSocket {
        &self.socket
    }

    /// The socket. Whatever is received through it, the codec does not see.
    pub fn get_mut(&mut self) -> &mut UdpSocket {
        &mut self.socket
    }

    /// Gives the socket back. Messages that were received and not taken, or not sent yet, are
    /// dropped.
    pub fn into_inner(self) -> UdpSocket {
        self.socket
    }
}

impl<C: Decoder> UdpFramed<C> {
    /// The next message and its sender. The one definition of the stream, for either generation.
    #[allow(clippy::type_complexity, reason = "the item of the streams, as it always was")]
    pub fn poll_next_with(
        &mut self,
        caller: Caller<'_>,
    ) -> Poll<Result<(C::Item, SocketAddr), C::Error>> {
        let UdpFramed { socket, codec, datagrams } = self;
        datagrams.poll_next(codec, |buf| socket.poll_recv_from_with(caller, buf))
    }
}

impl<C: Encoder> UdpFramed<C> {
    /// Sends the datagram that waits, if any. The one definition of sending, for either
    /// generation.
    pub fn poll_flush_with(&mut self, caller: Caller<'_>) -> Poll<Result<(), C::Error>> {
        let sent = self
            .datagrams
            .poll_flush(|buf, target| self.socket.poll_send_to_with(caller, buf, target));
        sent.map_err(C::Error::from)
    }
}

impl<C: Decoder> Stream01 for UdpFramed<C> {
    type Item = (C::Item, SocketAddr);
    type Error = C::Error;

    fn poll(&mut self) -> Poll01<Option<Self::Item>, C::Error> {
        to_futures01(self.poll_next_with(Caller::Futures01).map_ok(Some))
    }
}

impl<C: Encoder> Sink01 for UdpFramed<C> {
    type SinkItem = (C::Item, SocketAddr);
    type SinkError = C::Error;

    fn start_send(&mut self, item: Self::SinkItem) -> StartSend<Self::SinkItem, C::Error> {
        if self.poll_flush_with(Caller::Futures01)?.is_pending() {
            return Ok(AsyncSink::NotReady(item));
        }
        let (message, target) = item;
        self.datagrams.encode(&mut self.codec, message, target).map(|()| AsyncSink::Ready)
    }

    fn poll_complete(&mut self) -> Poll01<(), C::Error> {
        to_futures01(self.poll_flush_with(Caller::Futures01))
    }

    fn close(&mut self) -> Poll01<(), C::Error> {
        self.poll_complete()
    }
}

impl<C> Unpin for UdpFramed<C> {}

impl<C: Decoder> Stream for UdpFramed<C> {
    type Item = Result<(C::Item, SocketAddr), C::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_with(cx.into()).map(Some)
    }
}

impl<C: Encoder> Sink<(C::Item, SocketAddr)> for UdpFramed<C> {
    type Error = C::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_flush_with(cx.into())
    }

    fn start_send(
        mut self: Pin<&mut Self>,
        (message, target): (C::Item, SocketAddr),
    ) -> Result<(), Self::Error> {
        let UdpFramed { codec, datagrams, .. } = &mut *self;
        datagrams.encode(codec, message, target)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_flush_with(cx.into())
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_flush_with(cx.into())
    }
}

impl<C: fmt::Debug> fmt::Debug for UdpFramed<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpFramed")
            .field("socket", &self.socket)
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}
