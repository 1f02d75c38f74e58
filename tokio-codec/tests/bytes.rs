//! Bytes as they come, over byte streams and datagrams.

mod pieces;

use bytes::{Bytes, BytesMut};
use futures::{Future, Sink, Stream};
use pieces::{decode_in_pieces, decode_std};
use std::io::Cursor;
use tokio_codec::{BytesCodec, Decoder, Encoder, FramedWrite};
use tokio_udp::{UdpFramed, UdpSocket};

#[test]
fn all_bytes_come_out_and_no_empty_message() {
    for size in 1..=12 {
        for found in [
            decode_in_pieces(BytesCodec::new(), b"hello, world", size),
            decode_std(BytesCodec::new(), b"hello, world", size),
        ] {
            let pieces: Vec<BytesMut> = found.into_iter().map(Result::unwrap).collect();
            assert!(pieces.iter().all(|piece| !piece.is_empty()));
            assert_eq!(pieces.concat(), b"hello, world");
        }
    }
}

#[test]
fn bytes_are_sent_as_they_are() {
    let mut buffer = BytesMut::from("before ");
    BytesCodec::new().encode(Bytes::from("after"), &mut buffer).unwrap();
    assert_eq!(buffer, "before after");
    let mut empty = BytesMut::new();
    assert!(BytesCodec::new().decode(&mut empty).unwrap().is_none());
    let sink = FramedWrite::new(Cursor::new(Vec::new()), BytesCodec::new());
    let bytes = sink.send(Bytes::from("x")).wait().unwrap().into_inner().into_inner();
    assert_eq!(bytes, b"x");
}

#[test]
fn a_codec_is_one_of_datagrams_too() {
    let socket = || UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let (one, two) = (socket(), socket());
    let to = two.local_addr().unwrap();
    let one = UdpFramed::new(one, BytesCodec::new());
    one.send((Bytes::from("hello"), to)).wait().unwrap();
    let two = UdpFramed::new(two, BytesCodec::new());
    let (received, _) = two.into_future().wait().map_err(|(error, _)| error).unwrap();
    assert_eq!(received.unwrap().0, "hello");
}
