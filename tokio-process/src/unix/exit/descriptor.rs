//! A process descriptor (`pidfd`) of Linux on a reactor.

use mio::event::Source;
use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use rustix::io::Errno;
use rustix::process::{getpid, pidfd_open, Pid, PidfdFlags};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::process::{Child, ExitStatus};
use std::sync::OnceLock;
use std::task::Poll;
use tokio_reactor::{Direction, Handle, LateBound, LateSource};
use tokio_task::Caller;

pub(crate) struct Descriptor(LateBound<Pidfd>);

impl Descriptor {
    /// Whether the system has process descriptors. Fails only if it has no descriptors left at
    /// all.
    pub(super) fn supported() -> io::Result<bool> {
        static SUPPORTED: OnceLock<bool> = OnceLock::new();

        if let Some(supported) = SUPPORTED.get() {
            return Ok(*supported);
        }
        let supported = match pidfd_open(getpid(), PidfdFlags::empty()) {
            Ok(_) => true,
            Err(error @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => return Err(error.into()),
            Err(_) => false,
        };
        Ok(*SUPPORTED.get_or_init(|| supported))
    }

    /// `child` must not have been waited for, so that its number is still its own.
    pub(super) fn of(child: &Child, handle: &Handle) -> io::Result<Descriptor> {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::other("a process without a number"))?;
        let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
        LateBound::with_handle(Pidfd(pidfd), handle).map(Descriptor)
    }

    pub(super) fn poll_exited(
        &mut self,
        child: &mut Child,
        caller: Caller<'_>,
    ) -> Poll<io::Result<ExitStatus>> {
        self.0.poll_io(caller, Direction::Read, |_| {
            child.try_wait()?.ok_or_else(|| io::ErrorKind::WouldBlock.into())
        })
    }
}

/// Closed on exec. Nothing is ever read from it.
struct Pidfd(OwnedFd);

/// By its descriptor, which is how `LateBound` registers it anyway.
impl Source for Pidfd {
    fn register(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).register(registry, token, on)
    }

    fn reregister(&mut self, registry: &Registry, token: Token, on: Interest) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).reregister(registry, token, on)
    }

    fn deregister(&mut self, registry: &Registry) -> io::Result<()> {
        SourceFd(&self.0.as_raw_fd()).deregister(registry)
    }
}

impl AsRawFd for Pidfd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl LateSource for Pidfd {
    type Source = Pidfd;

    fn into_source(self) -> Pidfd {
        self
    }

    fn from_source(source: Pidfd) -> Self {
        source
    }
}
