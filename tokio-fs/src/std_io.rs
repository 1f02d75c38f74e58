//! What results of std mean here, and the other way round: the one place that knows `Interrupted` and
//! `WouldBlock`.

use std::io::{self, Error, ErrorKind};
use std::task::Poll;

/// Tries again for as long as a signal comes in between. `WouldBlock`, which a file that is in
/// non-blocking mode answers, would be taken for a promise to wake the task.
pub(crate) fn retry<T>(mut operation: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match operation() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Err(Error::other("the file is in non-blocking mode, and not ready"));
            }
            result => return result,
        }
    }
}

/// A poll in the shape of `std::io`, where "wait" is an error.
pub(crate) fn or_would_block<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(ErrorKind::WouldBlock.into()),
    }
}
