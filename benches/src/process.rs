//! What the system says of a process, and work that uses its processor.

use std::fs;
use std::time::{Duration, Instant};

/// How much processor time this process has used.
pub fn own_processor_time() -> Duration {
    // SAFETY: an all-zero `timespec` is a valid value.
    let mut time: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: `time` is a valid place for the result.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(failed, 0, "the clock is there");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Keeps this thread busy until then, as a task does that computes instead of waiting.
pub fn keep_busy_until(end: Instant) {
    while Instant::now() < end {
        std::hint::spin_loop();
    }
}

/// The counters of all threads of a process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Processor time in nanoseconds.
    pub cpu_ns: u64,
    /// How often a thread gave up its processor to wait.
    pub waits: u64,
}

impl Counters {
    /// Reads the counters of the process `pid`, on Linux. Threads that ended do not count.
    pub fn of(pid: u32) -> Counters {
        let mut sum = Counters::default();
        let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return sum };
        for thread in threads.flatten() {
            let read = |file| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
            let time = read("schedstat");
            sum.cpu_ns += time.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0);
            sum.waits += field(&read("status"), "voluntary_ctxt_switches:");
        }
        sum
    }

    /// What was added since `before`.
    pub fn since(self, before: Counters) -> Counters {
        Counters { cpu_ns: self.cpu_ns - before.cpu_ns, waits: self.waits - before.waits }
    }
}

/// How many bytes of memory the process `pid` has resident, on Linux.
pub fn resident(pid: u32) -> u64 {
    field(&fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default(), "VmRSS:") * 1024
}

fn field(status: &str, name: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(name));
    value.and_then(|value| value.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Keeps the calling process, and the threads it will start, on these processors. Linux only;
/// false if the system refuses.
pub fn pin(processors: &[usize]) -> bool {
    #[cfg(target_os = "linux")]
    {
        // SAFETY: an all-zero set is a valid value, the empty set.
        let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        for processor in processors {
            // SAFETY: `set` is valid, and the function checks the number's range.
            unsafe { libc::CPU_SET(*processor, &mut set) };
        }
        // SAFETY: `set` is valid, of the size given.
        unsafe { libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set) == 0 }
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = processors;
        false
    }
}
