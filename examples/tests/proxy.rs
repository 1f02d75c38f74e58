//! `proxy`: two directions, each with an end of its own. The test plays both sides.

mod support;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;
use support::{accept, assert_bytes, connect, deaf, exchange, expect, noise, read_to_end, Example};

/// A proxy to a listener of the test.
fn proxy() -> (Example, SocketAddr, TcpListener) {
    let target = TcpListener::bind("127.0.0.1:0").unwrap();
    let target_addr = target.local_addr().unwrap().to_string();
    let mut example = Example::start("proxy", &["127.0.0.1:0", &target_addr]);
    let addr = example.listening();
    (example, addr, target)
}

/// A client of the proxy, and its connection at the target.
fn pair(addr: SocketAddr, target: &TcpListener) -> (TcpStream, TcpStream) {
    let client = connect(addr);
    (client, accept(target))
}

#[test]
fn the_end_of_the_client_is_passed_on_and_the_answer_still_comes() {
    let (mut example, addr, target) = proxy();
    let (client, server) = pair(addr, &target);
    (&client).write_all(b"question").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_bytes(&read_to_end(&server), b"question");
    // The other direction is open, after its counterpart has ended.
    for part in [&b"an "[..], b"answer "] {
        (&server).write_all(part).unwrap();
        expect(&client, part);
    }
    drop(server);
    assert_bytes(&read_to_end(&client), b"");
    assert_eq!(example.line(), "8 bytes sent, 10 received");
}

#[test]
fn the_end_of_the_server_is_passed_on_and_the_client_can_go_on() {
    let (mut example, addr, target) = proxy();
    let (client, server) = pair(addr, &target);
    (&server).write_all(b"banner").unwrap();
    server.shutdown(Shutdown::Write).unwrap();
    assert_bytes(&read_to_end(&client), b"banner");
    for part in [&b"more "[..], b"and more"] {
        exchange(&client, part, b"");
        expect(&server, part);
    }
    drop(client);
    assert_bytes(&read_to_end(&server), b"");
    assert_eq!(example.line(), "13 bytes sent, 6 received");
}

#[test]
fn megabytes_pass_in_both_directions_at_once_byte_exact() {
    const LEN: usize = 6 << 20;
    let (mut example, addr, target) = proxy();
    let (client, server) = pair(addr, &target);
    let send = |mut to: &TcpStream, seed| {
        to.write_all(&noise(seed, LEN)).unwrap();
        to.shutdown(Shutdown::Write).unwrap();
    };
    thread::scope(|scope| {
        scope.spawn(|| send(&client, 1));
        scope.spawn(|| send(&server, 2));
        scope.spawn(|| assert_bytes(&read_to_end(&server), &noise(1, LEN)));
        scope.spawn(|| assert_bytes(&read_to_end(&client), &noise(2, LEN)));
    });
    assert_eq!(example.line(), format!("{LEN} bytes sent, {LEN} received"));
}

#[test]
fn when_the_target_refuses_the_client_sees_the_end_and_the_proxy_lives_on() {
    let (target, target_addr) = deaf();
    let mut example = Example::start("proxy", &["127.0.0.1:0", &target_addr.to_string()]);
    let addr = example.listening();
    for _ in 0..3 {
        assert_bytes(&read_to_end(&connect(addr)), b"");
    }
    example.assert_alive();
    // The same proxy serves once the target listens.
    target.listen(16).unwrap();
    let target = TcpListener::from(target);
    let (client, server) = pair(addr, &target);
    exchange(&client, b"hello", b"");
    expect(&server, b"hello");
}

#[test]
fn a_side_that_resets_ends_the_connection_of_the_other_one() {
    let (mut example, addr, target) = proxy();
    let (mut client, server) = pair(addr, &target);
    (&client).write_all(b"unread").unwrap();
    // Wait until the bytes are there, then close without reading them: this resets.
    server.peek(&mut [0]).unwrap();
    drop(server);
    match client.read(&mut [0; 16]) {
        Ok(0) => {}
        Err(err) if err.kind() == ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
    let (client, server) = pair(addr, &target);
    exchange(&client, b"the next one", b"");
    expect(&server, b"the next one");
    example.assert_alive();
}
