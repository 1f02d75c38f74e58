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
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

pub(super) struct InPlace<S: LateSource> {
    /// `None` only after `take`.
    io: Option<S::Source>,
    binding: OnceLock<Binding>,
    /// Its lock is held while the source is bound.
    notes: Mutex<Notes>,
}

struct Notes {
    /// There may be another descriptor of the socket.
    shared: bool,
    /// What was reported before the source was bound. Not everything is told of it when it is.
    reported: Ready,
}

impl<S: LateSource> InPlace<S> {
    pub(super) fn new(socket: S, shared: bool) -> Self {
        let notes = Mutex::new(Notes { shared, reported: Ready::empty() });
        InPlace { io: Some(socket.into_source()), binding: OnceLock::new(), notes }
    }

    /// There may be another descriptor from now on.
    pub(super) fn share(&self) {
        self.notes().shared = true;
    }

    #[inline]
    pub(super) fn bound(&self) -> Option<(&S::Source, &Binding)> {
        self.binding.get().map(|binding| (self.io(), binding))
    }

    /// Binds the source, if it is not bound.
    pub(super) fn bind(&self, handle: &Handle) -> io::Result<(&S::Source, &Binding)> {
        // One at a time.
        let notes = self.notes();
        let binding = match self.binding.get() {
            Some(binding) => binding,
            None => {
                let fd = self.io().as_raw_fd();
                let binding = Binding::bind(&mut SourceFd(&fd), handle.resolve()?)?;
                // Nobody waits for it yet.
                binding.report(notes.reported);
                self.binding.get_or_init(|| binding)
            }
        };
        Ok((self.io(), binding))
    }

    pub(super) fn with<R>(&self, f: impl FnOnce(&S::Source) -> R) -> R {
        f(self.io())
    }

    /// Adds to what the system reports.
    pub(super) fn report(&self, ready: Ready) {
        if self.binding.get().is_none() {
            let mut notes = self.notes();
            if self.binding.get().is_none() {
                notes.reported.insert(ready);
                return;
            }
        }
        self.binding.get().expect("it is bound by now").report(ready);
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

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
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
        if self.notes.get_mut().unwrap_or_else(PoisonError::into_inner).shared {
            // Fails only if the descriptor was closed behind our back; then it is out already.
            let _ = binding.deregister(&mut SourceFd(&io.as_raw_fd()));
        }
        // To close the only descriptor takes it out of the system's queue. An event that is on its
        // way finds a slot without an owner, or of another generation.
        drop(io);
        drop(binding);
    }
}
