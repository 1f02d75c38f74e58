//! Waiting for the system's events as precisely as the system can.
//!
//! A wait is never shorter than asked: that would be a busy loop in the end. kqueue takes
//! nanoseconds. epoll takes milliseconds, and mio rounds up: so there the whole milliseconds are
//! waited for first, and what is left, if no event has come by then, in `ppoll` on the epoll
//! descriptor. That costs nothing when events end the wait earlier, or when it is of whole
//! milliseconds.

use mio::{Events, Poll};
use std::io;
use std::time::Duration;

/// Waits for events, `None` for as long as it takes.
pub(crate) fn wait(poll: &mut Poll, events: &mut Events, wait: Option<Duration>) -> io::Result<()> {
    match wait {
        None => poll.poll(events, None),
        Some(wait) => wait_for(poll, events, wait.min(LONGEST)),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn wait_for(poll: &mut Poll, events: &mut Events, wait: Duration) -> io::Result<()> {
    use std::time::Instant;

    let whole = Duration::from_millis(wait.as_millis() as u64);
    if whole == wait {
        return poll.poll(events, Some(wait));
    }
    let end = Instant::now() + wait;
    events.clear();
    if !whole.is_zero() {
        poll.poll(events, Some(whole))?;
        if !events.is_empty() {
            return Ok(());
        }
    }
    let rest = end.saturating_duration_since(Instant::now());
    if !rest.is_zero() && has_events(poll, rest)? {
        return poll.poll(events, Some(Duration::ZERO));
    }
    Ok(())
}

/// Whether there are events within `wait`, which is short.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[allow(unsafe_code)]
fn has_events(poll: &Poll, wait: Duration) -> io::Result<bool> {
    use std::os::fd::AsRawFd;
    use std::ptr;

    let mut queue = libc::pollfd { fd: poll.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: all zeros are a valid `timespec`: it consists of integers.
    let mut timeout: libc::timespec = unsafe { std::mem::zeroed() };
    timeout.tv_sec = wait.as_secs() as _;
    timeout.tv_nsec = wait.subsec_nanos() as _;
    // SAFETY: one `pollfd` and a `timespec`, which both outlive the call; no signal mask.
    match unsafe { libc::ppoll(&mut queue, 1, &timeout, ptr::null()) } {
        -1 => Err(io::Error::last_os_error()),
        ready => Ok(ready > 0),
    }
}

#[cfg(any(
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
))]
fn wait_for(poll: &mut Poll, events: &mut Events, wait: Duration) -> io::Result<()> {
    poll.poll(events, Some(wait))
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "dragonfly",
    target_os = "freebsd",
    target_os = "netbsd",
    target_os = "openbsd",
    target_vendor = "apple",
)))]
fn wait_for(poll: &mut Poll, events: &mut Events, wait: Duration) -> io::Result<()> {
    let millis = wait.as_nanos().div_ceil(1_000_000);
    poll.poll(events, Some(Duration::from_millis(millis as u64)))
}

const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
