//! What the process has: open files, threads, heap.

use super::{loss, watchdog};
use std::time::{Duration, Instant};
use std::{fmt, fs, io, thread};
use tests_heap::process;

/// How much the heap may grow over all later cycles. A leak of a few bytes for each task or
/// connection comes to more within a cycle; what is kept for good and not for each is less: the
/// collector that the queues share has a few bags of garbage more or fewer at a time.
///
/// (After a panic with a backtrace there are tens of megabytes more: the standard library keeps the
/// program's symbols. That panic is a loss anyway.)
const HEAP_TOLERANCE: isize = 64 * 1024;

/// What the process has at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Census {
    files: usize,
    threads: usize,
    heap: isize,
}

impl Census {
    /// Stands for a heap that nothing exceeds.
    const NOT_JUDGED: isize = isize::MAX / 2;

    /// Fails if there is no descriptor to look with.
    fn take() -> io::Result<Census> {
        // The descriptor that reads the folder is not counted.
        let files = fs::read_dir("/proc/self/fd")?.count() - 1;
        let threads = threads()?.iter().filter(|name| *name != CREW).count();
        Ok(Census { files, threads, heap: process::bytes_in_use() })
    }

    /// What there is before the first cycle. The heap is not judged by it: there are things that are made
    /// once, when they are first used.
    pub(super) fn at_first() -> Census {
        let now = Census::take().expect("files and threads can be listed");
        Census { heap: Census::NOT_JUDGED, ..now }
    }

    /// The least of both: at one of them something may have been on its way out.
    pub(super) fn least(self, other: Census) -> Census {
        Census {
            files: self.files.min(other.files),
            threads: self.threads.min(other.threads),
            heap: self.heap.min(other.heap),
        }
    }

    /// Waits until there is no more than there was in `before`, and reports what is after `patience`:
    /// threads that have said that they end may need a while to be gone.
    pub(super) fn compare(before: Census, patience: Duration) -> Census {
        let start = Instant::now();
        loop {
            let now = Census::take();
            let over = start.elapsed() > patience;
            match now {
                Ok(now) if now.is_no_more_than(before) => return now,
                Ok(now) if over => {
                    loss(format_args!("leak: {now}; after an earlier cycle there were {before}"));
                    files().into_iter().for_each(|file| println!("    open: {file}"));
                    return now;
                }
                Err(error) if over => {
                    loss(format_args!("files and threads cannot be listed: {error}"));
                    return before;
                }
                _ => {}
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn is_no_more_than(self, before: Census) -> bool {
        let heap_is_back = self.heap - before.heap <= HEAP_TOLERANCE;
        self.files <= before.files && self.threads <= before.threads && heap_is_back
    }
}

/// Waits until the threads that serve files are gone, and reports those that are not after `patience`.
pub(super) fn wait_for_crew(patience: Duration) {
    let start = Instant::now();
    loop {
        let names = threads().expect("threads can be listed");
        let left = names.iter().filter(|name| *name == CREW).count();
        if left == 0 {
            return;
        }
        watchdog::stage(format!("the end: {left} threads that serve files are left"));
        if start.elapsed() > IDLE + patience {
            return loss(format_args!("leak: {left} threads that serve files do not end"));
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The names of all threads, as far as the system keeps them: 15 bytes.
pub(super) fn threads() -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for task in fs::read_dir("/proc/self/task")? {
        match fs::read_to_string(task?.path().join("comm")) {
            Ok(name) => names.push(name.trim_end().to_owned()),
            // It has just ended.
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(names)
}

/// The name of those that serve files outside of a pool. They stay for a time, and the next cycle may
/// come sooner: they are not counted after each.
const CREW: &str = "tokio-fs";

/// For how long they stay.
const IDLE: Duration = Duration::from_secs(10);

/// What each descriptor is of.
fn files() -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else { return Vec::new() };
    let targets = entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok());
    targets.map(|target| target.display().to_string()).collect()
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Census { files, threads, heap } = self;
        write!(f, "{files} files, {threads} threads")?;
        if *heap == Census::NOT_JUDGED {
            return Ok(());
        }
        write!(f, ", {} KiB of heap", heap / 1024)
    }
}
