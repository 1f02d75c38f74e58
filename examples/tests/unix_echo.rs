//! `unix_echo`.

#![cfg(unix)]

mod support;

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use support::{assert_bytes, noise, Example, PATIENCE};

#[test]
fn unix_echo_serves_many_says_who_they_are_and_takes_its_file_away() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let mut example = Example::start("unix_echo", &[path.to_str().unwrap()]);
    assert_eq!(example.line(), format!("listening on {}", path.display()));
    for (seed, len) in [(1, 5), (2, 100_000), (3, 0)] {
        let mut client = UnixStream::connect(&path).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        let sent = noise(seed, len);
        let mut writer = client.try_clone().unwrap();
        let (to_send, end) = (sent.clone(), sent.len());
        let sending = std::thread::spawn(move || {
            writer.write_all(&to_send).unwrap();
            writer.shutdown(Shutdown::Write).unwrap();
        });
        let mut echo = Vec::new();
        client.read_to_end(&mut echo).unwrap();
        sending.join().unwrap();
        assert_bytes(&echo, &sent);
        assert!(example.line().ends_with("is here"), "it says who is there");
        assert_eq!(example.line(), format!("echoed {end} bytes"));
    }
    let id = rustix::process::Pid::from_raw(example.id() as i32).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let (status, lines) = example.end();
    assert!(status.success(), "{status}");
    assert_eq!(lines, ["ends"]);
    assert!(!path.exists(), "the file is gone");
}

#[test]
fn unix_echo_does_not_take_the_file_of_another() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    std::fs::write(&path, "precious").unwrap();
    let (status, _) = Example::start("unix_echo", &[path.to_str().unwrap()]).end();
    assert!(!status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}
