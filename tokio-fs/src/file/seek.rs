//! Moving a file's position, by value.

use super::gone;
use crate::operation::operation;
use crate::File;
use std::io::{self, SeekFrom};
use std::task::{ready, Poll};

/// Moves a file's position, and gives the file back; made by [`File::seek`](crate::File::seek). See
/// [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SeekFuture {
    /// `None` once completed.
    file: Option<File>,
    pos: SeekFrom,
}

impl SeekFuture {
    pub(crate) fn new(file: File, pos: SeekFrom) -> Self {
        SeekFuture { file: Some(file), pos }
    }
}

operation!({} SeekFuture {} -> (File, u64), io::Error, |this, caller| {
    let file = this.file.as_mut().unwrap_or_else(gone);
    let sought = ready!(file.poll_seek_with(caller, this.pos));
    let file = this.file.take().unwrap_or_else(gone);
    Poll::Ready(sought.map(|pos| (file, pos)))
});
