//! A thread that sends signals to all threads: each system call that may be interrupted is.
//!
//! The signal is SIGUSR1, for which no stream of signals may listen: its handler would have system calls
//! begin again.

use std::fs;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How many signals were sent.
static SENT: AtomicU64 = AtomicU64::new(0);

/// How long to wait between two rounds.
const PERIOD: Duration = Duration::from_millis(3);

/// Makes SIGUSR1 do nothing but interrupt.
pub(super) fn handle() {
    extern "C" fn nothing(_: libc::c_int) {}
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    let handler: extern "C" fn(libc::c_int) = nothing;
    // SAFETY: all zeros is a `sigaction`: no flag, above all no SA_RESTART, and an empty mask. The
    // handler does nothing, which is safe in any signal.
    let result = unsafe {
        (*action.as_mut_ptr()).sa_sigaction = handler as libc::sighandler_t;
        libc::sigaction(libc::SIGUSR1, action.as_ptr(), ptr::null_mut())
    };
    assert_eq!(result, 0, "a handler can be set");
}

/// Sends signals until it is dropped.
pub(super) struct Interrupts {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Interrupts {
    pub(super) fn start() -> Interrupts {
        let stop = Arc::new(AtomicBool::new(false));
        let stops = stop.clone();
        let send = move || {
            while !stops.load(Relaxed) {
                interrupt_all();
                thread::sleep(PERIOD);
            }
        };
        let thread = thread::Builder::new().name("interrupts".into()).spawn(send);
        Interrupts { stop, thread: Some(thread.expect("a thread can be started")) }
    }
}

/// One signal to each thread. If there is no descriptor to look for them, another time will do.
fn interrupt_all() {
    let Ok(tasks) = fs::read_dir("/proc/self/task") else { return };
    let ids = tasks.flatten().filter_map(|task| task.file_name().to_str()?.parse().ok());
    for id in ids.collect::<Vec<libc::pid_t>>() {
        SENT.fetch_add(u64::from(send(id, libc::SIGUSR1)), Relaxed);
    }
}

/// Sends this thread a signal, whose handler has run when this returns.
pub(super) fn raise(signal: libc::c_int) {
    let me = fs::read_link("/proc/thread-self").expect("a thread has a number");
    let id = me.file_name().and_then(|id| id.to_str()?.parse().ok());
    assert!(send(id.expect("it is a number"), signal), "a thread can send itself a signal");
}

/// Sends a signal to a thread of this process. False if it has ended.
fn send(id: libc::pid_t, signal: libc::c_int) -> bool {
    // SAFETY: the call takes numbers. A thread that has ended meanwhile is an error, no more;
    // the process's number makes sure that it is none of another process.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), id, signal) == 0 }
}

/// How many signals were sent.
pub(super) fn sent() -> u64 {
    SENT.load(Relaxed)
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
        let thread = self.thread.take().expect("it is joined once");
        thread.join().expect("sending signals does not panic");
    }
}
