//! Panics of foreign code, put off until everyone else has been served. For the crates of the family.

use std::any::Any;
use std::mem;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

/// The first of the panics that were caught.
///
/// An event is reported once, so a waker that panics must not cost other tasks their wakes; and a
/// second panic, while the first one unwinds, would end the process.
#[derive(Debug)]
#[must_use]
pub struct Panics(Option<Box<dyn Any + Send>>);

/// Drops what a panic carried. Its destructor is foreign code too; if it panics, what it panicked
/// with is leaked.
#[cold]
pub fn discard(payload: Box<dyn Any + Send>) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(payload);
    }
}

impl Panics {
    /// No panic yet.
    pub const fn none() -> Self {
        Panics(None)
    }

    /// Runs `f`, and keeps its panic.
    #[inline]
    pub fn hold(&mut self, f: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(f)) {
            self.keep(panic);
        }
    }

    #[cold]
    fn keep(&mut self, panic: Box<dyn Any + Send>) {
        match self.0 {
            None => self.0 = Some(panic),
            Some(_) => discard(panic),
        }
    }

    /// Goes on with the panic, if there was one.
    #[inline]
    pub fn resume(self) {
        if let Some(panic) = self.0 {
            resume_unwind(panic);
        }
    }

    /// Forgets the panic. True if there was one.
    pub fn swallow(self) -> bool {
        self.0.map(discard).is_some()
    }
}
