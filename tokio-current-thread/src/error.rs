//! Why an executor stopped before it was done.

use std::error::Error;
use std::fmt;
use tokio_executor::EnterError;

/// Why [`CurrentThread::block_on`](crate::CurrentThread::block_on) has no item: the future failed
/// with a `T`, or the executor could not run it.
pub struct BlockError<T> {
    inner: Option<T>,
}

impl<T> BlockError<T> {
    pub(crate) fn of_future(error: T) -> Self {
        BlockError { inner: Some(error) }
    }

    pub(crate) fn of_executor() -> Self {
        BlockError { inner: None }
    }

    /// The future's error. `None` if the executor could not run it: because the thread runs an
    /// executor already, or because the parker failed.
    pub fn into_inner(self) -> Option<T> {
        self.inner
    }
}

impl<T> From<EnterError> for BlockError<T> {
    fn from(_: EnterError) -> Self {
        BlockError::of_executor()
    }
}

impl<T> fmt::Display for BlockError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.inner {
            Some(_) => "the future failed",
            None => COULD_NOT_RUN,
        })
    }
}

impl<T: fmt::Debug> fmt::Debug for BlockError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockError").field("inner", &self.inner).finish()
    }
}

impl<T: fmt::Debug> Error for BlockError<T> {}

/// Why [`CurrentThread::run_timeout`](crate::CurrentThread::run_timeout) stopped with tasks left.
#[derive(Debug)]
pub struct RunTimeoutError {
    timeout: bool,
}

impl RunTimeoutError {
    pub(crate) fn timed_out() -> Self {
        RunTimeoutError { timeout: true }
    }

    pub(crate) fn of_executor() -> Self {
        RunTimeoutError { timeout: false }
    }

    /// Whether time was up. If not, the executor could not run: because the thread runs an executor
    /// already, or because the parker failed.
    pub fn is_timeout(&self) -> bool {
        self.timeout
    }
}

impl From<EnterError> for RunTimeoutError {
    fn from(_: EnterError) -> Self {
        RunTimeoutError::of_executor()
    }
}

impl fmt::Display for RunTimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.timeout { "time was up with tasks left" } else { COULD_NOT_RUN })
    }
}

impl Error for RunTimeoutError {}

/// Why [`CurrentThread::run`](crate::CurrentThread::run) stopped with tasks left: the thread runs an
/// executor already, or the parker failed.
#[derive(Debug)]
pub struct RunError {
    _private: (),
}

/// Why there was no [`CurrentThread::turn`](crate::CurrentThread::turn): the thread runs an executor
/// already, or the parker failed.
#[derive(Debug)]
pub struct TurnError {
    _private: (),
}

impl RunError {
    pub(crate) fn new() -> Self {
        RunError { _private: () }
    }
}

impl TurnError {
    pub(crate) fn new() -> Self {
        TurnError { _private: () }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(COULD_NOT_RUN)
    }
}

impl fmt::Display for TurnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(COULD_NOT_RUN)
    }
}

impl Error for RunError {}
impl Error for TurnError {}

const COULD_NOT_RUN: &str =
    "the executor could not run: its thread runs one already, or what it waits with has failed";
