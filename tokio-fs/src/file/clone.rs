//! A second handle of a file, by value.

use super::gone;
use crate::operation::operation;
use crate::File;
use std::io;
use std::task::{ready, Poll};

/// Makes a second handle of a file, and gives the first one back; made by
/// [`File::try_clone`](crate::File::try_clone). See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CloneFuture {
    /// `None` once completed.
    file: Option<File>,
}

impl CloneFuture {
    pub(crate) fn new(file: File) -> Self {
        CloneFuture { file: Some(file) }
    }
}

operation!({} CloneFuture {} -> (File, File), (File, io::Error), |this, caller| {
    let cloned = ready!(this.file.as_mut().unwrap_or_else(gone).poll_try_clone_with(caller));
    let file = this.file.take().unwrap_or_else(gone);
    Poll::Ready(match cloned {
        Ok(clone) => Ok((file, clone)),
        Err(error) => Err((file, error)),
    })
});
