//! What is known about a file besides its contents.

use crate::once::OnPath;
use crate::operation::operation;
use std::fs::{self, Metadata, Permissions};
use std::io;
use std::path::Path;

/// The size, permissions and times of a file; of that to which a symbolic link leads.
///
/// # Errors
///
/// `NotFound`, also at the end of a symbolic link, `PermissionDenied`, others of the system.
pub fn metadata<P: AsRef<Path> + Send + 'static>(path: P) -> MetadataFuture<P> {
    MetadataFuture(OnPath::new(path))
}

/// Made by [`metadata`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct MetadataFuture<P>(OnPath<P, Metadata>)
where
    P: AsRef<Path> + Send + 'static;

operation!({P: AsRef<Path> + Send + 'static} MetadataFuture<P> {} -> Metadata, io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::metadata(path))
);

/// As [`metadata`], but of a symbolic link itself.
///
/// # Errors
///
/// `NotFound`, `PermissionDenied`, others of the system.
pub fn symlink_metadata<P: AsRef<Path> + Send + 'static>(path: P) -> SymlinkMetadataFuture<P> {
    SymlinkMetadataFuture(OnPath::new(path))
}

/// Made by [`symlink_metadata`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SymlinkMetadataFuture<P>(OnPath<P, Metadata>)
where
    P: AsRef<Path> + Send + 'static;

operation!({P: AsRef<Path> + Send + 'static} SymlinkMetadataFuture<P> {} -> Metadata, io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::symlink_metadata(path))
);

/// Changes the permissions of a file; of that to which a symbolic link leads.
///
/// # Errors
///
/// `NotFound`, `PermissionDenied` for a file of somebody else, others of the system.
pub fn set_permissions<P: AsRef<Path>>(path: P, perm: Permissions) -> SetPermissionsFuture<P> {
    SetPermissionsFuture { path: OnPath::new(path), perm }
}

/// Made by [`set_permissions`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct SetPermissionsFuture<P>
where
    P: AsRef<Path>,
{
    path: OnPath<P, ()>,
    perm: Permissions,
}

operation!({P: AsRef<Path>} SetPermissionsFuture<P> {} -> (), io::Error, |this, caller| {
    let perm = this.perm.clone();
    this.path.poll_with(caller, move |path| fs::set_permissions(path, perm.clone()))
});
