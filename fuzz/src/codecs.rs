//! The same messages come however the bytes are cut, and what was encoded is decoded.

use crate::input::Input;
use crate::stream::{Cut, BOTH};
use bytes::{Bytes, BytesMut};
use std::fmt::Debug;
use std::io::{self, ErrorKind};
use tokio_codec::length_delimited::Builder;
use tokio_codec::{BytesCodec, Decoder, Encoder, FramedRead, LinesCodec};

/// Messages and errors, those of the byte stream left out.
fn decoded<D>(codec: &D, plan: &[u8], bytes: &[u8]) -> Vec<Result<D::Item, ErrorKind>>
where
    D: Decoder<Error = io::Error> + Clone,
    D::Item: Debug + PartialEq,
{
    let kinds = |found: Vec<io::Result<D::Item>>| -> Vec<Result<D::Item, ErrorKind>> {
        found.into_iter().map(|message| message.map_err(|error| error.kind())).collect()
    };
    let whole = kinds(at_once(codec.clone(), bytes));
    for generation in BOTH {
        let uncut = generation.all(FramedRead::new(Cut::new(&[], bytes), codec.clone()));
        assert_eq!(kinds(uncut), whole, "{generation:?}, uncut");
        let cut = generation.all(FramedRead::new(Cut::new(plan, bytes), codec.clone()));
        assert_eq!(kinds(cut), whole, "{generation:?}");
        let failing = generation.all(FramedRead::new(Cut::failing(plan, bytes), codec.clone()));
        let mut failing = kinds(failing);
        failing.retain(|message| *message != Err(ErrorKind::ConnectionReset));
        assert_eq!(failing, whole, "{generation:?}, after errors of the byte stream");
    }
    whole
}

/// What the decoder alone makes of all bytes. An error that takes none of them is the end.
fn at_once<D: Decoder>(mut codec: D, bytes: &[u8]) -> Vec<Result<D::Item, D::Error>> {
    let mut buffer = BytesMut::from(bytes);
    let mut found = Vec::new();
    for step in [D::decode, D::decode_eof] {
        loop {
            let left = buffer.len();
            match step(&mut codec, &mut buffer).transpose() {
                Some(message) => found.push(message),
                None => break,
            }
            if buffer.len() == left && found.last().is_some_and(Result::is_err) {
                return found;
            }
        }
    }
    found
}

/// `BytesCodec` loses, doubles and moves no byte.
pub fn bytes_codec(data: &[u8]) {
    let mut input = Input::new(data);
    let (plan, bytes) = (input.part(), input.rest());
    for generation in BOTH {
        let found = generation.all(FramedRead::new(Cut::new(plan, bytes), BytesCodec::new()));
        let found: Vec<BytesMut> = found.into_iter().map(Result::unwrap).collect();
        assert!(found.iter().all(|piece| !piece.is_empty()));
        assert_eq!(found.concat(), bytes);
    }
}

/// `LinesCodec`, with and without a limit.
pub fn lines_codec(data: &[u8]) {
    let mut input = Input::new(data);
    let limit = input.below(32);
    let (plan, bytes) = (input.part(), input.rest());
    for found in decoded(&LinesCodec::new_with_max_length(limit), plan, bytes) {
        assert!(found.is_err() || found.is_ok_and(|line| line.len() <= limit));
    }
    let lines = decoded(&LinesCodec::new(), plan, bytes);
    let mut encoded = BytesMut::new();
    let good: Vec<_> = lines.into_iter().filter(Result::is_ok).collect();
    for line in good.iter().flatten() {
        LinesCodec::new().encode(line.clone(), &mut encoded).unwrap();
    }
    // A return at the end of a line belongs to its end once a newline follows.
    if good.iter().flatten().all(|line| !line.ends_with('\r')) {
        assert_eq!(decoded(&LinesCodec::new(), plan, &encoded), good);
    }
}

/// `LengthDelimitedCodec`, with any options.
pub fn length_delimited(data: &[u8]) {
    let mut input = Input::new(data);
    let mut builder = Builder::new();
    builder
        .length_field_length(1 + input.below(8))
        .length_field_offset(input.below(4))
        .length_adjustment(input.below(9) as isize - 4)
        .max_frame_length(input.below(256));
    if input.below(2) == 1 {
        builder.little_endian();
    }
    if input.below(2) == 1 {
        builder.num_skip(input.below(16));
    }
    let (plan, bytes) = (input.part(), input.rest());
    decoded(&builder.new_codec(), plan, bytes);

    // What the plain codec encodes it decodes.
    let mut plain = Builder::new();
    plain.length_field_length(1 + usize::from(data.first().copied().unwrap_or(0)) % 8);
    let mut encoded = BytesMut::new();
    let messages: Vec<_> = bytes.chunks(7).map(BytesMut::from).collect();
    for message in &messages {
        plain.new_codec().encode(Bytes::from(&message[..]), &mut encoded).unwrap();
    }
    let expected: Vec<_> = messages.into_iter().map(Ok).collect();
    assert_eq!(decoded(&plain.new_codec(), plan, &encoded), expected);
}
