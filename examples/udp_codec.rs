//! Two peers that exchange messages over UDP: one sends pings, the other one answers with pongs.
//!
//! ```sh
//! cargo run --example udp_codec                     # both peers, on ports that the system chooses
//! cargo run --example udp_codec 127.0.0.1:12354     # the answering peer on this address
//! ```
//!
//! The idea: `UdpFramed` and a codec make a stream and a sink of messages out of a socket; a
//! message comes with an address, from whom or to whom. It is a stream and a sink of both
//! generations: the peer that asks is an `async fn`, the one that answers is a futures 0.1 chain.
//!
//! Datagrams may get lost. Here they do not leave the machine; a program that sends them further
//! has to ask again.
//!
//! Generation: both.

use bytes::{BufMut, BytesMut};
use std::env;
use std::io;
use std::net::SocketAddr;
use tokio::net::{UdpFramed, UdpSocket};
use tokio_io::framing::{Decoder, Encoder};

const ROUNDS: u32 = 3;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_string());
    let answering = UdpSocket::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))?;
    let addr = answering.local_addr()?;
    println!("listening on {addr}");

    let any = SocketAddr::new(addr.ip(), 0);
    let asking = UdpFramed::new(UdpSocket::bind(&any)?, Codec);
    let answering = UdpFramed::new(answering, Codec);
    tokio::run(async move {
        tokio::spawn(of_futures01::answer(answering));
        if let Err(err) = ask(asking, addr).await {
            eprintln!("IO error {err:?}");
        }
    });
    Ok(())
}

/// Sends pings, and waits for each pong.
async fn ask(mut peer: UdpFramed<Codec>, addr: SocketAddr) -> io::Result<()> {
    use futures03::{SinkExt, StreamExt};

    for n in 1..=ROUNDS {
        peer.send((Message::Ping(n), addr)).await?;
        let (answer, _from) = peer.next().await.expect("a socket has no end")?;
        println!("asked {:?}, got {answer:?}", Message::Ping(n));
    }
    Ok(())
}

mod of_futures01 {
    use super::{Codec, Message, ROUNDS};
    use tokio::net::UdpFramed;
    use tokio::prelude::*;

    /// Answers pings with pongs, as many as the other peer sends.
    pub(super) fn answer(
        peer: UdpFramed<Codec>,
    ) -> impl Future<Item = (), Error = ()> + Send + 'static {
        let (answers, questions) = peer.split();
        questions
            .take(u64::from(ROUNDS))
            .filter_map(|(question, from)| match question {
                Message::Ping(n) => Some((Message::Pong(n), from)),
                Message::Pong(_) => None,
            })
            .forward(answers)
            .map(|_| ())
            .map_err(|err| eprintln!("IO error {err:?}"))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Message {
    Ping(u32),
    Pong(u32),
}

/// A message is five bytes: what it is, and its number, most significant byte first.
struct Codec;

const PING: u8 = 1;
const PONG: u8 = 2;

impl Encoder for Codec {
    type Item = Message;
    type Error = io::Error;

    fn encode(&mut self, message: Message, dst: &mut BytesMut) -> io::Result<()> {
        let (kind, n) = match message {
            Message::Ping(n) => (PING, n),
            Message::Pong(n) => (PONG, n),
        };
        dst.reserve(5);
        dst.put_u8(kind);
        dst.put_u32_be(n);
        Ok(())
    }
}

impl Decoder for Codec {
    type Item = Message;
    type Error = io::Error;

    /// Anything else is skipped: everybody can send datagrams to a socket.
    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<Message>> {
        Ok(match src.take()[..] {
            [PING, a, b, c, d] => Some(Message::Ping(u32::from_be_bytes([a, b, c, d]))),
            [PONG, a, b, c, d] => Some(Message::Pong(u32::from_be_bytes([a, b, c, d]))),
            _ => None,
        })
    }
}
