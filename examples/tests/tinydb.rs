//! `tinydb`: one map for all clients, and a protocol of lines.

mod support;

use std::io::{ErrorKind, Read, Write};
use support::{assert_bytes, connect, exchange, read_to_end, Example};

#[test]
fn what_one_client_sets_another_one_gets() {
    let mut example = Example::start("tinydb", &["127.0.0.1:0"]);
    let addr = example.listening();
    let (a, b) = (connect(addr), connect(addr));
    exchange(&a, b"GET color\n", b"NONE\n");
    exchange(&a, b"SET color dark blue\n", b"OK\n");
    exchange(&b, b"GET color\r\n", b"VALUE dark blue\n");
    exchange(&b, b"SET color red\n", b"OK, was: dark blue\n");
    exchange(&a, b"GET color\n", b"VALUE red\n");
}

#[test]
fn what_is_not_understood_is_an_error_and_the_connection_goes_on() {
    let mut example = Example::start("tinydb", &["127.0.0.1:0"]);
    let client = connect(example.listening());
    exchange(&client, b"DEL color\n", b"ERROR: unknown command \"DEL\"\n");
    exchange(&client, b"\n", b"ERROR: unknown command \"\"\n");
    exchange(&client, b"get color\n", b"ERROR: unknown command \"get\"\n");
    exchange(&client, b"GET\n", b"ERROR: it is GET key\n");
    exchange(&client, b"GET two words\n", b"ERROR: it is GET key\n");
    exchange(&client, b"SET key\n", b"ERROR: it is SET key value\n");
    exchange(&client, b"GET key\n", b"NONE\n");
}

#[test]
fn requests_may_come_many_at_once_or_byte_by_byte() {
    let mut example = Example::start("tinydb", &["127.0.0.1:0"]);
    let addr = example.listening();
    let client = connect(addr);
    let requests: String = (0..500).map(|n| format!("SET k{n} v{n}\nGET k{n}\n")).collect();
    let answers: String = (0..500).map(|n| format!("OK\nVALUE v{n}\n")).collect();
    exchange(&client, requests.as_bytes(), answers.as_bytes());

    let client = connect(addr);
    for byte in b"GET k499" {
        exchange(&client, &[*byte], b"");
    }
    exchange(&client, b"\n", b"VALUE v499\n");
    client.shutdown(std::net::Shutdown::Write).unwrap();
    assert_bytes(&read_to_end(&client), b"");
}

#[test]
fn a_line_that_is_too_long_ends_the_connection_and_no_other() {
    let mut example = Example::start("tinydb", &["127.0.0.1:0"]);
    let addr = example.listening();
    let other = connect(addr);
    let mut client = connect(addr);
    // It may be closed while it is still sending.
    let _ = client.write_all(&[b'x'; 10_000]);
    match client.read(&mut [0; 100]) {
        Ok(0) => {}
        Err(err) if err.kind() == ErrorKind::ConnectionReset => {}
        unexpected => panic!("{unexpected:?}"),
    }
    exchange(&other, b"GET x\n", b"NONE\n");
}
