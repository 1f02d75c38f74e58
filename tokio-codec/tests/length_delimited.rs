//! Messages with their length in front: every option, every cut, and what a peer may do wrong.

mod pieces;

use bytes::{Bytes, BytesMut};
use futures::{Future, Sink, Stream};
use pieces::{decode_in_pieces, decode_std};
use proptest::prelude::*;
use std::io::{Cursor, ErrorKind};
use tokio_codec::length_delimited::{Builder, FrameTooBig};
use tokio_codec::{Decoder, Encoder, FramedRead, LengthDelimitedCodec};

type Frames = Vec<Result<BytesMut, ErrorKind>>;

/// What comes of `bytes`: the same however they are cut, in either generation.
fn frames(codec: &LengthDelimitedCodec, bytes: &[u8]) -> Frames {
    let whole = decode_in_pieces(codec.clone(), bytes, bytes.len().max(1));
    for size in 1..=bytes.len().min(9) {
        assert_eq!(decode_in_pieces(codec.clone(), bytes, size), whole, "in pieces of {size}");
        assert_eq!(decode_std(codec.clone(), bytes, size), whole, "std, in pieces of {size}");
    }
    whole
}

fn frame(bytes: impl AsRef<[u8]>) -> Result<BytesMut, ErrorKind> {
    Ok(BytesMut::from(bytes.as_ref()))
}

fn encoded(codec: &mut LengthDelimitedCodec, message: &[u8]) -> Result<BytesMut, std::io::Error> {
    let mut buffer = BytesMut::new();
    codec.encode(Bytes::from(message), &mut buffer).map(|()| buffer)
}

#[test]
fn by_default_four_bytes_most_significant_first() {
    let mut codec = LengthDelimitedCodec::new();
    let bytes = b"\x00\x00\x00\x05hello\x00\x00\x00\x00\x00\x00\x00\x01!";
    assert_eq!(frames(&codec, bytes), [frame("hello"), frame(""), frame("!")]);
    assert_eq!(encoded(&mut codec, b"hello").unwrap(), &b"\x00\x00\x00\x05hello"[..]);
    assert_eq!(codec.max_frame_length(), 8 * 1024 * 1024);
}

#[test]
fn the_field_has_one_to_eight_bytes_in_either_order() {
    for length in 1..=8 {
        let mut big = Builder::new().length_field_length(length).new_codec();
        let mut little = Builder::new().length_field_length(length).little_endian().new_codec();
        let mut native = Builder::new().length_field_length(length).native_endian().new_codec();
        let mut field = vec![0; length];
        field[length - 1] = 3;
        let expected = [&field[..], b"abc"].concat();
        assert_eq!(encoded(&mut big, b"abc").unwrap(), expected);
        assert_eq!(frames(&big, &expected), [frame("abc")]);
        field.reverse();
        let expected = [&field[..], b"abc"].concat();
        assert_eq!(encoded(&mut little, b"abc").unwrap(), expected);
        assert_eq!(frames(&little, &expected), [frame("abc")]);
        let of_native = encoded(&mut native, b"abc").unwrap();
        assert_eq!(frames(&native, &of_native), [frame("abc")]);
    }
}

#[test]
#[should_panic(expected = "1 to 8 bytes")]
fn a_field_without_bytes_is_refused() {
    Builder::new().length_field_length(0);
}

#[test]
#[should_panic(expected = "1 to 8 bytes")]
fn a_field_of_nine_bytes_is_refused() {
    Builder::new().length_field_length(9);
}

#[test]
fn a_header_is_skipped_or_kept() {
    let bytes = b"\xca\xfe\x00\x05hello\xbe\xef\x00\x01!";
    let skipped = Builder::new().length_field_offset(2).length_field_length(2).new_codec();
    assert_eq!(frames(&skipped, bytes), [frame("hello"), frame("!")]);
    let kept = Builder::new()
        .length_field_offset(2)
        .length_field_length(2)
        .length_adjustment(4)
        .num_skip(0)
        .new_codec();
    assert_eq!(frames(&kept, bytes), [frame(&bytes[..9]), frame(&bytes[9..])]);
    // More than the head is skipped: a byte of the header comes after the length.
    let after = Builder::new().length_field_length(1).num_skip(2).new_codec();
    assert_eq!(
        frames(&after, b"\x02\xffab\x00\xff\x01\xffc"),
        [frame("ab"), frame(""), frame("c")]
    );
}

#[test]
fn a_frame_that_takes_no_byte_is_an_error_and_no_endless_stream() {
    let kept = Builder::new().length_field_length(1).num_skip(0).new_codec();
    assert_eq!(frames(&kept, b"\x02a\x00bc"), [frame("\x02a"), Err(ErrorKind::InvalidData)]);
}

#[test]
fn a_length_may_count_its_head() {
    let mut codec = Builder::new().length_field_length(2).length_adjustment(-2).new_codec();
    assert_eq!(frames(&codec, b"\x00\x07hello\x00\x02"), [frame("hello"), frame("")]);
    assert_eq!(encoded(&mut codec, b"hello").unwrap(), &b"\x00\x07hello"[..]);
    // Less than the head itself.
    assert_eq!(frames(&codec, b"\x00\x01")[0], Err(ErrorKind::InvalidData));
}

#[test]
fn a_frame_that_is_too_big_is_an_error_in_both_directions() {
    let mut codec = Builder::new().max_frame_length(4).new_codec();
    let mut buffer = BytesMut::from(&b"\x00\x00\x00\x05hello"[..]);
    let error = codec.decode(&mut buffer).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(error.get_ref().unwrap().is::<FrameTooBig>());
    let error = encoded(&mut codec, b"hello").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.get_ref().unwrap().is::<FrameTooBig>());
    codec.set_max_frame_length(5);
    assert_eq!(codec.decode(&mut buffer).unwrap().unwrap(), "hello");
    assert!(encoded(&mut codec, b"hello").is_ok());
}

#[test]
fn a_length_that_does_not_fit_its_field_is_an_error() {
    let mut codec = Builder::new().length_field_length(1).new_codec();
    assert!(encoded(&mut codec, &[0; 255]).is_ok());
    assert_eq!(encoded(&mut codec, &[0; 256]).unwrap_err().kind(), ErrorKind::InvalidInput);
    // Below zero after the adjustment.
    let mut codec = Builder::new().length_adjustment(3).new_codec();
    assert_eq!(encoded(&mut codec, b"ab").unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[test]
fn lengths_at_the_end_of_what_a_number_can_be_are_errors() {
    let mut codec = Builder::new()
        .length_field_length(8)
        .max_frame_length(usize::MAX)
        .length_adjustment(isize::MAX)
        .new_codec();
    let error = codec.decode(&mut BytesMut::from(&[0xff; 16][..])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    let codec = Builder::new().length_field_length(8).new_codec();
    assert_eq!(frames(&codec, &[0xff; 16])[0], Err(ErrorKind::InvalidData));
    let mut codec = Builder::new()
        .length_field_offset(usize::MAX)
        .length_field_length(8)
        .num_skip(usize::MAX)
        .new_codec();
    assert!(codec.decode(&mut BytesMut::from(&[0xff; 16][..])).unwrap().is_none());
}

#[test]
fn a_length_takes_no_memory_before_the_bytes_are_there() {
    let mut codec = LengthDelimitedCodec::new();
    let mut buffer = BytesMut::from(&b"\x00\x7f\xff\xff"[..]);
    assert!(codec.decode(&mut buffer).unwrap().is_none());
    assert!(buffer.capacity() <= 128 * 1024, "{} bytes for nothing", buffer.capacity());
}

#[test]
fn the_end_of_the_stream_in_a_frame_is_one_error() {
    let codec = LengthDelimitedCodec::new();
    let cut = |bytes: &[u8], before: &[Result<BytesMut, ErrorKind>]| {
        let found = frames(&codec, bytes);
        assert_eq!(found[..before.len()], *before);
        assert_eq!(found[before.len()..], [Err(ErrorKind::UnexpectedEof)]);
    };
    cut(b"\x00", &[]);
    cut(b"\x00\x00\x00\x05", &[]);
    cut(b"\x00\x00\x00\x05hell", &[]);
    cut(b"\x00\x00\x00\x01a\x00\x00\x00\x01", &[frame("a")]);
    assert_eq!(frames(&codec, b""), []);
}

#[test]
fn the_builder_makes_streams_and_sinks() {
    let builder = Builder::new().length_field_length(1).to_owned();
    let sink = builder.new_write(Cursor::new(Vec::new()));
    let sent = sink.send(Bytes::from("ab")).and_then(|sink| sink.send(Bytes::from("")));
    let bytes = sent.wait().unwrap().into_inner().into_inner();
    assert_eq!(bytes, b"\x02ab\x00");
    let messages = builder.new_read(&bytes[..]).collect().wait().unwrap();
    assert_eq!(messages, ["ab", ""]);
    let both = builder.new_framed(Cursor::new(bytes));
    assert_eq!(both.collect().wait().unwrap(), ["ab", ""]);
}

/// A codec with whatever options make sense together.
fn any_codec() -> impl Strategy<Value = Builder> {
    (1..=8_usize, any::<bool>(), 0..3_isize).prop_map(|(length, big, adjustment)| {
        let mut builder = Builder::new();
        builder.length_field_length(length).length_adjustment(-adjustment);
        if big {
            builder.big_endian();
        } else {
            builder.little_endian();
        }
        builder
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_encoded_is_decoded_however_it_is_cut(
        builder in any_codec(),
        messages in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..8),
        size in 1..64_usize,
    ) {
        let mut codec = builder.new_codec();
        let mut bytes = BytesMut::new();
        for message in &messages {
            codec.encode(Bytes::from(&message[..]), &mut bytes).unwrap();
        }
        let found = decode_in_pieces(builder.new_codec(), &bytes, size);
        let expected: Frames = messages.iter().map(frame).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_bytes_make_a_decoder_panic_or_go_on_for_ever(
        bytes in proptest::collection::vec(any::<u8>(), 0..100),
        builder in any_codec(),
        size in 1..16_usize,
    ) {
        let mut stream = FramedRead::new(pieces::Pieces::new(&bytes, size), builder.new_codec());
        let mut seen = 0;
        let _ = futures::future::poll_fn(|| loop {
            match stream.poll() {
                Ok(futures::Async::Ready(Some(_))) => seen += 1,
                Ok(futures::Async::Ready(None)) | Err(_) => {
                    return Ok::<_, ()>(futures::Async::Ready(()))
                }
                Ok(futures::Async::NotReady) => return Ok(futures::Async::NotReady),
            }
            assert!(seen <= bytes.len());
        })
        .wait();
    }
}
