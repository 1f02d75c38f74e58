//! Datagrams through a codec: messages in, messages out, with addresses.

use crate::delivery::Delivery;
use crate::{address, UnixDatagram};
use futures::{AsyncSink, Poll as Poll01, Sink as Sink01, StartSend, Stream as Stream01};
use futures_core::Stream;
use futures_sink::Sink;
use std::fmt;
use std::os::unix::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio_io::framing::datagrams::Datagrams;
use tokio_io::framing::{Decoder, Encoder};
use tokio_task::{to_futures01, Caller};

/// Longer ones are sent only by sockets whose buffer was enlarged: it has 208 KiB on Linux.
const LONGEST: usize = 256 * 1024;

/// A socket that receives and sends messages, in the encoding of a codec.
///
/// A `Stream` and a `Sink` of both generations. The stream's items are a message and the address
/// of its sender, which has a path only if the sender's socket was bound to one. The sink's are a
/// message and the path that it is for. Each message is sent as one datagram. It holds a buffer
/// of 256 KiB, of which the system gives memory as it is used; what a longer datagram has more is
/// lost.
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
/// use tokio_uds::{UnixDatagramFramed, UnixDatagram};
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
/// # let path = std::env::temp_dir().join(format!("tokio-uds-doc-framed-{}", std::process::id()));
/// # let outcome = futures03::executor::block_on(async {
/// let server = UnixDatagram::bind(&path)?;
/// let client = UnixDatagram::unbound()?;
///
/// UnixDatagramFramed::new(client, Bytes).send((b"hello".to_vec(), &path)).await?;
/// let mut server = UnixDatagramFramed::<&str, _>::new(server, Bytes); // it sends to a `&str`
/// let (frame, _from) = server.next().await.expect("it never ends")?;
/// assert_eq!(&frame[..], b"hello");
/// # std::io::Result::Ok(()) });
/// # std::fs::remove_file(&path)?;
/// # outcome
/// # }
/// ```
pub struct UnixDatagramFramed<A, C> {
    socket: UnixDatagram,
    codec: C,
    datagrams: Datagrams<SocketAddr, A>,
    delivery: Delivery,
}

impl<A, C> UnixDatagramFramed<A, C> {
    /// Takes one message out of each datagram.
    pub fn new(socket: UnixDatagram, codec: C) -> UnixDatagramFramed<A, C> {
        Self::with_decode(socket, codec, false)
    }

    /// With `repeat_decode`, takes as many messages out of each datagram as it has.
    pub fn with_decode(
        socket: UnixDatagram,
        codec: C,
        repeat_decode: bool,
    ) -> UnixDatagramFramed<A, C> {
        UnixDatagramFramed {
            socket,
            codec,
            datagrams: Datagrams::new(LONGEST, repeat_decode.into()),
            delivery: Delivery::new(),
        }
    }

    /// The socket.
    pub fn get_ref(&self) -> &UnixDatagram {
        &self.socket
    }

    /// The socket. Whatever is received through it, the codec does not see.
    pub fn get_mut(&mut self) -> &mut UnixDatagram {
        &mut self.socket
    }

    /// Gives the socket back. Messages that were received and not taken, or not sent yet, are
    /// dropped.
    pub fn into_inner(self) -> UnixDatagram {
        self.socket
    }
}

impl<A, C: Decoder> UnixDatagramFramed<A, C> {
    /// The next message and its sender. The one definition of the stream, for either generation.
    #[allow(clippy::type_complexity, reason = "the item of the streams, as it always was")]
    pub fn poll_next_with(
        &mut self,
        caller: Caller<'_>,
    ) -> Poll<Result<(C::Item, SocketAddr), C::Error>> {
        let UnixDatagramFramed { socket, codec, datagrams, .. } = self;
        datagrams.poll_next(codec, |buf| socket.poll_recv_from_with(caller, buf))
    }
}

impl<A: AsRef<Path>, C: Encoder> UnixDatagramFramed<A, C> {
    /// Sends the datagram that waits, if any. The one definition of sending, for either
    /// generation.
    pub fn poll_flush_with(&mut self, caller: Caller<'_>) -> Poll<Result<(), C::Error>> {
        let UnixDatagramFramed { socket, datagrams, delivery, .. } = self;
        let sent = datagrams.poll_flush(|buf, target| {
            let target = address::of_path(target.as_ref())?;
            delivery.poll_with(caller, socket, buf, &target)
        });
        sent.map_err(C::Error::from)
    }
}

impl<A, C: Decoder> Stream01 for UnixDatagramFramed<A, C> {
    type Item = (C::Item, SocketAddr);
    type Error = C::Error;

    fn poll(&mut self) -> Poll01<Option<Self::Item>, C::Error> {
        to_futures01(self.poll_next_with(Caller::Futures01).map_ok(Some))
    }
}

impl<A: AsRef<Path>, C: Encoder> Sink01 for UnixDatagramFramed<A, C> {
    type SinkItem = (C::Item, A);
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

impl<A, C> Unpin for UnixDatagramFramed<A, C> {}

impl<A, C: Decoder> Stream for UnixDatagramFramed<A, C> {
    type Item = Result<(C::Item, SocketAddr), C::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_with(cx.into()).map(Some)
    }
}

impl<A: AsRef<Path>, C: Encoder> Sink<(C::Item, A)> for UnixDatagramFramed<A, C> {
    type Error = C::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_flush_with(cx.into())
    }

    fn start_send(
        mut self: Pin<&mut Self>,
        (message, target): (C::Item, A),
    ) -> Result<(), Self::Error> {
        let UnixDatagramFramed { codec, datagrams, .. } = &mut *self;
        datagrams.encode(codec, message, target)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_flush_with(cx.into())
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.poll_flush_with(cx.into())
    }
}

impl<A: fmt::Debug, C: fmt::Debug> fmt::Debug for UnixDatagramFramed<A, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnixDatagramFramed")
            .field("socket", &self.socket)
            .field("codec", &self.codec)
            .finish_non_exhaustive()
    }
}
