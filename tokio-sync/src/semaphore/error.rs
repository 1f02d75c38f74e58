//! Why a semaphore gave no permit.

use crate::permits::Refusal;
use std::error::Error;
use std::fmt;

/// The semaphore is closed.
#[derive(Debug)]
pub struct AcquireError(());

impl AcquireError {
    pub(super) fn new() -> Self {
        AcquireError(())
    }
}

impl fmt::Display for AcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("semaphore closed")
    }
}

impl Error for AcquireError {}

/// There is no permit, or the semaphore is closed.
#[derive(Debug)]
pub struct TryAcquireError(Refusal);

impl TryAcquireError {
    /// Whether the semaphore is closed.
    pub fn is_closed(&self) -> bool {
        self.0 == Refusal::Closed
    }

    /// Whether there was no permit at the moment.
    pub fn is_no_permits(&self) -> bool {
        self.0 == Refusal::NoPermits
    }
}

impl From<Refusal> for TryAcquireError {
    fn from(refusal: Refusal) -> Self {
        TryAcquireError(refusal)
    }
}

impl fmt::Display for TryAcquireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Refusal::Closed => "semaphore closed",
            Refusal::NoPermits => "no permits available",
        })
    }
}

impl Error for TryAcquireError {}
