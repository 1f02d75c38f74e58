//! The checks bite: each fault that `--fault` knows is found, by what should find it; and nothing is
//! found where there is none.

#![cfg(target_os = "linux")]

use std::process::{Command, ExitStatus};

/// Runs the program on two workers, for the two cycles that it takes at least.
fn run(arguments: &str) -> (ExitStatus, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stress"));
    command.args(["0", "--workers", "2"]).args(arguments.split_whitespace());
    // It bounds itself: by its time, and by its patience with what hangs.
    let output = command.output().expect("the program can be started");
    (output.status, String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The fault is found in this component, and the report says so in these words.
fn is_found(fault: &str, component: &str, words: &str) {
    let (status, report) = run(&format!("--fault {fault} --only {component} --patience 6"));
    assert!(!status.success(), "{fault} was not found:\n{report}");
    assert!(report.contains(words), "{fault} is not reported as `{words}`:\n{report}");
    let replay = report.lines().find(|line| line.starts_with("replay: "));
    let replay = replay.unwrap_or_else(|| panic!("no command to replay {fault}:\n{report}"));
    assert!(replay.contains("--seed "), "{replay}");
    assert!(replay.contains("--cycle "), "{replay}");
}

#[test]
fn a_run_without_a_fault_finds_none() {
    let (status, report) = run("--patience 60");
    assert!(status.success(), "{report}");
    assert!(report.ends_with("\n0 losses\n"), "{report}");
}

#[test]
fn a_byte_that_is_changed_is_found() {
    is_found("byte-changed", "tcp", "byte 0 is wrong");
}

#[test]
fn a_byte_that_is_lost_is_found() {
    is_found("byte-lost", "tcp", "not all was received");
}

#[test]
fn a_byte_that_comes_twice_is_found() {
    is_found("byte-twice", "tcp", "not all was received");
}

#[test]
fn a_datagram_that_is_lost_is_found() {
    is_found("datagram-lost", "udp", "udp makes no progress");
}

#[test]
fn a_byte_of_a_unix_socket_is_found() {
    is_found("byte-changed", "uds", "byte 0 is wrong");
    is_found("byte-lost", "uds", "not all was received");
    is_found("byte-twice", "uds", "not all was received");
}

#[test]
fn a_byte_of_a_file_is_found() {
    is_found("byte-changed", "files", "byte 0 is wrong in ");
    is_found("byte-lost", "files", " is wrong in ");
    is_found("byte-twice", "files", " is wrong in ");
}

#[test]
fn a_byte_of_a_child_is_found() {
    is_found("byte-changed", "children", "byte 0 is wrong, read from 0 of child");
    is_found("byte-lost", "children", "of child");
    is_found("byte-twice", "children", "of child");
}

#[test]
fn a_datagram_between_unix_sockets_that_is_lost_is_found() {
    is_found("datagram-lost", "uds", " came in place of ");
}

#[test]
fn a_file_that_is_left_is_found() {
    is_found("file-kept", "files", "the directory cannot be removed");
}

#[test]
fn a_child_that_exits_with_another_code_is_found() {
    is_found("status-wrong", "children", " in place of code ");
}

#[test]
fn a_child_that_nobody_waits_for_is_found() {
    is_found("child-left", "children", "a child is left: ");
}

#[test]
fn a_descriptor_that_children_inherit_is_found() {
    is_found("inherited", "children", "it has inherited a descriptor");
}

#[test]
fn a_signal_that_is_lost_is_found() {
    is_found("signal-lost", "signals", "signals makes no progress");
}

#[test]
fn a_message_that_is_lost_is_found() {
    is_found("message-lost", "channels", "in place of");
}

#[test]
fn a_wake_that_is_lost_is_found() {
    is_found("wake-lost", "wakes", "wakes makes no progress");
}

#[test]
fn a_task_that_is_never_dropped_is_found() {
    is_found("task-kept", "spawns", "waits: spawns task: 1 live");
}

#[test]
fn a_task_that_is_dropped_unfinished_is_found() {
    is_found("task-dropped", "spawns", "one was dropped unfinished");
}

#[test]
fn a_task_that_is_dropped_twice_is_found() {
    is_found("task-twice", "spawns", "one was dropped twice");
}

#[test]
fn a_timer_that_is_early_is_found() {
    is_found("timer-early", "timers", "early");
}

#[test]
fn a_descriptor_that_stays_open_is_found() {
    is_found("descriptor-kept", "tcp", "open: /dev/null");
}

#[test]
fn a_thread_that_does_not_end_is_found() {
    is_found("thread-kept", "spawns", "leak: ");
}

#[test]
fn heap_that_is_lost_for_each_connection_is_found() {
    is_found("heap-kept", "tcp", "leak: ");
}

#[test]
fn a_panic_that_is_not_meant_is_found() {
    is_found("panic", "spawns", "a fault on purpose");
}

/// The plan of the connection whose byte is changed, by what does not depend on the schedule.
fn plan(report: &str) -> Vec<&str> {
    let line = report.lines().find(|line| line.contains("byte 0 is wrong")).expect("it is found");
    let words: Vec<&str> = line.split_whitespace().collect();
    let values = words.windows(2).filter(|pair| matches!(pair[0], "id:" | "len:" | "key:"));
    values.map(|pair| pair[1]).collect()
}

#[test]
fn a_failure_is_replayed_by_the_command_that_the_report_names() {
    let fault = "--fault byte-changed --patience 6";
    let (_, first) = run(&format!("{fault} --only tcp"));
    let replay = first.lines().find_map(|line| line.strip_prefix("replay: stress "));
    let replay = replay.unwrap_or_else(|| panic!("no command to replay:\n{first}"));
    let (status, again) = run(&format!("{fault} {replay}"));
    assert!(!status.success(), "{again}");
    assert_eq!(plan(&again), plan(&first));
    assert_eq!(plan(&first).len(), 5, "{first}");
    let (_, other) = run(&format!("{fault} --only tcp --seed 1"));
    assert_ne!(plan(&other), plan(&first));
}
