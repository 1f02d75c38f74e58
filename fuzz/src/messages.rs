//! What one end sends the other end receives, through sinks and streams that cut, wait and fail.

use crate::input::Input;
use crate::stream::{Cut, BOTH};
use bytes::Bytes;
use std::io;
use tokio_codec::length_delimited::Builder;
use tokio_codec::{Framed, FramedRead, FramedWrite, LengthDelimitedCodec};
use tokio_io::{AsyncRead, Futures01IoAsStd, StdIoAsFutures01};

/// `FramedWrite` and then `FramedRead`, and `Framed`, also over byte streams of the other generation.
pub fn messages(data: &[u8]) {
    let mut input = Input::new(data);
    let codec = Builder::new().length_field_length(4).new_codec();
    let (reads, writes) = (input.part(), input.part());
    let mut sent = Vec::new();
    while !input.is_empty() && sent.len() < 32 {
        // Of all sizes up to twice of what a sink keeps at most.
        let (byte, len) = (input.byte(), input.below(128) << (input.below(8)));
        sent.push(Bytes::from(vec![byte; len]));
    }
    for generation in BOTH {
        let sink = FramedWrite::new(Cut::failing(writes, &[]), codec.clone());
        let bytes = closed(generation.send_all(sink, &sent).into_inner());

        let sink = FramedWrite::new(twice(Cut::failing(writes, &[])), codec.clone());
        let stream = generation.send_all(sink, &sent).into_inner();
        assert_eq!(closed(stream.into_inner().into_inner()), bytes);

        let both = Framed::new(Cut::failing(writes, &bytes), codec.clone());
        let mut both = generation.send_all(both, &sent);
        assert_eq!(received(generation.all(&mut both)), sent);
        assert_eq!(closed(both.into_inner()), bytes);

        let stream = FramedRead::new(Cut::failing(reads, &bytes), codec.clone());
        assert_eq!(received(generation.all(stream)), sent);
        let stream: FramedRead<_, LengthDelimitedCodec> =
            FramedRead::new(twice(Cut::failing(reads, &bytes)), codec.clone());
        assert_eq!(received(generation.all(stream)), sent);
    }
}

/// A stream of 0.1 as one of std as one of 0.1.
fn twice<S: AsyncRead>(stream: S) -> StdIoAsFutures01<Futures01IoAsStd<S>> {
    StdIoAsFutures01::new(Futures01IoAsStd::new(stream))
}

fn closed(stream: Cut<'_>) -> Vec<u8> {
    assert!(stream.shut_down);
    stream.written
}

/// Without the errors of the byte stream.
fn received(found: Vec<io::Result<bytes::BytesMut>>) -> Vec<Bytes> {
    let known = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionReset;
    assert!(found.iter().filter_map(|message| message.as_ref().err()).all(known));
    found.into_iter().filter_map(Result::ok).map(bytes::BytesMut::freeze).collect()
}
