//! `hello_world`: each client gets the greeting, and then the end.

mod support;

use support::{assert_bytes, connect, read_to_end, Example};

#[test]
fn each_client_is_greeted_and_let_go() {
    let mut example = Example::start("hello_world", &["127.0.0.1:0"]);
    let addr = example.listening();
    for _ in 0..3 {
        assert_bytes(&read_to_end(&connect(addr)), b"hello world\n");
        assert_eq!(example.line(), "greeted a client");
    }
}

#[test]
fn a_client_that_does_not_read_delays_nobody() {
    let mut example = Example::start("hello_world", &["127.0.0.1:0"]);
    let addr = example.listening();
    let idle = connect(addr);
    assert_bytes(&read_to_end(&connect(addr)), b"hello world\n");
    assert_bytes(&read_to_end(&idle), b"hello world\n");
}

#[test]
fn an_address_that_is_taken_is_an_error() {
    let mut example = Example::start("hello_world", &["127.0.0.1:0"]);
    let addr = example.listening().to_string();
    let (status, lines) = Example::start("hello_world", &[&addr]).end();
    assert!(!status.success());
    assert!(lines.is_empty(), "{lines:?}");
}
