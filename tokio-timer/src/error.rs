//! Why a wait can fail.

use std::error;
use std::fmt;

/// The error of a timer.
///
/// ```
/// use tokio_timer::Error;
///
/// assert!(Error::shutdown().is_shutdown());
/// assert!(!Error::shutdown().is_at_capacity());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shutdown,
    AtCapacity,
}

impl Error {
    /// The timer is gone: its [`Timer`](crate::Timer) was dropped, usually with its runtime; or
    /// there is none, and none could be started.
    pub fn shutdown() -> Error {
        Error(Kind::Shutdown)
    }

    /// Whether this is [`Error::shutdown`].
    pub fn is_shutdown(&self) -> bool {
        self.0 == Kind::Shutdown
    }

    /// The timer has as many waits as it can have; when some have ended, it takes others.
    pub fn at_capacity() -> Error {
        Error(Kind::AtCapacity)
    }

    /// Whether this is [`Error::at_capacity`].
    pub fn is_at_capacity(&self) -> bool {
        self.0 == Kind::AtCapacity
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Shutdown => "the timer is gone: its runtime has shut down",
            Kind::AtCapacity => "the timer has as many waits as it can have",
        })
    }
}

impl error::Error for Error {}
