//! The codecs of this crate as they were before `tokio-codec`: deprecated, and as good as ever.

#![allow(deprecated)]

mod script;

use bytes::{Bytes, BytesMut};
use futures::{Future, Sink, Stream};
use script::{all01, run_future01, Script, XorShift};
use std::io::ErrorKind;
use tokio_io::codec::{length_delimited, BytesCodec, Framed, FramedRead, FramedWrite, LinesCodec};
use tokio_io::AsyncRead;

fn pieces(bytes: &[u8]) -> Script {
    let mut random = XorShift::new(7);
    let script = Script::reading(random.reads(bytes, 3));
    script.state().writes.extend(random.writes(20, 2));
    script
}

#[test]
fn a_stream_is_framed_by_its_own_method() {
    let script = pieces(b"one\r\ntwo\n");
    let framed: Framed<_, LinesCodec> = script.clone().framed(LinesCodec::new());
    let (line, framed) = run_future01(framed.into_future()).map_err(|(e, _)| e).unwrap();
    assert_eq!(line.unwrap(), "one");
    let framed = run_future01(framed.send("three".to_owned())).unwrap();
    assert_eq!(script.written(), b"three\n");
    // What was read and not yet decoded goes with the parts.
    let (parts, codec) = framed.into_parts_and_codec();
    let lines = all01(Framed::from_parts(parts, codec));
    assert_eq!(lines.into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["two"]);
}

#[test]
fn the_two_directions_alone() {
    let pieces_read = all01(FramedRead::new(pieces(b"hello"), BytesCodec::new()));
    let read: Vec<BytesMut> = pieces_read.into_iter().map(Result::unwrap).collect();
    assert_eq!(read.concat(), b"hello");
    let script = pieces(b"");
    run_future01(FramedWrite::new(script.clone(), BytesCodec::new()).send(Bytes::from("there")))
        .unwrap();
    assert_eq!(script.written(), b"there");
}

#[test]
fn messages_with_their_length_in_front() {
    let builder = length_delimited::Builder::new().length_field_length(2).to_owned();
    let script = pieces(b"");
    let sink = builder.new_write::<_, &'static str>(script.clone());
    run_future01(sink.send("hello").and_then(|sink| sink.send(""))).unwrap();
    assert_eq!(script.written(), b"\x00\x05hello\x00\x00");

    let found = all01(builder.new_read(pieces(&script.written())));
    assert_eq!(found.into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["hello", ""]);

    let script = pieces(b"\x00\x01a");
    let both = builder.new_framed::<_, &'static str>(script.clone());
    let both = run_future01(both.send("b")).unwrap();
    assert_eq!(script.written(), b"\x00\x01b");
    assert_eq!(all01(both).into_iter().map(Result::unwrap).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn a_frame_that_is_too_big_is_named() {
    let mut stream = length_delimited::FramedRead::new(pieces(b"\x00\x00\x00\x09too much!"));
    stream.set_max_frame_length(8);
    assert_eq!(stream.max_frame_length(), 8);
    let error = all01(stream).into_iter().find_map(Result::err).unwrap();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.get_ref().unwrap().is::<length_delimited::FrameTooBig>());
}
