//! What is particular to Windows.

mod exit;
mod pipe;

pub(crate) use self::exit::{Exit, Preparation};
pub(crate) use self::pipe::{PipeReader, PipeWriter};

/// Nothing is left of a process that has ended once its handle is closed.
pub(crate) fn reap(child: std::process::Child) {
    drop(child);
}
