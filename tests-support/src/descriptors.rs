//! Running out of file descriptors, in a process of its own.

use crate::bounded;
use std::env;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::Command;

/// Set in the process that runs out of descriptors, and not in the test's own.
const CHILD: &str = "TESTS_SUPPORT_PROCESS_OF_ITS_OWN";

/// Runs the body of the test `name` in a child process, so that it may use up what a process has.
///
/// # Panics
///
/// If the test fails there, or has another name.
pub fn in_a_process_of_its_own(name: &str, body: fn()) {
    if env::var_os(CHILD).is_some() {
        return bounded(body);
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads", "1"])
        .env(CHILD, "")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{output:?}");
}

/// Takes all descriptors that the process may still have.
///
/// # Panics
///
/// If the limit cannot be set, or is not what ends it.
pub fn hoard() -> Vec<File> {
    let limit = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
    // SAFETY: `limit` is a valid value that the call only reads.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    let mut hoard = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => hoard.push(file),
            Err(error) => {
                assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
                return hoard;
            }
        }
    }
}

/// What `fcntl` says of a descriptor: `libc::F_GETFD`, `libc::F_GETFL`.
pub fn flags(of: &(impl AsRawFd + ?Sized), command: libc::c_int) -> libc::c_int {
    // SAFETY: reads the flags of a descriptor that is open.
    unsafe { libc::fcntl(of.as_raw_fd(), command) }
}
