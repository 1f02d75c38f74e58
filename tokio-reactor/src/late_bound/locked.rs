//! A source that moves when it is bound.
//!
//! Where `mio` keeps the state of the system's queue in the source itself, only its owner can have it
//! registered: a lock holds it until then.

use crate::binding::Binding;
use crate::Handle;
use mio::event::Source;
use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

#[derive(Debug)]
pub(super) struct Locked<E: Source> {
    /// The source until it is bound. Its lock is held meanwhile.
    unbound: Mutex<Option<E>>,
    bound: OnceLock<Bound<E>>,
}

#[derive(Debug)]
struct Bound<E: Source> {
    /// `None` only after `take`.
    io: Option<E>,
    binding: Binding,
}

impl<E: Source> Locked<E> {
    /// How many descriptors there are makes no difference here.
    pub(super) fn new(io: E, _shared: bool) -> Self {
        Locked { unbound: Mutex::new(Some(io)), bound: OnceLock::new() }
    }

    pub(super) fn share(&self) {}

    #[inline]
    pub(super) fn bound(&self) -> Option<(&E, &Binding)> {
        self.bound.get().map(Bound::parts)
    }

    /// Binds the source, if it is not bound.
    pub(super) fn bind(&self, handle: &Handle) -> io::Result<(&E, &Binding)> {
        let mut unbound = self.lock();
        if let Some(io) = unbound.as_mut() {
            let binding = Binding::bind(io, handle.resolve()?)?;
            let io = unbound.take();
            return Ok(self.bound.get_or_init(|| Bound { io, binding }).parts());
        }
        Ok(self.bound.get().expect(SOMEWHERE).parts())
    }

    /// Until the source is bound its lock is held meanwhile.
    pub(super) fn with<R>(&self, f: impl FnOnce(&E) -> R) -> R {
        if self.bound.get().is_none() {
            let unbound = self.lock();
            if let Some(io) = &*unbound {
                return f(io);
            }
        }
        f(self.bound.get().expect(SOMEWHERE).parts().0)
    }

    /// The source, out of its reactor.
    pub(super) fn take(mut self) -> io::Result<E> {
        match self.bound.take() {
            Some(mut bound) => {
                let mut io = bound.io.take().expect(SOMEWHERE);
                bound.binding.deregister(&mut io)?;
                Ok(io)
            }
            None => Ok(self.lock().take().expect(SOMEWHERE)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<E>> {
        self.unbound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Source> Bound<E> {
    #[inline]
    fn parts(&self) -> (&E, &Binding) {
        (self.io.as_ref().expect(SOMEWHERE), &self.binding)
    }
}

const SOMEWHERE: &str = "a source is either bound or not";

impl<E: Source> Drop for Bound<E> {
    fn drop(&mut self) {
        if let Some(io) = &mut self.io {
            // Fails only if the socket was closed behind our back; then it is out already.
            let _ = self.binding.deregister(io);
        }
    }
}
