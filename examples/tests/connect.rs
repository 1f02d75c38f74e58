//! `connect`: its standard input goes to the socket, and what the socket gets to its output.

mod support;

use std::io::Write;
use std::net::{Shutdown, TcpListener, UdpSocket};
use std::thread;
use support::{accept, assert_bytes, deaf, expect, noise, read_to_end, Example, PATIENCE};

#[test]
fn tcp_passes_the_input_on_and_prints_what_comes() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let (mut example, mut input) = Example::start_with_input("connect", &[&addr]);
    let peer = accept(&listener);
    input.write_all(b"question\n").unwrap();
    expect(&peer, b"question\n");
    (&peer).write_all(b"answer\n").unwrap();
    assert_eq!(example.line(), "answer");
    // The end of the input is passed on; what the peer still has to say is printed.
    drop(input);
    assert_bytes(&read_to_end(&peer), b"");
    (&peer).write_all(b"last words\n").unwrap();
    drop(peer);
    let (status, lines) = example.end();
    assert!(status.success(), "{status}");
    assert_eq!(lines, ["last words"]);
}

#[test]
fn tcp_ends_with_the_peer_although_the_input_is_open() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let (example, input) = Example::start_with_input("connect", &[&addr]);
    let peer = accept(&listener);
    (&peer).write_all(b"bye\n").unwrap();
    peer.shutdown(Shutdown::Write).unwrap();
    let (status, lines) = example.end();
    assert!(status.success(), "{status}");
    assert_eq!(lines, ["bye"]);
    drop(input);
}

#[test]
fn tcp_moves_megabytes_both_ways_through_an_echo_server() {
    let mut server = Example::start("echo_async", &["127.0.0.1:0"]);
    let addr = server.listening().to_string();
    let (example, mut input) = Example::start_with_input("connect", &[&addr]);
    // Text, since `Example` reads lines.
    let lines: Vec<String> =
        noise(7, 40_000).chunks(4).map(|chunk| format!("{chunk:?}").repeat(12)).collect();
    let ended = thread::scope(|scope| {
        scope.spawn(|| {
            for line in &lines {
                input.write_all(line.as_bytes()).unwrap();
                input.write_all(b"\n").unwrap();
            }
            drop(input);
        });
        example.end()
    });
    assert!(ended.0.success(), "{}", ended.0);
    assert!(ended.1 == lines, "the lines came back otherwise");
}

#[test]
fn a_refused_connection_is_an_error() {
    let (_deaf, addr) = deaf();
    let (example, input) = Example::start_with_input("connect", &[&addr.to_string()]);
    let (status, lines) = example.end();
    assert_eq!(status.code(), Some(1));
    assert!(lines.is_empty(), "{lines:?}");
    drop(input);
}

#[test]
fn udp_sends_each_line_as_a_datagram_and_prints_what_comes() {
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(PATIENCE)).unwrap();
    let addr = peer.local_addr().unwrap().to_string();
    let (mut example, mut input) = Example::start_with_input("connect", &["--udp", &addr]);
    input.write_all(b"one\ntwo\n").unwrap();
    let mut buf = [0; 100];
    let (amt, from) = peer.recv_from(&mut buf).unwrap();
    assert_eq!(&buf[..amt], b"one\n");
    let (amt, _) = peer.recv_from(&mut buf).unwrap();
    assert_eq!(&buf[..amt], b"two\n");
    peer.send_to(b"three\n", from).unwrap();
    assert_eq!(example.line(), "three");
    // UDP knows no end: it goes on receiving when the input has ended.
    drop(input);
    peer.send_to(b"four\n", from).unwrap();
    assert_eq!(example.line(), "four");
    example.assert_alive();
}

#[test]
fn udp_through_the_echo_server() {
    let mut server = Example::start("echo_udp", &["127.0.0.1:0"]);
    let addr = server.listening().to_string();
    let (mut example, mut input) = Example::start_with_input("connect", &["--udp", &addr]);
    for line in ["alpha", "beta", "gamma"] {
        writeln!(input, "{line}").unwrap();
        assert_eq!(example.line(), line);
    }
}
