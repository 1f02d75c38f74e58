//! Datagrams through a codec.

mod support;

use bytes::BytesMut;
use std::io::{self, ErrorKind};
use support::{bind, Sockets};
use tests_support::{both, Bell};
use tokio_io::_tokio_codec::{Decoder, Encoder};
use tokio_udp::UdpFramed;

both! {
    each_message_is_one_datagram,
    every_frame_of_a_datagram_is_yielded,
    without_repeat_the_rest_of_a_datagram_is_dropped,
    a_datagram_without_a_frame_is_skipped,
    an_empty_datagram_is_shown_to_the_decoder_once,
    a_decoding_error_drops_the_datagram_and_no_more,
    an_encoding_error_drops_the_message_and_no_more,
    a_datagram_that_cannot_be_sent_does_not_block_the_next,
    the_longest_datagram_is_received_whole,
    the_next_frame_wakes_a_waiting_task,
}

/// Frames that end with a full stop; `!` is an error, and what has no end no frame.
struct Sentences;

impl Decoder for Sentences {
    type Item = String;
    type Error = io::Error;

    fn decode(&mut self, buf: &mut BytesMut) -> io::Result<Option<String>> {
        if buf.first() == Some(&b'!') {
            return Err(ErrorKind::InvalidData.into());
        }
        let Some(end) = buf.iter().position(|&byte| byte == b'.') else { return Ok(None) };
        Ok(Some(String::from_utf8(buf.split_to(end + 1).to_vec()).unwrap()))
    }
}

impl Encoder for Sentences {
    type Item = String;
    type Error = io::Error;

    fn encode(&mut self, item: String, buf: &mut BytesMut) -> io::Result<()> {
        buf.extend_from_slice(item.as_bytes());
        match item.starts_with('!') {
            true => Err(ErrorKind::InvalidData.into()),
            false => Ok(()),
        }
    }
}

fn each_message_is_one_datagram<G: Sockets>() {
    let ((a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut a = UdpFramed::new(a, Sentences);
    let mut b = UdpFramed::new(b, Sentences);
    for message in ["One.", "Two.", "Three."] {
        a = G::feed(a, (message.into(), b_addr)).unwrap();
        assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), (message.to_string(), a_addr));
    }
    // And back, from the same socket.
    G::feed(b, ("Four.".into(), a_addr)).unwrap();
    assert_eq!(G::next(&mut a).expect("it never ends").unwrap(), ("Four.".to_string(), b_addr));
    assert_eq!(a.get_mut().local_addr().unwrap(), a.get_ref().local_addr().unwrap());
    assert_eq!(a.into_inner().local_addr().unwrap(), a_addr);
}

fn every_frame_of_a_datagram_is_yielded<G: Sockets>() {
    let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut b = UdpFramed::with_decode(b, Sentences, true);
    G::send_to(&mut a, b"One.Two.Three.Without end", &b_addr).unwrap();
    G::send_to(&mut a, b"Four.", &b_addr).unwrap();
    for frame in ["One.", "Two.", "Three.", "Four."] {
        assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), (frame.to_string(), a_addr));
    }
}

fn without_repeat_the_rest_of_a_datagram_is_dropped<G: Sockets>() {
    let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut b = UdpFramed::new(b, Sentences);
    G::send_to(&mut a, b"One.Two.", &b_addr).unwrap();
    G::send_to(&mut a, b"Three.", &b_addr).unwrap();
    for frame in ["One.", "Three."] {
        assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), (frame.to_string(), a_addr));
    }
}

fn a_datagram_without_a_frame_is_skipped<G: Sockets>() {
    for repeat in [false, true] {
        let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
        let mut b = UdpFramed::with_decode(b, Sentences, repeat);
        G::send_to(&mut a, b"Without end", &b_addr).unwrap();
        G::send_to(&mut a, b"", &b_addr).unwrap();
        G::send_to(&mut a, b"With end.", &b_addr).unwrap();
        assert_eq!(
            G::next(&mut b).expect("it never ends").unwrap(),
            ("With end.".to_string(), a_addr)
        );
    }
}

/// Makes a frame of anything, also of nothing.
struct Lengths;

impl Decoder for Lengths {
    type Item = usize;
    type Error = io::Error;

    fn decode(&mut self, buf: &mut BytesMut) -> io::Result<Option<usize>> {
        Ok(Some(buf.take().len()))
    }
}

fn an_empty_datagram_is_shown_to_the_decoder_once<G: Sockets>() {
    for repeat in [false, true] {
        let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
        let mut b = UdpFramed::with_decode(b, Lengths, repeat);
        for datagram in [&b""[..], b"", b"three"] {
            G::send_to(&mut a, datagram, &b_addr).unwrap();
        }
        for len in [0, 0, 5] {
            assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), (len, a_addr));
        }
    }
}

fn a_decoding_error_drops_the_datagram_and_no_more<G: Sockets>() {
    let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut b = UdpFramed::with_decode(b, Sentences, true);
    G::send_to(&mut a, b"One.!.Never.", &b_addr).unwrap();
    G::send_to(&mut a, b"Two.", &b_addr).unwrap();
    assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), ("One.".to_string(), a_addr));
    assert_eq!(G::next(&mut b).expect("it never ends").unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), ("Two.".to_string(), a_addr));
}

fn an_encoding_error_drops_the_message_and_no_more<G: Sockets>() {
    use futures::Sink;
    let ((a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut a = UdpFramed::new(a, Sentences);
    let mut b = UdpFramed::new(b, Sentences);
    let error = a.start_send(("!".into(), b_addr)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    G::feed(a, ("One.".into(), b_addr)).unwrap();
    assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), ("One.".to_string(), a_addr));
}

fn a_datagram_that_cannot_be_sent_does_not_block_the_next<G: Sockets>() {
    let ((a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut a = UdpFramed::new(a, Sentences);
    let mut b = UdpFramed::new(b, Sentences);
    let bell = Bell::new();
    {
        use futures::Sink;
        let too_long = "x".repeat(1 << 17);
        assert!(a.start_send((too_long, b_addr)).unwrap().is_ready());
    }
    G::finish(&bell, |caller| a.poll_flush_with(caller)).unwrap_err();
    G::feed(a, ("One.".into(), b_addr)).unwrap();
    assert_eq!(G::next(&mut b).expect("it never ends").unwrap(), ("One.".to_string(), a_addr));
}

fn the_longest_datagram_is_received_whole<G: Sockets>() {
    let ((a, a_addr), (b, b_addr)) = (bind(), bind());
    // 64 KiB less the headers of IPv4 and UDP.
    let longest = "x".repeat(65_507 - 1) + ".";
    G::feed(UdpFramed::new(a, Sentences), (longest.clone(), b_addr)).unwrap();
    let mut b = UdpFramed::new(b, Sentences);
    assert!(G::next(&mut b).expect("it never ends").unwrap() == (longest, a_addr));
}

fn the_next_frame_wakes_a_waiting_task<G: Sockets>() {
    let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut b = UdpFramed::new(b, Sentences);
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| b.poll_next_with(caller)).is_pending());
    G::send_to(&mut a, b"Awake.", &b_addr).unwrap();
    bell.wait();
    let frame = G::finish(&bell, |caller| b.poll_next_with(caller)).unwrap();
    assert_eq!(frame, ("Awake.".to_string(), a_addr));
}
