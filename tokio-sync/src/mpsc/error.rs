//! Why a channel did not take a value, or had none.

use std::error::Error;
use std::fmt;

const CLOSED: &str = "channel closed";

/// The receiver has been closed or dropped.
#[derive(Debug)]
pub struct SendError(pub(super) ());

/// The value that a bounded channel did not take, and why.
#[derive(Debug)]
pub struct TrySendError<T> {
    value: T,
    reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Reason {
    Full,
    Closed,
}

impl<T> TrySendError<T> {
    pub(super) fn full(value: T) -> Self {
        TrySendError { value, reason: Reason::Full }
    }

    pub(super) fn closed(value: T) -> Self {
        TrySendError { value, reason: Reason::Closed }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Whether the receiver has been closed or dropped.
    pub fn is_closed(&self) -> bool {
        self.reason == Reason::Closed
    }

    /// Whether there was no room at the moment.
    pub fn is_full(&self) -> bool {
        self.reason == Reason::Full
    }
}

/// Receiving from a bounded channel failed. This never happens: the stream ends instead.
#[derive(Debug)]
pub struct RecvError(());

/// The receiver has been closed or dropped.
#[derive(Debug)]
pub struct UnboundedSendError(pub(super) ());

/// The value that an unbounded channel did not take, as its receiver has been closed or dropped.
#[derive(Debug)]
pub struct UnboundedTrySendError<T>(pub(super) T);

impl<T> UnboundedTrySendError<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// Receiving from an unbounded channel failed. This never happens: the stream ends instead.
#[derive(Debug)]
pub struct UnboundedRecvError(());

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl<T: fmt::Debug> fmt::Display for TrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Reason::Full => "no available capacity",
            Reason::Closed => CLOSED,
        })
    }
}

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl fmt::Display for UnboundedSendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl<T: fmt::Debug> fmt::Display for UnboundedTrySendError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl fmt::Display for UnboundedRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(CLOSED)
    }
}

impl Error for SendError {}
impl<T: fmt::Debug> Error for TrySendError<T> {}
impl Error for RecvError {}
impl Error for UnboundedSendError {}
impl<T: fmt::Debug> Error for UnboundedTrySendError<T> {}
impl Error for UnboundedRecvError {}
