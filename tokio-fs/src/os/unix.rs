//! What only Unix has.

use crate::once::OnPath;
use crate::operation::operation;
use std::io;
use std::os::unix::fs;
use std::path::Path;

/// Makes `dst` a symbolic link that leads to `src`, which need not exist.
///
/// # Errors
///
/// `AlreadyExists`, `PermissionDenied`, others of the system.
pub fn symlink<P: AsRef<Path>, Q: AsRef<Path>>(src: P, dst: Q) -> SymlinkFuture<P, Q> {
    SymlinkFuture(OnPath::new((src, dst)))
}

/// Made by [`symlink`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SymlinkFuture<P, Q>(OnPath<(P, Q), ()>)
where
    P: AsRef<Path>,
    Q: AsRef<Path>;

operation!({P: AsRef<Path>, Q: AsRef<Path>} SymlinkFuture<P, Q> {} -> (), io::Error,
    |this, caller| this.0.poll_two_with(caller, |src, dst| fs::symlink(src, dst))
);
