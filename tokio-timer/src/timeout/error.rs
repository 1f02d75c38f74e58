//! Why something with a limited time was not done.

use std::error;
use std::fmt;

/// The error of a [`Timeout`](crate::Timeout): the time was up, or what had limited time failed,
/// or the timer did.
///
/// ```
/// use tokio_timer::timeout::Error;
///
/// assert!(Error::<()>::elapsed().is_elapsed());
/// assert_eq!(Error::inner("no").into_inner(), Some("no"));
/// ```
#[derive(Debug)]
pub struct Error<T>(Kind<T>);

#[derive(Debug)]
enum Kind<T> {
    Inner(T),
    Elapsed,
    Timer(crate::Error),
}

impl<T> Error<T> {
    /// What had limited time failed with `err`.
    pub fn inner(err: T) -> Error<T> {
        Error(Kind::Inner(err))
    }

    /// Whether what had limited time failed.
    pub fn is_inner(&self) -> bool {
        matches!(self.0, Kind::Inner(_))
    }

    /// What it failed with.
    pub fn into_inner(self) -> Option<T> {
        match self.0 {
            Kind::Inner(err) => Some(err),
            _ => None,
        }
    }

    /// The time was up.
    pub fn elapsed() -> Error<T> {
        Error(Kind::Elapsed)
    }

    /// Whether the time was up.
    pub fn is_elapsed(&self) -> bool {
        matches!(self.0, Kind::Elapsed)
    }

    /// The timer failed with `err`.
    pub fn timer(err: crate::Error) -> Error<T> {
        Error(Kind::Timer(err))
    }

    /// Whether the timer failed.
    pub fn is_timer(&self) -> bool {
        matches!(self.0, Kind::Timer(_))
    }

    /// What the timer failed with.
    pub fn into_timer(self) -> Option<crate::Error> {
        match self.0 {
            Kind::Timer(err) => Some(err),
            _ => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Error<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Inner(err) => err.fmt(f),
            Kind::Elapsed => f.write_str("the time was up"),
            Kind::Timer(err) => err.fmt(f),
        }
    }
}

impl<T: error::Error> error::Error for Error<T> {}
