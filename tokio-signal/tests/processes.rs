//! Descriptors, and other processes.
#![cfg(unix)]

mod support;

use std::fs::File;
use support::{drain, in_a_process_of_its_own, raise, Futures01, Generation, Std};
use tokio_signal::unix::{libc, signal, SIGHUP, SIGUSR1, SIGUSR2};
use tokio_signal::CtrlC;

#[test]
fn a_signal_of_a_forked_child_does_not_reach_its_parent() {
    in_a_process_of_its_own("a_signal_of_a_forked_child_does_not_reach_its_parent", || {
        // Never polled before: the first poll looks at once, without waiting for the reactor.
        let mut stream = signal(SIGUSR1).unwrap();
        // SAFETY: the child only calls functions that may be called in signal handlers.
        let child = unsafe {
            match libc::fork() {
                0 => {
                    libc::raise(SIGUSR1);
                    libc::_exit(0)
                }
                child => child,
            }
        };
        let mut status = 0;
        // SAFETY: waits for the child made above.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert!(libc::WIFEXITED(status));
        assert_eq!(drain::<Std, _>(&mut stream), 0);
        raise(SIGUSR1);
        assert_eq!(Std::next(&mut stream).unwrap(), SIGUSR1);
    });
}

#[test]
fn without_descriptors_a_stream_is_an_error_and_nothing_leaks() {
    in_a_process_of_its_own("without_descriptors_a_stream_is_an_error_and_nothing_leaks", || {
        // The reactor that waits has its descriptors already.
        let mut stream = signal(SIGUSR2).unwrap();
        assert_eq!(drain::<Std, _>(&mut stream), 0);
        let mut hoard = hoard();
        let refused = || {
            let errors = [
                Futures01::signal(SIGHUP).unwrap_err(),
                Std::signal(SIGHUP).unwrap_err(),
                CtrlC::new().unwrap_err(),
            ];
            for error in errors {
                assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
            }
        };
        (0..10).for_each(|_| refused());
        // One is not enough, and is given back.
        hoard.pop();
        (0..10).for_each(|_| refused());
        hoard.push(File::open("/dev/null").unwrap());
        // Those that exist go on, and with two descriptors there is room again.
        raise(SIGUSR2);
        assert_eq!(Std::next(&mut stream).unwrap(), SIGUSR2);
        hoard.truncate(hoard.len() - 2);
        let mut late = signal(SIGHUP).unwrap();
        raise(SIGHUP);
        assert_eq!(Std::next(&mut late).unwrap(), SIGHUP);
    });
}

/// Takes all descriptors that the process may still have.
fn hoard() -> Vec<File> {
    let limit = libc::rlimit { rlim_cur: 64, rlim_max: 64 };
    // SAFETY: `limit` is a valid value that the call only reads.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) }, 0);
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn dropped_streams_leave_no_descriptors() {
    in_a_process_of_its_own("dropped_streams_leave_no_descriptors", || {
        let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        let round = || {
            let mut polled = signal(SIGUSR1).unwrap();
            let _never_polled = signal(SIGUSR2).unwrap();
            raise(SIGUSR1);
            assert_eq!(Futures01::next(&mut polled).unwrap(), SIGUSR1);
            assert!(signal(libc::SIGKILL).is_err());
        };
        round();
        let before = open();
        (0..100).for_each(|_| round());
        assert_eq!(open(), before);
    });
}

#[cfg(target_os = "linux")]
#[test]
fn programs_that_are_started_inherit_no_descriptor() {
    in_a_process_of_its_own("programs_that_are_started_inherit_no_descriptor", || {
        let inherited = || {
            let output = std::process::Command::new("ls").arg("/proc/self/fd").output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let before = inherited();
        let _streams = [0; 10].map(|_| signal(SIGUSR1).unwrap());
        assert_eq!(inherited(), before);
    });
}
