//! Panics of foreign code, put off until everyone else has been served.

use std::any::Any;
use std::mem;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};

/// The first of the panics that were caught.
///
/// A timer fires once, so a waker that panics must not cost other tasks their wakes; and a
/// second panic, while the first one unwinds, would end the process.
#[derive(Debug)]
#[must_use]
pub(crate) struct Panics(Option<Box<dyn Any + Send>>);

impl Panics {
    pub(crate) const fn none() -> Self {
        Panics(None)
    }

    /// Runs `f`, and keeps its panic.
    #[inline]
    pub(crate) fn hold(&mut self, f: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(f)) {
            self.keep(panic);
        }
    }

    #[cold]
    fn keep(&mut self, panic: Box<dyn Any + Send>) {
        match self.0 {
            None => self.0 = Some(panic),
            // Not dropped: its destructor is foreign code too, and may panic.
            Some(_) => mem::forget(panic),
        }
    }

    /// Goes on with the panic, if there was one.
    #[inline]
    pub(crate) fn resume(self) {
        if let Some(panic) = self.0 {
            resume_unwind(panic);
        }
    }

    /// Forgets the panic. True if there was one.
    pub(crate) fn swallow(self) -> bool {
        // As in `keep`.
        self.0.map(mem::forget).is_some()
    }
}
