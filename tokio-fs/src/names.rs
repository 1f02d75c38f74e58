//! Giving files other names, and removing names.

use crate::once::OnPath;
use crate::operation::operation;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Renames a file or a directory; a file that has the new name is replaced.
///
/// # Errors
///
/// `NotFound`, `CrossesDevices` if the new name is on another file system, others of the system.
pub fn rename<P: AsRef<Path>, Q: AsRef<Path>>(from: P, to: Q) -> RenameFuture<P, Q> {
    RenameFuture(OnPath::new((from, to)))
}

/// Made by [`rename`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct RenameFuture<P, Q>(OnPath<(P, Q), ()>)
where
    P: AsRef<Path>,
    Q: AsRef<Path>;

operation!({P: AsRef<Path>, Q: AsRef<Path>} RenameFuture<P, Q> {} -> (), io::Error,
    |this, caller| this.0.poll_two_with(caller, |from, to| fs::rename(from, to))
);

/// Removes a file, or a symbolic link and not what it leads to. On Unix, who has the file open
/// keeps it.
///
/// # Errors
///
/// `NotFound`, `PermissionDenied`, others of the system; for a directory too.
///
/// ```
/// use futures::Future; // 0.1
///
/// # let dir = tempfile::tempdir().unwrap();
/// let path = dir.path().join("old");
/// std::fs::write(&path, "contents").unwrap();
/// tokio_fs::remove_file(path.clone()).wait().unwrap();
/// assert!(!path.exists());
/// ```
pub fn remove_file<P: AsRef<Path>>(path: P) -> RemoveFileFuture<P> {
    RemoveFileFuture(OnPath::new(path))
}

/// Made by [`remove_file`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct RemoveFileFuture<P>(OnPath<P, ()>)
where
    P: AsRef<Path>;

operation!({P: AsRef<Path>} RemoveFileFuture<P> {} -> (), io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::remove_file(path))
);

/// Gives the file `src` the second name `dst`.
///
/// # Errors
///
/// `NotFound`, `AlreadyExists`, `CrossesDevices`, others of the system.
pub fn hard_link<P: AsRef<Path>, Q: AsRef<Path>>(src: P, dst: Q) -> HardLinkFuture<P, Q> {
    HardLinkFuture(OnPath::new((src, dst)))
}

/// Made by [`hard_link`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct HardLinkFuture<P, Q>(OnPath<(P, Q), ()>)
where
    P: AsRef<Path>,
    Q: AsRef<Path>;

operation!({P: AsRef<Path>, Q: AsRef<Path>} HardLinkFuture<P, Q> {} -> (), io::Error,
    |this, caller| this.0.poll_two_with(caller, |src, dst| fs::hard_link(src, dst))
);

/// Where a symbolic link leads to, as it is written there.
///
/// # Errors
///
/// `NotFound`, `InvalidInput` for what is no symbolic link, others of the system.
pub fn read_link<P: AsRef<Path>>(path: P) -> ReadLinkFuture<P> {
    ReadLinkFuture(OnPath::new(path))
}

/// Made by [`read_link`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadLinkFuture<P>(OnPath<P, PathBuf>)
where
    P: AsRef<Path>;

operation!({P: AsRef<Path>} ReadLinkFuture<P> {} -> PathBuf, io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::read_link(path))
);
