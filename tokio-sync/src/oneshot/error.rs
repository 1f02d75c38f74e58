//! Why a value did not come.

use std::error::Error;
use std::fmt;

/// The sender was dropped without sending, or the receiver was closed before a value came.
#[derive(Debug)]
pub struct RecvError(pub(super) ());

impl fmt::Display for RecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("channel closed")
    }
}

impl Error for RecvError {}

/// There is no value: not yet, or there will be none.
#[derive(Debug)]
pub struct TryRecvError(Lack);

#[derive(Debug)]
enum Lack {
    Empty,
    Closed,
}

impl TryRecvError {
    pub(super) fn empty() -> Self {
        TryRecvError(Lack::Empty)
    }

    pub(super) fn closed() -> Self {
        TryRecvError(Lack::Closed)
    }

    /// Whether a value may still come.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Lack::Empty)
    }

    /// Whether no value will come.
    pub fn is_closed(&self) -> bool {
        matches!(self.0, Lack::Closed)
    }
}

impl fmt::Display for TryRecvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Lack::Empty => "channel empty",
            Lack::Closed => "channel closed",
        })
    }
}

impl Error for TryRecvError {}
