//! `supervisor`: commands are started again, but not for ever; signals end all of them.
#![cfg(unix)]

mod support;

use std::process::Command;
use support::Example;

/// Sends the supervisor a signal.
fn signal(example: &Example, name: &str) {
    let status = Command::new("kill").args([name, &example.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// The number of the process that the next line says was started.
fn started(example: &mut Example, service: usize) -> String {
    let line = example.line();
    let id = line.strip_prefix(&format!("{service}: started as "));
    id.unwrap_or_else(|| panic!("{line:?} instead of the start of {service}")).to_string()
}

/// The numbers of `count` processes, one of which has said that it is ready. That may come before
/// the supervisor's own words.
fn started_and_ready(example: &mut Example, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    let mut ready = false;
    while ids.len() < count || !ready {
        let line = example.line();
        match line.split_once(": started as ") {
            Some((_, id)) => ids.push(id.to_string()),
            None => {
                assert_eq!(line, "ready");
                ready = true;
            }
        }
    }
    ids
}

fn exists(id: &str) -> bool {
    let kill = Command::new("kill").args(["-0", id]).output().unwrap();
    kill.status.success()
}

#[test]
fn commands_that_succeed_are_done() {
    let mut example = Example::start("supervisor", &["exit 0"]);
    started(&mut example, 1);
    let (status, lines) = example.end();
    assert!(status.success());
    assert_eq!(lines, ["1: done"]);

    let (status, lines) = Example::start("supervisor", &[]).end();
    assert!(status.success() && lines.is_empty());
}

#[test]
fn a_command_that_fails_is_started_again_three_times() {
    let mut example = Example::start("supervisor", &["exit 7"]);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(started(&mut example, 1));
        assert_eq!(example.line(), "1: failed (exit status: 7)");
    }
    ids.push(started(&mut example, 1));
    let (status, lines) = example.end();
    assert_eq!(status.code(), Some(1));
    assert_eq!(lines, ["1: failed too often (exit status: 7)"]);
    assert!(ids.iter().all(|id| !exists(id)));
}

#[test]
fn a_command_that_fails_leaves_the_others_running() {
    // The second ends when its input, which is the test's, does.
    let (mut example, input) = Example::start_with_input("supervisor", &["cat", "kill -9 $$"]);
    let (mut running, mut failed) = (false, 0);
    while !running || failed < 4 {
        let line = example.line();
        running |= line.starts_with("1: started as ");
        if line.starts_with("2: failed") {
            assert!(line.contains("signal: 9"), "{line}");
            failed += 1;
        }
    }
    drop(input);
    let (status, lines) = example.end();
    assert_eq!(status.code(), Some(1));
    assert_eq!(lines, ["1: done"]);
}

#[test]
fn a_signal_ends_all_commands_in_good_order() {
    for name in ["-INT", "-TERM"] {
        // The first says goodbye; the second just dies.
        let polite = "trap 'echo goodbye; exit 0' TERM; echo ready; while :; do read x; done";
        let (mut example, _input) =
            Example::start_with_input("supervisor", &[polite, "exec sleep 100000"]);
        let ids = started_and_ready(&mut example, 2);
        signal(&example, name);
        assert_eq!(example.line(), "stopping");
        let (status, mut lines) = example.end();
        assert!(status.success(), "{status}");
        lines.sort();
        assert_eq!(lines, ["1: done", "2: stopped (signal: 15 (SIGTERM))", "goodbye"]);
        assert!(ids.iter().all(|id| !exists(id)));
    }
}

#[test]
fn a_second_signal_kills_commands_that_do_not_listen() {
    let stubborn = "trap '' TERM INT; echo ready; while :; do read x; done";
    let (mut example, _input) = Example::start_with_input("supervisor", &[stubborn]);
    let ids = started_and_ready(&mut example, 1);
    signal(&example, "-INT");
    assert_eq!(example.line(), "stopping");
    assert!(exists(&ids[0]));
    signal(&example, "-TERM");
    let (status, lines) = example.end();
    assert!(status.success(), "{status}");
    assert_eq!(lines, ["killing", "1: stopped (signal: 9 (SIGKILL))"]);
    assert!(!exists(&ids[0]));
}
