//! One entry of a directory.

use crate::once::Once;
use crate::sync::{lock, Mutex};
use futures::Poll as Poll01;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, FileType, Metadata};
use std::future::poll_fn;
use std::io;
use std::mem;
use std::path::PathBuf;
use std::task::Poll;
use tokio_task::{to_futures01, Caller};

/// An entry of a directory, from [`ReadDir`](crate::ReadDir).
pub struct DirEntry {
    entry: fs::DirEntry,
    /// As the directory tells it, without a look at the file. Not every file system does.
    file_type: Option<FileType>,
    /// An operation under way. Not here while a task polls it: another one begins its own then.
    metadata: Mutex<Once<Metadata>>,
}

impl DirEntry {
    pub(crate) fn new(entry: fs::DirEntry) -> DirEntry {
        let file_type = entry.file_type().ok();
        DirEntry { entry, file_type, metadata: Mutex::new(Once::Fresh) }
    }

    /// The entry as one of std.
    pub fn into_std(self) -> fs::DirEntry {
        self.entry
    }

    /// The directory's path as it was given to `read_dir`, with the entry's name.
    pub fn path(&self) -> PathBuf {
        self.entry.path()
    }

    /// The entry's name.
    pub fn file_name(&self) -> OsString {
        self.entry.file_name()
    }

    /// The file's size, permissions, times; of a symbolic link itself. For either generation.
    ///
    /// # Errors
    ///
    /// `NotFound` if the file is gone, others of the system.
    pub fn poll_metadata_with(&self, caller: Caller<'_>) -> Poll<io::Result<Metadata>> {
        // A task that polls on, having been woken by an operation whose place another one took,
        // begins anew.
        let mut once = mem::replace(&mut *lock(&self.metadata), Once::Fresh);
        let metadata = once.poll_with(
            caller,
            || self.entry.metadata(),
            || {
                let path = self.entry.path();
                move || fs::symlink_metadata(path)
            },
        );
        if metadata.is_pending() {
            let displaced = mem::replace(&mut *lock(&self.metadata), once);
            drop(displaced);
        }
        metadata
    }

    /// [`poll_metadata_with`](Self::poll_metadata_with) for futures 0.1.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn poll_metadata(&self) -> Poll01<Metadata, io::Error> {
        to_futures01(self.poll_metadata_with(Caller::Futures01))
    }

    /// [`poll_metadata_with`](Self::poll_metadata_with) for std tasks.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn metadata(&self) -> io::Result<Metadata> {
        poll_fn(|cx| self.poll_metadata_with(cx.into())).await
    }

    /// Whether it is a file, a directory, a symbolic link or something else. Mostly known without
    /// another look at the file. For either generation.
    ///
    /// # Errors
    ///
    /// As [`poll_metadata_with`](Self::poll_metadata_with).
    pub fn poll_file_type_with(&self, caller: Caller<'_>) -> Poll<io::Result<FileType>> {
        match self.file_type {
            Some(file_type) => Poll::Ready(Ok(file_type)),
            None => self.poll_metadata_with(caller).map_ok(|metadata| metadata.file_type()),
        }
    }

    /// [`poll_file_type_with`](Self::poll_file_type_with) for futures 0.1.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn poll_file_type(&self) -> Poll01<FileType, io::Error> {
        to_futures01(self.poll_file_type_with(Caller::Futures01))
    }

    /// [`poll_file_type_with`](Self::poll_file_type_with) for std tasks.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn file_type(&self) -> io::Result<FileType> {
        poll_fn(|cx| self.poll_file_type_with(cx.into())).await
    }
}

#[cfg(unix)]
impl std::os::unix::fs::DirEntryExt for DirEntry {
    fn ino(&self) -> u64 {
        self.entry.ino()
    }
}

impl fmt::Debug for DirEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DirEntry").field(&self.entry.path()).finish()
    }
}
