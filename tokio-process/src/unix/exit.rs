//! How the end of a process wakes a task.
//!
//! On Linux by a *process descriptor*, which becomes readable when the process ends: an event for
//! one task, and no signal handler. Where the system has none (other systems, Linux before 5.3,
//! some sandboxes), by `SIGCHLD`: each end of a process wakes all tasks that wait for one, and
//! each asks for its own. That is quadratic in the number of children, and installs a handler of
//! `SIGCHLD`; it needs nothing but signals.
//!
//! Either way the question is [`Child::try_wait`], for this one process: no end of another process
//! is ever collected. A process that has ended keeps its number until it is asked for, so the
//! number always means this process.

use std::io;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use tokio_reactor::Handle;
use tokio_signal::unix::{libc::SIGCHLD, Signal};
use tokio_task::Caller;

#[cfg(any(target_os = "linux", target_os = "android"))]
mod descriptor;

/// Stands in for process descriptors where there are none.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod descriptor {
    use super::{io, Caller, Child, ExitStatus, Handle, Poll};

    pub(crate) enum Descriptor {}

    impl Descriptor {
        pub(super) fn supported() -> io::Result<bool> {
            Ok(false)
        }

        pub(super) fn of(_: &Child, _: &Handle) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn poll_exited(
            &mut self,
            _: &mut Child,
            _: Caller<'_>,
        ) -> Poll<io::Result<ExitStatus>> {
            match *self {}
        }
    }
}

use self::descriptor::Descriptor;

/// Relaxed: set by tests before they start a process.
static BY_SIGNAL: AtomicBool = AtomicBool::new(false);

pub(crate) fn watch_by_signal() {
    BY_SIGNAL.store(true, Relaxed);
}

/// What can be had before there is a process.
pub(crate) enum Preparation {
    Descriptor,
    Signal(Signal),
}

impl Preparation {
    pub(crate) fn new(handle: &Handle) -> io::Result<Preparation> {
        if !BY_SIGNAL.load(Relaxed) && Descriptor::supported()? {
            return Ok(Preparation::Descriptor);
        }
        Signal::listen(SIGCHLD, handle).map(Preparation::Signal)
    }

    pub(crate) fn watch(self, child: &Child, handle: &Handle) -> io::Result<Exit> {
        match self {
            Preparation::Descriptor => Descriptor::of(child, handle).map(Exit::Descriptor),
            Preparation::Signal(signal) => Ok(Exit::Signal(signal)),
        }
    }
}

/// The end of one process, to be waited for.
pub(crate) enum Exit {
    Descriptor(Descriptor),
    Signal(Signal),
}

impl Exit {
    /// Ready when `child`, the process this was made for, has ended.
    pub(crate) fn poll_exited(
        &mut self,
        child: &mut Child,
        caller: Caller<'_>,
    ) -> Poll<io::Result<ExitStatus>> {
        match self {
            Exit::Descriptor(descriptor) => descriptor.poll_exited(child, caller),
            Exit::Signal(signal) => loop {
                // First the signal, then the question: an end after the question wakes the task.
                let registered = signal.poll_with(caller)?.is_pending();
                if let Some(status) = child.try_wait()? {
                    return Poll::Ready(Ok(status));
                }
                if registered {
                    return Poll::Pending;
                }
            },
        }
    }
}
