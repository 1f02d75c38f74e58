//! Why a value was not sent.

use std::error::Error;
use std::fmt;

/// Receiving failed. This never happens: the stream ends instead.
#[derive(Debug)]
pub struct RecvError(());

/// The value that nobody wanted, as all receivers are dropped.
#[derive(Debug)]
pub struct SendError<T>(pub(super) T);

impl<T> SendError<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl<T: fmt::Debug> fmt::Display for SendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl Error for RecvError {}
impl<T: fmt::Debug> Error for SendError<T> {}
