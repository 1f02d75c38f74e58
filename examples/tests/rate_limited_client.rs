//! `rate_limited_client`.

mod support;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use support::{Example, PATIENCE};

/// Answers so many questions of one connection.
fn answer(mut stream: TcpStream, questions: usize) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    for number in 0..questions {
        let mut question = vec![0; format!("question {number}").len()];
        stream.read_exact(&mut question).unwrap();
        stream.write_all(&question).unwrap();
    }
}

#[test]
fn rate_limited_client_asks_no_more_often_than_it_may() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let start = Instant::now();
    let example = Example::start("rate_limited_client", &[&addr, "6", "50"]);
    answer(listener.accept().unwrap().0, 6);
    let (status, lines) = example.end();
    assert!(status.success(), "{status}");
    let expected: Vec<_> = (0..6).map(|n| format!("question {n}")).collect();
    assert_eq!(lines, expected);
    // Five periods of 20 ms lie between six questions, however fast the machine is.
    assert!(start.elapsed() >= Duration::from_millis(100));
}

#[test]
fn rate_limited_client_tries_again_on_a_new_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    let example = Example::start("rate_limited_client", &[&addr, "1", "50"]);
    // One is closed, one never answers.
    drop(listener.accept().unwrap());
    let silent = listener.accept().unwrap();
    answer(listener.accept().unwrap().0, 1);
    drop(silent);
    let (status, lines) = example.end();
    assert!(status.success(), "{status}");
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("again: "), "{lines:?}");
    assert_eq!(lines[1], "again: TimedOut");
    assert_eq!(lines[2], "question 0");
}

#[test]
fn rate_limited_client_gives_up_in_the_end() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap().to_string();
    drop(listener);
    let (status, lines) = Example::start("rate_limited_client", &[&addr, "1", "50"]).end();
    assert!(!status.success());
    assert_eq!(lines, ["again: ConnectionRefused"; 3]);
}
