//! A stream in two owned halves.

mod support;

use futures::Future as _;
use std::io::{Read, Write};
use std::thread;
use support::Sockets;
use tests_support::{both, bounded, Bell, Futures01, Generation, Random, Std};

both! {
    the_halves_work_on_two_threads,
    dropping_the_writing_half_ends_the_sending_side,
    closing_the_writing_half_ends_the_sending_side,
    forgetting_the_writing_half_leaves_the_sending_side_open,
    the_connection_ends_with_both_halves,
    reunited_halves_are_a_stream_again,
}

fn the_halves_work_on_two_threads<G: Sockets>() {
    let (stream, peer) = G::pair();
    let (mut reader, mut writer) = stream.into_split();
    let echo = thread::spawn(move || {
        std::io::copy(&mut &peer, &mut &peer).unwrap();
    });
    let sent = Random::seeded(1).bytes(1 << 20);
    let expected = sent.clone();
    let write = thread::spawn(move || G::write_all(&mut writer, &sent).unwrap());
    let mut received = vec![0; expected.len()];
    G::read_exact(&mut reader, &mut received).unwrap();
    assert!(received == expected);
    assert_eq!(G::read(&mut reader, &mut [0]).unwrap(), 0);
    write.join().unwrap();
    echo.join().unwrap();
}

fn dropping_the_writing_half_ends_the_sending_side<G: Sockets>() {
    let (stream, mut peer) = G::pair();
    let (mut reader, mut writer) = stream.into_split();
    G::write_all(&mut writer, b"question").unwrap();
    drop(writer);
    let mut question = Vec::new();
    peer.read_to_end(&mut question).unwrap();
    assert_eq!(question, b"question");
    peer.write_all(b"answer").unwrap();
    drop(peer);
    assert_eq!(G::read_to_end(&mut reader).unwrap(), b"answer");
}

fn closing_the_writing_half_ends_the_sending_side<G: Sockets>() {
    let (stream, mut peer) = G::pair();
    let (_reader, mut writer) = stream.into_split();
    G::close(&mut writer).unwrap();
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
    G::write(&mut writer, b"more").unwrap_err();
}

fn forgetting_the_writing_half_leaves_the_sending_side_open<G: Sockets>() {
    let (stream, mut peer) = G::pair();
    let (reader, writer) = stream.into_split();
    writer.forget();
    G::write_all(&mut reader.as_ref(), b"!").unwrap();
    let mut buf = [0; 1];
    peer.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"!");
}

fn the_connection_ends_with_both_halves<G: Sockets>() {
    let (stream, mut peer) = G::pair();
    let (reader, writer) = stream.into_split();
    writer.forget();
    peer.set_nonblocking(true).unwrap();
    peer.read(&mut [0]).unwrap_err();
    drop(reader);
    peer.set_nonblocking(false).unwrap();
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
}

fn reunited_halves_are_a_stream_again<G: Sockets>() {
    let (stream, mut peer) = G::pair();
    let (reader, writer) = stream.into_split();
    let (other, _other_peer) = G::pair();
    let (other_reader, other_writer) = other.into_split();

    let error = reader.reunite(other_writer).unwrap_err();
    assert!(!error.to_string().is_empty());
    let other = error.writer.reunite(other_reader).unwrap();
    let mut stream = writer.reunite(error.reader).unwrap();
    assert_ne!(stream.local_addr().unwrap(), other.local_addr().unwrap());

    peer.write_all(b"ping").unwrap();
    let mut buf = [0; 4];
    G::read_exact(&mut stream, &mut buf).unwrap();
    G::write_all(&mut stream, b"pong").unwrap();
    peer.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"pong");
}

#[test]
fn the_halves_go_to_tasks_of_different_generations() {
    bounded(|| {
        let (stream, mut peer) = Std::pair();
        let (mut reader, writer) = stream.into_split();
        let write = thread::spawn(move || {
            let (writer, _) = tokio_io::io::write_all(writer, "from 0.1").wait().unwrap();
            tokio_io::io::shutdown(writer).wait().unwrap();
        });
        let mut received = String::new();
        peer.read_to_string(&mut received).unwrap();
        assert_eq!(received, "from 0.1");
        peer.write_all(b"to std").unwrap();
        drop(peer);
        assert_eq!(Std::read_to_end(&mut reader).unwrap(), b"to std");
        write.join().unwrap();
    });
}

#[test]
fn a_half_that_waits_does_not_hold_the_other_up() {
    bounded(|| {
        let (stream, mut peer) = Std::pair();
        let (mut reader, mut writer) = stream.into_split();
        let bell = Bell::new();
        let mut buf = [0; 1];
        let waits =
            Futures01::poll(&bell, |caller| reader.as_ref().poll_read_with(caller, &mut buf));
        assert!(waits.is_pending());
        Std::write_all(&mut writer, b"ping").unwrap();
        let mut ping = [0; 4];
        peer.read_exact(&mut ping).unwrap();
        peer.write_all(b"!").unwrap();
        Futures01::finish(&bell, |caller| reader.as_ref().poll_read_with(caller, &mut buf))
            .unwrap();
        assert_eq!(&buf, b"!");
        drop(peer);
        assert_eq!(Std::read(&mut reader, &mut buf).unwrap(), 0);
    });
}
