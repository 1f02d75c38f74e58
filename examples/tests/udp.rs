//! `echo_udp` and `udp_codec`.

mod support;

use support::{assert_bytes, connect_udp, noise, Example};

#[test]
fn echo_udp_sends_each_datagram_back_to_its_sender() {
    let mut example = Example::start("echo_udp", &["127.0.0.1:0"]);
    let addr = example.listening();
    let clients = [connect_udp(addr), connect_udp(addr), connect_udp(addr)];
    let mut buf = vec![0; 70_000];
    for (round, len) in [5, 0, 1, 1472, 1473, 65_507].into_iter().enumerate() {
        for (n, client) in clients.iter().enumerate() {
            client.send(&noise((10 * round + n) as u64, len)).unwrap();
        }
        for (n, client) in clients.iter().enumerate() {
            let amt = client.recv(&mut buf).unwrap();
            assert_bytes(&buf[..amt], &noise((10 * round + n) as u64, len));
        }
        let mut from: Vec<String> = clients.iter().map(|_| example.line()).collect();
        let mut expected: Vec<String> = clients
            .iter()
            .map(|client| format!("echoed {len} bytes to {}", client.local_addr().unwrap()))
            .collect();
        from.sort();
        expected.sort();
        assert_eq!(from, expected);
    }
}

#[test]
fn echo_udp_goes_on_when_a_sender_is_gone() {
    let mut example = Example::start("echo_udp", &["127.0.0.1:0"]);
    let addr = example.listening();
    for _ in 0..20 {
        connect_udp(addr).send(b"nobody waits for this").unwrap();
    }
    let client = connect_udp(addr);
    client.send(b"hello").unwrap();
    let mut buf = [0; 10];
    let amt = client.recv(&mut buf).unwrap();
    assert_bytes(&buf[..amt], b"hello");
}

#[test]
fn udp_codec_runs_to_its_end() {
    let mut example = Example::start("udp_codec", &["127.0.0.1:0"]);
    example.listening();
    let (status, lines) = example.end();
    assert!(status.success(), "{status}");
    let expected: Vec<_> = (1..=3).map(|n| format!("asked Ping({n}), got Pong({n})")).collect();
    assert_eq!(lines, expected);
}
