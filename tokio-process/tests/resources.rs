//! Descriptors, threads and processes: none are left behind. `resources_by_signal.rs` runs all of
//! it once more.
#![cfg(target_os = "linux")]

mod support;

use std::fs::{self, File};
use std::process::{Command, Stdio};
use support::{by_signal, endless, eventually, in_a_process_of_its_own, shell};
use support::{Futures01, Generation, Std};
use tokio_process::CommandExt;

fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

/// Whether there are children, running or zombies.
fn childless() -> bool {
    // SAFETY: `siginfo_t` may be all zeroes, and the call only writes to it.
    let found = unsafe {
        let mut info = std::mem::zeroed();
        libc::waitid(libc::P_ALL, 0, &mut info, libc::WEXITED | libc::WNOHANG | libc::WNOWAIT)
    };
    found == -1
}

/// Takes all descriptors that the process may still have.
fn hoard() -> Vec<File> {
    let limit = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
    // SAFETY: `limit` is a valid value that the call only reads.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

fn warm_up() {
    // The fallback reactor has its thread and its descriptors from now on.
    assert!(Std::child(shell("exit 0").spawn_async().unwrap()).unwrap().success());
}

#[test]
fn nothing_is_left_of_many_children() {
    in_a_process_of_its_own("nothing_is_left_of_many_children", || {
        warm_up();
        let (files, running) = (descriptors(), threads());
        for _ in 0..20 {
            assert_eq!(Futures01::output(shell("echo hi").output_async()).unwrap().stdout, b"hi\n");
            assert_eq!(Std::output(shell("echo hi").output_async()).unwrap().stdout, b"hi\n");
            drop(endless());
            shell("exit 0").spawn_async().unwrap().forget();
            assert!(Std::output(Command::new("/no/such/program").output_async()).is_err());
        }
        eventually("all are reaped", childless);
        eventually("the reaper ends", || threads() == running);
        eventually("the descriptors are closed", || descriptors() == files);
    });
}

/// With every number of descriptors there is either a child that works, or an error and nothing
/// else.
#[test]
fn without_descriptors_a_spawn_is_an_error_and_nothing_is_left() {
    in_a_process_of_its_own("without_descriptors_a_spawn_is_an_error_and_nothing_is_left", || {
        warm_up();
        let mut hoard = hoard();
        let all = hoard.len();
        let mut outcomes = Vec::new();
        for free in 0..16 {
            hoard.truncate(all - free);
            let mut cat = Command::new("cat");
            cat.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            outcomes.push(match cat.spawn_async() {
                Ok(child) => {
                    let output = Std::wait_with_output(child.wait_with_output()).unwrap();
                    output.status.success()
                }
                Err(error) => {
                    assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
                    false
                }
            });
            eventually("all are reaped", childless);
            eventually("no descriptor is left", || {
                hoard.extend(std::iter::from_fn(|| File::open("/dev/null").ok()));
                hoard.len() == all
            });
        }
        assert!(!outcomes[0] && outcomes[15], "{outcomes:?}");
        assert!(outcomes.is_sorted());
    });
}

/// As many descriptors as there may be, but for one that a forgotten child needs to be watched.
#[test]
fn orphans_are_reaped_even_without_descriptors() {
    in_a_process_of_its_own("orphans_are_reaped_even_without_descriptors", || {
        warm_up();
        let children = [(); 3].map(|()| endless());
        let _hoard = hoard();
        drop(children);
        eventually("all are reaped", childless);
    });
}

/// The system reaps children of a process that ignores `SIGCHLD`.
#[test]
fn an_end_that_someone_else_has_collected_is_an_error() {
    in_a_process_of_its_own("an_end_that_someone_else_has_collected_is_an_error", || {
        warm_up();
        let mut child = shell("exit 0").spawn_async().unwrap();
        let id = i32::try_from(child.id()).unwrap();
        // SAFETY: waits for a child of this process.
        assert_eq!(unsafe { libc::waitpid(id, std::ptr::null_mut(), 0) }, id);
        assert_eq!(Std::exit(&mut child).unwrap_err().raw_os_error(), Some(libc::ECHILD));
        assert_eq!(Futures01::exit(&mut child).unwrap_err().raw_os_error(), Some(libc::ECHILD));
        drop(child);

        if !by_signal() {
            // SAFETY: sets a disposition that the system knows.
            unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
            let child = shell("exit 0").stdin(Stdio::null()).spawn_async();
            // It may have ended, and be gone, before it could be watched.
            let error = child.and_then(Std::child).unwrap_err();
            assert!(matches!(error.raw_os_error(), Some(libc::ECHILD | libc::ESRCH)), "{error}");
        }
    });
}

#[test]
fn programs_that_are_started_inherit_no_descriptor() {
    in_a_process_of_its_own("programs_that_are_started_inherit_no_descriptor", || {
        let list = || {
            let output = Std::output(Command::new("ls").arg("/proc/self/fd").output_async());
            String::from_utf8(output.unwrap().stdout).unwrap()
        };
        let before = list();
        let _children = [(); 5].map(|()| {
            let mut sleep = Command::new("sleep");
            sleep.arg("100000").stdin(Stdio::piped()).stdout(Stdio::piped());
            sleep.spawn_async().unwrap()
        });
        assert_eq!(list(), before);
    });
}
