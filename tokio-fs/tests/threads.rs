//! Threads of the process: refused by the system, and gone when idle.
#![cfg(target_os = "linux")]

mod support;

use futures03::executor::block_on;
use futures03::AsyncWriteExt as _;
use std::fs;
use std::process::Command;
use support::bounded;
use tempfile::tempdir;
use tokio_fs::{File, OpenOptions};

/// Set in the process that runs out of memory for threads, and not in the test's own.
const CHILD: &str = "TOKIO_FS_OUT_OF_THREADS";

fn limits() -> libc::rlimit {
    let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: fills in the struct.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limits) }, 0);
    limits
}

fn set_limits(limits: libc::rlimit) {
    // SAFETY: reads the struct.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &limits) }, 0);
}

/// No address space is left for the stack of another thread.
fn refuse_threads() -> libc::rlimit {
    let before = limits();
    let pages: u64 =
        fs::read_to_string("/proc/self/statm").unwrap().split(' ').next().unwrap().parse().unwrap();
    let used = pages * 4096;
    set_limits(libc::rlimit { rlim_cur: used + 512 * 1024, ..before });
    before
}

#[test]
fn without_threads_operations_fail_and_lose_nothing() {
    if std::env::var_os(CHILD).is_none() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "without_threads_operations_fail_and_lose_nothing", "--nocapture"])
            .args(["--test-threads", "1"])
            .env(CHILD, "")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains("1 passed"), "{output:?}");
        return;
    }
    bounded(|| {
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        let std = fs::OpenOptions::new().read(true).write(true).create_new(true).open(&path);
        let mut file = File::from_std(std.unwrap());

        let before = refuse_threads();
        let open = OpenOptions::new().read(true).open(path.clone());
        let refused = block_on(async { open.await }).unwrap_err();
        let not_written = block_on(file.write_all(b"lost?")).unwrap_err();
        set_limits(before);

        for error in [refused, not_written] {
            assert_eq!(error.kind(), std::io::ErrorKind::Other);
            assert!(error.to_string().starts_with("no thread for file operations"), "{error}");
        }
        // The file is as it was.
        assert_eq!(fs::read(&path).unwrap(), b"");
        block_on(file.write_all(b"found")).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"found");

        // There is a thread now, and others are not needed.
        let before = refuse_threads();
        let reads = (0..20).map(|_| {
            let read = tokio_fs::read(path.clone());
            async { read.await }
        });
        let reads = block_on(futures03::future::join_all(reads));
        set_limits(before);
        for read in reads {
            assert_eq!(read.unwrap(), b"found");
        }
    });
}
