//! The waiters of the direction in which most sources never have any.

use crate::waiters::Waiters;

/// Made when they are needed for the first time, and kept.
///
/// Whether they are there is said by a flag in the slot's word, which is what the models check;
/// for them the waiters are there from the start.
#[cfg(not(tokio_loom))]
#[derive(Debug)]
pub(super) struct Lazy(std::sync::OnceLock<Box<Waiters>>);

#[cfg(not(tokio_loom))]
impl Lazy {
    pub(super) fn new() -> Self {
        Lazy(std::sync::OnceLock::new())
    }

    pub(super) fn get(&self) -> Option<&Waiters> {
        self.0.get().map(|waiters| &**waiters)
    }

    pub(super) fn get_or_make(&self) -> &Waiters {
        self.0.get_or_init(|| Box::new(Waiters::new()))
    }
}

#[cfg(tokio_loom)]
#[derive(Debug)]
pub(super) struct Lazy(Box<Waiters>);

#[cfg(tokio_loom)]
impl Lazy {
    pub(super) fn new() -> Self {
        Lazy(Box::new(Waiters::new()))
    }

    pub(super) fn get(&self) -> Option<&Waiters> {
        Some(&self.0)
    }

    pub(super) fn get_or_make(&self) -> &Waiters {
        &self.0
    }
}
