//! From a path to a [`File`].

use crate::once::OnPath;
use crate::operation::operation;
use crate::File;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file; made by [`File::open`](crate::File::open) and
/// [`OpenOptions::open`](crate::OpenOptions::open). See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct OpenFuture<P> {
    options: OpenOptions,
    open: OnPath<P, fs::File>,
}

impl<P> OpenFuture<P> {
    pub(crate) fn new(options: OpenOptions, path: P) -> Self {
        OpenFuture { options, open: OnPath::new(path) }
    }
}

operation!({P} OpenFuture<P> {where P: AsRef<Path> + Send + 'static} -> File, io::Error,
    |this, caller| {
        // Cloned because a thread may have to own it; there is nothing on the heap.
        let options = this.options.clone();
        this.open.poll_with(caller, move |path| options.open(path)).map_ok(File::from_std)
    }
);

/// Makes a file, or empties it; made by [`File::create`](crate::File::create). See
/// [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CreateFuture<P>(OnPath<P, fs::File>);

impl<P> CreateFuture<P> {
    pub(crate) fn new(path: P) -> Self {
        CreateFuture(OnPath::new(path))
    }
}

operation!({P} CreateFuture<P> {where P: AsRef<Path> + Send + 'static} -> File, io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::File::create(path)).map_ok(File::from_std)
);
