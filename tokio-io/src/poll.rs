//! What a single operation means: the one place that knows `WouldBlock` and `Interrupted`.

use futures::{Async, Poll as Poll01};
use std::io::{self, ErrorKind};

/// Unwraps an `io::Result`; for `WouldBlock` it returns `Ok(Async::NotReady)` from the function
/// around it, and for any other error that error.
///
/// For functions that return a futures 0.1 `Poll` and call a `Read` or `Write` whose `WouldBlock`
/// means that the current task has been registered.
///
/// ```
/// use futures::{Async, Poll};
/// use std::io::{self, Read};
/// use tokio_io::try_nb;
///
/// fn poll_byte(mut stream: impl Read) -> Poll<u8, io::Error> {
///     let mut byte = [0];
///     let _ = try_nb!(stream.read(&mut byte));
///     Ok(Async::Ready(byte[0]))
/// }
///
/// assert_eq!(poll_byte(&b"x"[..]).unwrap(), Async::Ready(b'x'));
/// ```
#[macro_export]
macro_rules! try_nb {
    ($e:expr) => {
        match $e {
            ::std::result::Result::Ok(value) => value,
            ::std::result::Result::Err(ref e) if e.kind() == ::std::io::ErrorKind::WouldBlock => {
                return ::std::result::Result::Ok($crate::__Async::NotReady);
            }
            ::std::result::Result::Err(e) => {
                return ::std::result::Result::Err(::std::convert::From::from(e));
            }
        }
    };
}

/// Polls `op` until it is not `Interrupted`; a `WouldBlock` that comes as an error is `NotReady`.
pub(crate) fn settled<T>(mut op: impl FnMut() -> Poll01<T, io::Error>) -> Poll01<T, io::Error> {
    loop {
        match op() {
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => return Ok(Async::NotReady),
            result => return result,
        }
    }
}

/// The poll of an operation of `std::io`, by the rules of [`settled`].
pub(crate) fn nonblocking<T>(mut op: impl FnMut() -> io::Result<T>) -> Poll01<T, io::Error> {
    settled(|| op().map(Async::Ready))
}

/// The other way round, for `std::io` spellings of polled operations.
pub fn or_would_block<T>(poll: Poll01<T, io::Error>) -> io::Result<T> {
    match poll? {
        Async::Ready(value) => Ok(value),
        Async::NotReady => Err(ErrorKind::WouldBlock.into()),
    }
}
