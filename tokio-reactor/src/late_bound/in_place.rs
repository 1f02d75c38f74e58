//! A source that stays where it is when it is bound.
//!
//! `mio` keeps nothing in a source where the system's queue keeps all there is to know of a descriptor.
//! So there the source can be registered by its descriptor, while others look at it, and needs no
//! place of its own for the time before.

use crate::binding::Binding;
use crate::{Handle, LateSource, Ready};
use mio::unix::SourceFd;
use std::io;
use std::os::fd::AsRawFd;
use std::sync::{Mutex, OnceLock, PoisonError};

pub(super) struct InPlace<S: LateSource> {
    /// `None` only after `take`.
    io: Option<S::Source>,
    binding: OnceLock<Binding>,
    /// Whether there may be another descriptor of the socket. Its lock is held while the source is
    /// bound.
    shared: Mutex<bool>,
}

impl<S: LateSource> InPlace<S> {
    pub(super) fn new(socket: S, shared: bool) -> Self {
        InPlace {
            io: Some(socket.into_source()),
            binding: OnceLock::new(),
            shared: Mutex::new(shared),
        }
    }

    /// There may be another descriptor from now on.
    pub(super) fn share(&self) {
        *self.shared.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    #[inline]
    pub(super) fn bound(&self) -> Option<(&S::Source, &Binding)> {
        self.binding.get().map(|binding| (self.io(), binding))
    }

    /// Binds the source, if it is not bound.
    pub(super) fn bind(&self, handle: &Handle) -> io::Result<(&S::Source, &Binding)> {
        let _one_at_a_time = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let binding = match self.binding.get() {
            Some(binding) => binding,
            None => {
                let fd = self.io().as_raw_fd();
                let binding = Binding::bind(&mut SourceFd(&fd), handle.resolve()?)?;
                self.binding.get_or_init(|| binding)
            }
        };
        Ok((self.io(), binding))
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&S::Source) -> R) -> R {
        f(self.io())
    }

    /// Adds to what the system reports. What is so of a source that is not bound yet, it reports
    /// when it is.
    pub(super) fn report(&self, ready: Ready) {
        if let Some((_, binding)) = self.bound() {
            binding.report(ready);
        }
    }

    /// The socket, out of its reactor.
    pub(super) fn take(mut self) -> io::Result<S> {
        // In this order, so that a descriptor is closed before its slot is free.
        let binding = self.binding.take();
        let io = self.io.take().expect(THERE);
        if let Some(binding) = &binding {
            binding.deregister(&mut SourceFd(&io.as_raw_fd()))?;
        }
        Ok(S::from_source(io))
    }

    #[inline]
    fn io(&self) -> &S::Source {
        self.io.as_ref().expect(THERE)
    }
}

const THERE: &str = "the source is there until `take`";

impl<S: LateSource> Drop for InPlace<S> {
    fn drop(&mut self) {
        let (Some(io), Some(binding)) = (self.io.take(), self.binding.take()) else { return };
        if *self.shared.get_mut().unwrap_or_else(PoisonError::into_inner) {
            // Fails only if the descriptor was closed behind our back; then it is out already.
            let _ = binding.deregister(&mut SourceFd(&io.as_raw_fd()));
        }
        // To close the only descriptor takes it out of the system's queue. An event that is on its
        // way finds a slot without an owner, or of another generation.
        drop(io);
        drop(binding);
    }
}
