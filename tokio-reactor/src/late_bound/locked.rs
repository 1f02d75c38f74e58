//! A source that moves when it is bound.
//!
//! Where `mio` keeps the state of the system's queue in the source itself, only its owner can have it
//! registered: a lock holds it until then.

use crate::binding::Binding;
use crate::{Handle, LateSource, Ready};
use mio::event::Source;
use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

pub(super) struct Locked<S: LateSource> {
    /// Its lock is held while the source is bound.
    unbound: Mutex<Unbound<S::Source>>,
    bound: OnceLock<Bound<S::Source>>,
}

struct Unbound<E> {
    /// The source until it is bound.
    io: Option<E>,
    /// What was reported before. Not everything is told of it when it is bound.
    reported: Ready,
}

struct Bound<E: Source> {
    /// `None` only after `take`.
    io: Option<E>,
    binding: Binding,
}

impl<S: LateSource> Locked<S> {
    /// How many descriptors there are makes no difference here.
    pub(super) fn new(socket: S, _shared: bool) -> Self {
        let unbound = Unbound { io: Some(socket.into_source()), reported: Ready::empty() };
        Locked { unbound: Mutex::new(unbound), bound: OnceLock::new() }
    }

    pub(super) fn share(&self) {}

    #[inline]
    pub(super) fn bound(&self) -> Option<(&S::Source, &Binding)> {
        self.bound.get().map(Bound::parts)
    }

    /// Binds the source, if it is not bound.
    pub(super) fn bind(&self, handle: &Handle) -> io::Result<(&S::Source, &Binding)> {
        let mut unbound = self.lock();
        if let Some(io) = unbound.io.as_mut() {
            let reactor = handle.resolve()?;
            let binding = match Binding::bind(io, reactor) {
                Ok(binding) => binding,
                Err(error) => {
                    // Where assertions are compiled in, `mio` takes a source that it tried to
                    // register for registered. So it is made anew, of the same socket.
                    let anew = |io| S::from_source(io).into_source();
                    unbound.io = unbound.io.take().map(anew);
                    return Err(error);
                }
            };
            // Nobody waits for it yet.
            binding.report(unbound.reported);
            let io = unbound.io.take();
            return Ok(self.bound.get_or_init(|| Bound { io, binding }).parts());
        }
        Ok(self.bound.get().expect(SOMEWHERE).parts())
    }

    /// Until the source is bound its lock is held meanwhile.
    pub(super) fn with<R>(&self, f: impl FnOnce(&S::Source) -> R) -> R {
        if self.bound.get().is_none() {
            let unbound = self.lock();
            if let Some(io) = &unbound.io {
                return f(io);
            }
        }
        f(self.bound.get().expect(SOMEWHERE).parts().0)
    }

    /// Adds to what the system reports.
    pub(super) fn report(&self, ready: Ready) {
        if self.bound.get().is_none() {
            let mut unbound = self.lock();
            if unbound.io.is_some() {
                unbound.reported.insert(ready);
                return;
            }
        }
        self.bound.get().expect(SOMEWHERE).binding.report(ready);
    }

    /// The socket, out of its reactor.
    pub(super) fn take(mut self) -> io::Result<S> {
        match self.bound.take() {
            Some(mut bound) => {
                let mut io = bound.io.take().expect(SOMEWHERE);
                bound.binding.deregister(&mut io)?;
                Ok(S::from_source(io))
            }
            None => Ok(S::from_source(self.lock().io.take().expect(SOMEWHERE))),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Unbound<S::Source>> {
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
