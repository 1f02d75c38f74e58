//! Children on Windows: they are this test binary again, in a role.
#![cfg(windows)]

use futures::Future;
use futures03::executor::block_on;
use futures03::io::{AsyncReadExt, AsyncWriteExt};
use std::env;
use std::io;
use std::os::windows::io::AsRawHandle;
use std::process::{exit, Command, Stdio};
use tokio_process::CommandExt;

/// Names the role.
const ROLE: &str = "TOKIO_PROCESS_ROLE";

/// What the child writes beside this comes from the test harness, and before it.
const MARK: &[u8] = b"<begin>";

/// Not a test, but what the children run.
#[test]
fn role() {
    use std::io::{Read, Write};
    let Ok(role) = env::var(ROLE) else { return };
    let mut stdout = io::stdout();
    match role.as_str() {
        "fail" => exit(7),
        "cat" => {
            let mut input = Vec::new();
            io::stdin().read_to_end(&mut input).unwrap();
            stdout.write_all(MARK).unwrap();
            stdout.write_all(&input).unwrap();
            stdout.flush().unwrap();
            exit(0);
        }
        "much" => {
            stdout.write_all(MARK).unwrap();
            for _ in 0..300 {
                stdout.write_all(&[b'o'; 1000]).unwrap();
                io::stderr().write_all(&[b'e'; 1000]).unwrap();
            }
            stdout.flush().unwrap();
            exit(0);
        }
        // Ends when it is killed.
        _ => loop {
            std::thread::park();
        },
    }
}

fn child(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "role", "--nocapture", "--test-threads", "1"]).env(ROLE, role);
    command.stdin(Stdio::null());
    command
}

fn after_the_mark(bytes: &[u8]) -> &[u8] {
    let at = bytes.windows(MARK.len()).position(|window| window == MARK).expect("the mark");
    &bytes[at + MARK.len()..]
}

#[test]
fn the_exit_status_is_reported() {
    let status = child("fail").stdout(Stdio::null()).status_async().unwrap().wait().unwrap();
    assert_eq!(status.code(), Some(7));
    let mut running = child("fail").stdout(Stdio::null()).spawn_async().unwrap();
    assert_eq!(block_on(running.exit_status()).unwrap().code(), Some(7));
    assert_eq!(block_on(async { running.await }).unwrap().code(), Some(7));
}

#[test]
fn a_killed_child_ends() {
    let mut running = child("endless").stdout(Stdio::null()).spawn_async().unwrap();
    assert!(running.try_exit_status().unwrap().is_none());
    running.kill().unwrap();
    assert!(!block_on(running.exit_status()).unwrap().success());
    drop(child("endless").stdout(Stdio::null()).spawn_async().unwrap());
}

#[test]
fn a_child_is_written_to_and_read_from() {
    let mut command = child("cat");
    let mut cat = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn_async().unwrap();
    let mut to = cat.stdin().take().unwrap();
    let mut from = cat.stdout().take().unwrap();
    assert!(!to.as_raw_handle().is_null() && !from.as_raw_handle().is_null());
    let bytes = vec![b'x'; 200_000];
    let mut heard = Vec::new();
    block_on(async {
        to.write_all(&bytes).await.unwrap();
        to.close().await.unwrap();
        from.read_to_end(&mut heard).await.unwrap();
    });
    assert!(after_the_mark(&heard) == bytes);
    assert!(cat.wait().unwrap().success());
}

#[test]
fn full_pipes_on_both_outputs_hang_nobody() {
    let output = child("much").output_async().wait().unwrap();
    assert!(output.status.success());
    assert!(after_the_mark(&output.stdout) == vec![b'o'; 300_000]);
    assert!(output.stderr.iter().filter(|byte| **byte == b'e').count() >= 300_000);
}

#[test]
fn a_program_that_does_not_exist_is_an_error() {
    let error = Command::new("no-such-program").spawn_async().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}
