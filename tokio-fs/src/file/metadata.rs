//! A file's metadata, by value.

use super::gone;
use crate::operation::operation;
use crate::File;
use std::fs::Metadata;
use std::io;
use std::task::{ready, Poll};

/// Asks for a file's metadata, and gives the file back; made by
/// [`File::metadata`](crate::File::metadata). See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct MetadataFuture {
    /// `None` once completed.
    file: Option<File>,
}

impl MetadataFuture {
    pub(crate) fn new(file: File) -> Self {
        MetadataFuture { file: Some(file) }
    }
}

operation!({} MetadataFuture {} -> (File, Metadata), io::Error, |this, caller| {
    let metadata = ready!(this.file.as_mut().unwrap_or_else(gone).poll_metadata_with(caller));
    let file = this.file.take().unwrap_or_else(gone);
    Poll::Ready(metadata.map(|metadata| (file, metadata)))
});
