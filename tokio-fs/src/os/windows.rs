//! What only Windows has.

use crate::once::OnPath;
use crate::operation::operation;
use std::io;
use std::os::windows::fs;
use std::path::Path;

/// Makes `dst` a symbolic link that leads to the directory `src`.
///
/// # Errors
///
/// `AlreadyExists`, `PermissionDenied` (the right to make such links is seldom given), others of the
/// system.
pub fn symlink_dir<P: AsRef<Path>, Q: AsRef<Path>>(src: P, dst: Q) -> SymlinkDirFuture<P, Q> {
    SymlinkDirFuture(OnPath::new((src, dst)))
}

/// Made by [`symlink_dir`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SymlinkDirFuture<P, Q>(OnPath<(P, Q), ()>)
where
    P: AsRef<Path>,
    Q: AsRef<Path>;

operation!({P: AsRef<Path>, Q: AsRef<Path>} SymlinkDirFuture<P, Q> {} -> (), io::Error,
    |this, caller| this.0.poll_two_with(caller, |src, dst| fs::symlink_dir(src, dst))
);

/// Makes `dst` a symbolic link that leads to the file `src`.
///
/// # Errors
///
/// As [`symlink_dir`].
pub fn symlink_file<P: AsRef<Path>, Q: AsRef<Path>>(src: P, dst: Q) -> SymlinkFileFuture<P, Q> {
    SymlinkFileFuture(OnPath::new((src, dst)))
}

/// Made by [`symlink_file`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SymlinkFileFuture<P, Q>(OnPath<(P, Q), ()>)
where
    P: AsRef<Path>,
    Q: AsRef<Path>;

operation!({P: AsRef<Path>, Q: AsRef<Path>} SymlinkFileFuture<P, Q> {} -> (), io::Error,
    |this, caller| this.0.poll_two_with(caller, |src, dst| fs::symlink_file(src, dst))
);
