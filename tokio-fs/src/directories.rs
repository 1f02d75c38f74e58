//! Making and removing directories.

use crate::once::OnPath;
use crate::operation::operation;
use std::fs;
use std::io;
use std::path::Path;

/// Makes a directory.
///
/// # Errors
///
/// `NotFound` if its parent does not exist, `AlreadyExists`, `PermissionDenied`, others of the
/// system.
///
/// ```
/// # futures03::executor::block_on(async {
/// # let dir = tempfile::tempdir()?;
/// tokio_fs::create_dir(dir.path().join("new")).await?;
/// assert!(dir.path().join("new").is_dir());
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn create_dir<P: AsRef<Path>>(path: P) -> CreateDirFuture<P> {
    CreateDirFuture(OnPath::new(path))
}

/// Made by [`create_dir`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CreateDirFuture<P>(OnPath<P, ()>)
where
    P: AsRef<Path>;

operation!({P: AsRef<Path>} CreateDirFuture<P> {} -> (), io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::create_dir(path))
);

/// Makes a directory and those above it that do not exist. One that exists is fine.
///
/// # Errors
///
/// `AlreadyExists` if a file is in the way, `PermissionDenied`, others of the system. Directories that
/// were made before the error stay.
pub fn create_dir_all<P: AsRef<Path>>(path: P) -> CreateDirAllFuture<P> {
    CreateDirAllFuture(OnPath::new(path))
}

/// Made by [`create_dir_all`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct CreateDirAllFuture<P>(OnPath<P, ()>)
where
    P: AsRef<Path>;

operation!({P: AsRef<Path>} CreateDirAllFuture<P> {} -> (), io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::create_dir_all(path))
);

/// Removes an empty directory.
///
/// # Errors
///
/// `NotFound`, `DirectoryNotEmpty`, `NotADirectory`, others of the system.
pub fn remove_dir<P: AsRef<Path>>(path: P) -> RemoveDirFuture<P> {
    RemoveDirFuture(OnPath::new(path))
}

/// Made by [`remove_dir`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct RemoveDirFuture<P>(OnPath<P, ()>)
where
    P: AsRef<Path>;

operation!({P: AsRef<Path>} RemoveDirFuture<P> {} -> (), io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::remove_dir(path))
);
