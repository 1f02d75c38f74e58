//! Lines: their ends, their limit, and what is no text.

mod pieces;

use bytes::BytesMut;
use pieces::{decode_in_pieces, decode_std};
use std::io::ErrorKind::{self, InvalidData};
use tokio_codec::{Decoder, Encoder, LinesCodec};

type Lines = Vec<Result<String, ErrorKind>>;

/// What comes of `bytes`: the same however they are cut, in either generation.
fn lines(codec: LinesCodec, bytes: &[u8]) -> Lines {
    let whole = decode_in_pieces(codec.clone(), bytes, bytes.len().max(1));
    for size in 1..=bytes.len().min(9) {
        assert_eq!(decode_in_pieces(codec.clone(), bytes, size), whole, "in pieces of {size}");
        assert_eq!(decode_std(codec.clone(), bytes, size), whole, "std, in pieces of {size}");
    }
    whole
}

fn line(text: &str) -> Result<String, ErrorKind> {
    Ok(text.into())
}

#[test]
fn a_line_ends_with_a_newline_or_a_return_before_it() {
    let found = lines(LinesCodec::new(), b"one\ntwo\r\n\n\r\nth\rree\r\r\n");
    let expected = [line("one"), line("two"), line(""), line(""), line("th\rree\r")];
    assert_eq!(found, expected);
}

#[test]
fn the_last_line_needs_no_end() {
    assert_eq!(lines(LinesCodec::new(), b"one\ntwo"), [line("one"), line("two")]);
    assert_eq!(lines(LinesCodec::new(), b"one\ntwo\r"), [line("one"), line("two")]);
    assert_eq!(lines(LinesCodec::new(), b"one\n\r"), [line("one")]);
    assert_eq!(lines(LinesCodec::new(), b""), []);
}

#[test]
fn a_line_that_is_too_long_is_one_error_and_the_next_line_comes() {
    let codec = LinesCodec::new_with_max_length(5);
    assert_eq!(codec.max_length(), 5);
    let found = lines(codec.clone(), b"12345\r\n123456\n1\n123456789012345678901234567890\r\nok\n");
    let expected = [line("12345"), Err(InvalidData), line("1"), Err(InvalidData), line("ok")];
    assert_eq!(found, expected);
    assert_eq!(lines(codec.clone(), b"1\n123456"), [line("1"), Err(InvalidData)]);
    assert_eq!(lines(codec.clone(), b"12345"), [line("12345")]);
    assert_eq!(lines(codec.clone(), b"12345\r"), [line("12345")]);
    // A return that belongs to the line counts.
    assert_eq!(lines(codec, b"12345\rx\nok\n"), [Err(InvalidData), line("ok")]);
}

#[test]
fn limits_may_be_very_small() {
    let none = LinesCodec::new_with_max_length(0);
    assert_eq!(lines(none, b"\n\r\na\n\n"), [line(""), line(""), Err(InvalidData), line("")]);
    let one = LinesCodec::new_with_max_length(1);
    assert_eq!(lines(one, b"a\nbb\nc"), [line("a"), Err(InvalidData), line("c")]);
}

#[test]
fn what_is_not_utf8_is_an_error_and_the_next_line_comes() {
    let found = lines(LinesCodec::new(), b"one\n\xff\xfe\ntwo\n");
    assert_eq!(found, [line("one"), Err(InvalidData), line("two")]);
    assert_eq!(lines(LinesCodec::new(), b"\xff"), [Err(InvalidData)]);
}

#[test]
fn a_line_without_end_takes_no_more_memory_than_its_limit() {
    let mut codec = LinesCodec::new_with_max_length(100);
    let mut buffer = BytesMut::new();
    let mut errors = 0;
    for _ in 0..100_000 {
        buffer.extend_from_slice(b"x");
        errors += usize::from(codec.decode(&mut buffer).is_err());
        assert!(buffer.len() <= 102, "{} bytes are kept", buffer.len());
    }
    assert_eq!(errors, 1);
    buffer.extend_from_slice(b"\nok\n");
    assert_eq!(codec.decode(&mut buffer).unwrap().unwrap(), "ok");
}

#[test]
fn encoding_appends_a_newline() {
    let mut buffer = BytesMut::from("before ");
    let mut codec = LinesCodec::new();
    codec.encode("one".into(), &mut buffer).unwrap();
    codec.encode(String::new(), &mut buffer).unwrap();
    assert_eq!(buffer, "before one\n\n");
}

#[test]
fn codecs_compare_by_what_they_have_read() {
    assert_eq!(LinesCodec::new(), LinesCodec::new());
    assert_ne!(LinesCodec::new(), LinesCodec::new_with_max_length(1));
    assert_eq!(LinesCodec::new().max_length(), usize::MAX);
}
