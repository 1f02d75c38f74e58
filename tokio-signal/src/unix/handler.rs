//! What runs inside the system's handler, and from when until when.
//!
//! `signal-hook-registry` owns the system's handler: it calls the handler that was there before,
//! and keeps `errno`. When its `unregister` returns, no thread is inside the action any more.
#![allow(unsafe_code, reason = "what runs in a signal handler is restricted")]

use signal_hook_registry::{SigId, FORBIDDEN};
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::process;

/// Fails for signals that no handler may catch.
pub(super) fn check(signal: libc::c_int) -> io::Result<()> {
    if FORBIDDEN.contains(&signal) {
        return Err(io::Error::new(
            ErrorKind::InvalidInput,
            format!("signal {signal} cannot be waited for: it may not be caught"),
        ));
    }
    Ok(())
}

/// Each signal puts a byte into a mailbox, until this is dropped.
pub(super) struct Delivery(SigId);

impl Delivery {
    /// `signal` has passed [`check`], and `letters` does not block.
    pub(super) fn start(signal: libc::c_int, letters: UnixStream) -> io::Result<Delivery> {
        let owner = process::id();
        let deliver = move || {
            // SAFETY: both functions may be called in signal handlers; the descriptor is open as
            // long as the closure that owns it exists, and the buffer is one byte. The result does
            // not matter: a mailbox that is full has a letter for this signal.
            unsafe {
                // A child shares the mailboxes of its parent until it calls `exec`.
                if libc::getpid().unsigned_abs() == owner {
                    libc::write(letters.as_raw_fd(), [0_u8].as_ptr().cast(), 1);
                }
            }
        };
        // SAFETY: the closure only calls functions that may be called in signal handlers; it
        // takes no lock, allocates nothing and does not panic.
        unsafe { signal_hook_registry::register(signal, deliver) }.map(Delivery)
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        signal_hook_registry::unregister(self.0);
    }
}
