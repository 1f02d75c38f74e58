//! A closure that blocks and is run once: the mechanism of all futures of this crate that do not
//! work on an open file.
//!
//! | state | a poll | then |
//! |---|---|---|
//! | `Fresh` | runs it here, or waits for a permit, or hands it to the crew | `Over`, `Fresh`, `Handed` |
//! | `Handed` | waits | `Handed`, or `Over` |
//! | `Over` | panics | – |

use crate::here::{is_outside, poll_here};
use crate::job::Job;
use std::io;
use std::path::{Path, PathBuf};
use std::task::{ready, Poll};
use tokio_task::Caller;

#[derive(Debug)]
pub(crate) enum Once<T> {
    Fresh,
    Handed(Job<(), io::Result<T>>),
    Over,
}

impl<T: Send + 'static> Once<T> {
    /// `here` is the work; `elsewhere` makes the same work of owned parts.
    ///
    /// # Panics
    ///
    /// If it was ready before.
    pub(crate) fn poll_with<W>(
        &mut self,
        caller: Caller<'_>,
        here: impl FnOnce() -> io::Result<T>,
        elsewhere: impl FnOnce() -> W,
    ) -> Poll<io::Result<T>>
    where
        W: FnOnce() -> io::Result<T> + Send + 'static,
    {
        if let Once::Fresh = self {
            if let Some(result) = ready!(poll_here(caller, here)) {
                *self = Once::Over;
                return Poll::Ready(result);
            }
            let work = elsewhere();
            match Job::start((), |()| work()) {
                Ok(job) => *self = Once::Handed(job),
                Err((error, ())) => {
                    *self = Once::Over;
                    return Poll::Ready(Err(error));
                }
            }
        }
        let Once::Handed(job) = self else {
            panic!("a file operation was polled after it had completed")
        };
        let result = if is_outside(caller) { job.wait() } else { ready!(job.poll_with(caller)) };
        *self = Once::Over;
        Poll::Ready(result)
    }
}

/// An operation on a path, or on two.
#[derive(Debug)]
pub(crate) struct OnPath<P, T> {
    path: P,
    once: Once<T>,
}

impl<P, T> OnPath<P, T> {
    pub(crate) fn new(path: P) -> Self {
        OnPath { path, once: Once::Fresh }
    }
}

impl<P: AsRef<Path>, T: Send + 'static> OnPath<P, T> {
    pub(crate) fn poll_with(
        &mut self,
        caller: Caller<'_>,
        operation: impl Fn(&Path) -> io::Result<T> + Clone + Send + 'static,
    ) -> Poll<io::Result<T>> {
        let path = self.path.as_ref();
        self.once.poll_with(
            caller,
            || operation(path),
            || {
                let (operation, path) = (operation.clone(), PathBuf::from(path));
                move || operation(&path)
            },
        )
    }
}

impl<P: AsRef<Path>, Q: AsRef<Path>, T: Send + 'static> OnPath<(P, Q), T> {
    pub(crate) fn poll_two_with(
        &mut self,
        caller: Caller<'_>,
        operation: impl Fn(&Path, &Path) -> io::Result<T> + Copy + Send + 'static,
    ) -> Poll<io::Result<T>> {
        let (first, second) = (self.path.0.as_ref(), self.path.1.as_ref());
        self.once.poll_with(
            caller,
            || operation(first, second),
            || {
                let (first, second) = (PathBuf::from(first), PathBuf::from(second));
                move || operation(&first, &second)
            },
        )
    }
}
