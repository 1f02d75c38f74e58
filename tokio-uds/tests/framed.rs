//! Datagrams through a codec.
#![cfg(unix)]

mod support;

use bytes::BytesMut;
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use support::{Dir, Sockets};
use tests_support::{both, Bell};
use tokio_io::framing::{Decoder, Encoder};
use tokio_uds::{UnixDatagram, UnixDatagramFramed};

both! {
    each_message_is_one_datagram,
    every_frame_of_a_datagram_is_yielded,
    without_repeat_the_rest_of_a_datagram_is_dropped,
    an_unnamed_sender_is_told,
    an_error_of_the_codec_drops_its_datagram_and_no_more,
    a_datagram_that_cannot_be_sent_does_not_block_the_next,
    a_sink_waits_for_its_receiver,
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

type Framed<C> = UnixDatagramFramed<PathBuf, C>;

/// A sender and a receiver of a test's own, with their paths.
struct Ends {
    _dir: Dir,
    a: UnixDatagram,
    a_path: PathBuf,
    b: UnixDatagram,
    b_path: PathBuf,
}

impl Ends {
    fn new() -> Self {
        let dir = Dir::new();
        let (a_path, b_path) = (dir.join("a"), dir.join("b"));
        let [a, b] = [&a_path, &b_path].map(|path| UnixDatagram::bind(path).unwrap());
        Ends { _dir: dir, a, a_path, b, b_path }
    }
}

/// The next frame, which is from `path`.
fn next<G: Sockets, C: Decoder<Error = io::Error>>(
    framed: &mut Framed<C>,
    path: &PathBuf,
) -> io::Result<C::Item> {
    let (frame, from) = G::next(framed).expect("it never ends")?;
    assert_eq!(from.as_pathname(), Some(&**path));
    Ok(frame)
}

fn each_message_is_one_datagram<G: Sockets>() {
    let Ends { _dir, a, a_path, b, b_path } = Ends::new();
    let mut a = Framed::new(a, Sentences);
    let mut b = Framed::new(b, Sentences);
    for message in ["One.", "Two.", "Three."] {
        a = G::feed(a, (message.into(), b_path.clone())).unwrap();
        assert_eq!(next::<G, _>(&mut b, &a_path).unwrap(), message);
    }
    // And back, from the same socket.
    G::feed(b, ("Four.".into(), a_path.clone())).unwrap();
    assert_eq!(next::<G, _>(&mut a, &b_path).unwrap(), "Four.");
    assert_eq!(a.get_ref().local_addr().unwrap().as_pathname(), Some(&*a_path));
    assert_eq!(a.get_mut().local_addr().unwrap().as_pathname(), Some(&*a_path));
    assert_eq!(a.into_inner().local_addr().unwrap().as_pathname(), Some(&*a_path));
}

fn every_frame_of_a_datagram_is_yielded<G: Sockets>() {
    let Ends { _dir, a, a_path, b, b_path } = Ends::new();
    let mut b = Framed::with_decode(b, Sentences, true);
    G::send_to(&a, b"One.Two.Three.Without end", &b_path).unwrap();
    G::send_to(&a, b"Four.", &b_path).unwrap();
    for frame in ["One.", "Two.", "Three.", "Four."] {
        assert_eq!(next::<G, _>(&mut b, &a_path).unwrap(), frame);
    }
}

fn without_repeat_the_rest_of_a_datagram_is_dropped<G: Sockets>() {
    let Ends { _dir, a, a_path, b, b_path } = Ends::new();
    let mut b = Framed::new(b, Sentences);
    G::send_to(&a, b"One.Two.", &b_path).unwrap();
    G::send_to(&a, b"Without end", &b_path).unwrap();
    G::send_to(&a, b"", &b_path).unwrap();
    G::send_to(&a, b"Three.", &b_path).unwrap();
    for frame in ["One.", "Three."] {
        assert_eq!(next::<G, _>(&mut b, &a_path).unwrap(), frame);
    }
}

fn an_unnamed_sender_is_told<G: Sockets>() {
    let Ends { _dir, b, b_path, .. } = Ends::new();
    let a = Framed::new(UnixDatagram::unbound().unwrap(), Sentences);
    G::feed(a, ("One.".into(), b_path)).unwrap();
    let (frame, from) = G::next(&mut Framed::new(b, Sentences)).unwrap().unwrap();
    assert_eq!(frame, "One.");
    assert!(from.is_unnamed());
}

fn an_error_of_the_codec_drops_its_datagram_and_no_more<G: Sockets>() {
    let Ends { _dir, a, a_path, b, b_path } = Ends::new();
    let mut b = Framed::with_decode(b, Sentences, true);
    G::send_to(&a, b"One.!.Never.", &b_path).unwrap();
    assert_eq!(next::<G, _>(&mut b, &a_path).unwrap(), "One.");
    let error = G::next(&mut b).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);

    let mut a = Framed::new(a, Sentences);
    let error = futures::Sink::start_send(&mut a, ("!".into(), b_path.clone())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    G::feed(a, ("Two.".into(), b_path)).unwrap();
    assert_eq!(next::<G, _>(&mut b, &a_path).unwrap(), "Two.");
}

fn a_datagram_that_cannot_be_sent_does_not_block_the_next<G: Sockets>() {
    let Ends { _dir, a, a_path, b, b_path } = Ends::new();
    let mut a = Framed::new(a, Sentences);
    let mut b = Framed::new(b, Sentences);
    let bell = Bell::new();
    for (message, path) in [
        ("x".repeat(1 << 24), b_path.clone()),
        ("Nobody.".into(), b_path.with_file_name("missing")),
        ("Nowhere.".into(), b_path.join("x".repeat(200))),
    ] {
        assert!(futures::Sink::start_send(&mut a, (message, path)).unwrap().is_ready());
        G::finish(&bell, |caller| a.poll_flush_with(caller)).unwrap_err();
    }
    G::feed(a, ("One.".into(), b_path)).unwrap();
    assert_eq!(next::<G, _>(&mut b, &a_path).unwrap(), "One.");
}

#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux {
    use super::*;

    both! { a_long_datagram_is_received_whole }

    /// The system's default buffer has room for this.
    fn a_long_datagram_is_received_whole<G: Sockets>() {
        let Ends { _dir, a, a_path, b, b_path } = Ends::new();
        let long = "x".repeat(150_000) + ".";
        G::feed(Framed::new(a, Sentences), (long.clone(), b_path)).unwrap();
        let mut b = Framed::new(b, Sentences);
        assert!(next::<G, _>(&mut b, &a_path).unwrap() == long);
    }
}

/// The queue has room for a few: the rest waits until there is room.
fn a_sink_waits_for_its_receiver<G: Sockets>() {
    let Ends { _dir, a, a_path, b, b_path } = Ends::new();
    let mut a = Framed::new(a, Sentences);
    let send = std::thread::spawn(move || {
        for n in 0..100 {
            a = G::feed(a, (format!("{n}."), b_path.clone())).unwrap();
        }
    });
    let mut b = Framed::new(b, Sentences);
    for n in 0..100 {
        assert_eq!(next::<G, _>(&mut b, &a_path).unwrap(), format!("{n}."));
    }
    send.join().unwrap();
}

fn the_next_frame_wakes_a_waiting_task<G: Sockets>() {
    let Ends { _dir, a, b, b_path, .. } = Ends::new();
    let mut b = Framed::new(b, Sentences);
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| b.poll_next_with(caller)).is_pending());
    G::send_to(&a, b"Awake.", &b_path).unwrap();
    bell.wait();
    let (frame, _) = G::finish(&bell, |caller| b.poll_next_with(caller)).unwrap();
    assert_eq!(frame, "Awake.");
}
