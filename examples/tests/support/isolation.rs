//! Runs a test again in a process of its own: with a network of its own, so that a fixed port is
//! free, and with as many file descriptors as this user may have.

use super::exit_of;
use std::env;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Set in the process that runs the test.
const INSIDE: &str = "EXAMPLES_TEST_INSIDE";

/// What the shell does before it becomes the test. The loopback of a new namespace is down; the
/// limit of descriptors is the soft one, and where that may be anything, it is not `unlimited`.
macro_rules! script {
    ($first:literal) => {
        concat!(
            $first,
            r#"{ ulimit -n "$(ulimit -Hn)" || ulimit -n 10240 || :; } 2>/dev/null; exec "$0" "$@""#
        )
    };
}

/// Longer than every wait of a test inside.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a test needs of its process.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Needs {
    /// As many file descriptors as there may be.
    Descriptors,
    /// Those, and that this port of 127.0.0.1 is free.
    Port(u16),
}

/// Runs `body`, the body of the test `name`, in a process that has what it needs. Where that is
/// impossible, says so and does not run it.
pub(crate) fn isolated(name: &str, needs: Needs, body: impl FnOnce()) {
    // Only one at a time: where there are no namespaces they share the port, and a thousand
    // connections should not compete with another thousand.
    static TURN: Mutex<()> = Mutex::new(());
    if env::var_os(INSIDE).is_some() {
        return body();
    }
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    match needs {
        Needs::Port(_) if works(&["unshare", "-rn", "sh", "-c", "ip link set lo up"]) => {
            again(name, &["unshare", "-rn", "sh", "-c", script!("ip link set lo up && ")]);
        }
        Needs::Port(port) if TcpListener::bind(("127.0.0.1", port)).is_err() => {
            skip(&format!("{name}: no network namespaces here, and port {port} is taken"));
        }
        _ if works(&["sh", "-c", ":"]) => again(name, &["sh", "-c", script!("")]),
        _ => body(),
    }
}

/// Says what is not tested. Past the test harness, which keeps to itself what tests that pass print
/// by `eprintln!`.
pub(crate) fn skip(what: &str) {
    let _ = writeln!(io::stderr(), "SKIPPED {what}");
}

fn works(command: &[&str]) -> bool {
    let output = Command::new(command[0]).args(&command[1..]).stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success())
}

/// Runs this test binary once more, for one test, behind `wrapper`.
fn again(name: &str, wrapper: &[&str]) {
    let mut inside = Inside(
        Command::new(wrapper[0])
            .args(&wrapper[1..])
            .arg(env::current_exe().expect("the path of this test"))
            .args([name, "--exact", "--nocapture"])
            .env(INSIDE, "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|err| panic!("{wrapper:?} does not start: {err}")),
    );
    let mut stdout = inside.0.stdout.take().expect("piped");
    let report = thread::spawn(move || {
        let mut report = String::new();
        stdout.read_to_string(&mut report).map(|_| report)
    });
    let status = exit_of(&mut inside.0, Instant::now() + PATIENCE);
    let report = report.join().unwrap().expect("the report of a test is text");
    print!("{report}");
    assert!(status.success(), "{name} failed inside {wrapper:?}: see above");
    assert!(report.contains(" 1 passed;"), "{name} is no test: nothing ran inside {wrapper:?}");
}

/// Killed when the outer test fails.
struct Inside(Child);

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
