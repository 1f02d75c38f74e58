//! [`File`]: an open file. Each operation is written once, as `poll_*_with`.

mod clone;
mod futures01;
mod metadata;
mod open;
mod seek;
mod std_future;

pub use self::clone::CloneFuture;
pub use self::metadata::MetadataFuture;
pub use self::open::{CreateFuture, OpenFuture};
pub use self::seek::SeekFuture;
pub use crate::open_options::OpenOptions;

use crate::lent::{Lent, PutBack, Which};
use crate::std_io::retry;
use futures::Poll as Poll01;
use std::fmt;
use std::fs::{self, Metadata, Permissions};
use std::future::poll_fn;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::task::Poll;
use tokio_task::{to_futures01, Caller};

/// An open file.
///
/// In a task of a thread pool its operations run in place, as the pool's `blocking`; in any other
/// task on a thread of their own, and the task waits. (See the crate's docs.) Both keep the order
/// of operations, and both mean: **when an operation is ready, it has happened.** A write that was
/// ready has reached the operating system, as one of [`std::fs::File`] has; dropping the file or
/// ending the process then loses nothing. ([`poll_sync_all`](File::poll_sync_all) also waits for
/// the disk.)
///
/// Operations on one `File` never overlap: while a read waits, for a named pipe say, a write waits
/// behind it, also when they come from the two halves of a split file. For two directions at a time
/// take two files; see [`try_clone`](File::try_clone).
///
/// # Generations
///
/// futures 0.1 uses [`tokio_io::AsyncRead`] and [`tokio_io::AsyncWrite`] (and `std::io::Read` and
/// `Write`, which fail with `WouldBlock` where a 0.1 task would wait, and which block outside of
/// tasks); std uses [`futures_io::AsyncRead`], [`futures_io::AsyncWrite`] and
/// [`futures_io::AsyncSeek`]. Flushing, shutting down and closing write nothing more and keep the
/// file open: they wait for a write that was given up, and report its error. Dropping the file
/// closes it.
///
/// # Cancellation
///
/// Giving up an operation that is pending loses nothing, and breaks no order:
///
/// - bytes that a read was given up for are there for the next read; before any operation that
///   depends on the position of the file, the position is put back to before them;
/// - a write that was given up may have happened, at most once, and completely before whatever
///   comes next. Its error is reported by the next write, flush or other operation but a read. A
///   next write that starts with the same bytes counts as the same one, resumed; as long as no
///   operation but reads and flushes came in between, it is not written twice;
/// - any other operation may have happened too. A `poll_*` of the same operation counts as the
///   same one, resumed, unless the file was read or written in between; a call of an async method
///   always begins anew.
///
/// # Examples
///
/// ```
/// use futures::Future;
/// use tokio_fs::File;
/// use tokio_io::io;
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("greeting");
/// let greet = File::create(path.clone()).and_then(|file| io::write_all(file, b"hello"));
/// greet.wait().unwrap();
/// assert_eq!(std::fs::read(path).unwrap(), b"hello");
/// ```
///
/// ```
/// use futures03::AsyncReadExt;
/// use tokio_fs::File;
///
/// # futures03::executor::block_on(async {
/// let mut manifest = String::new();
/// File::open("Cargo.toml").await?.read_to_string(&mut manifest).await?;
/// assert!(manifest.contains("[package]"));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub struct File {
    file: Lent<fs::File>,
}

impl PutBack for fs::File {
    fn put_back(&mut self, len: u64) -> io::Result<()> {
        let len = i64::try_from(len).map_err(io::Error::other)?;
        self.seek(SeekFrom::Current(-len)).map(drop)
    }
}

impl File {
    /// Opens a file for reading, once the future is polled. See [`OpenOptions`] for other ways.
    ///
    /// A directory can be opened on some systems, and cannot be read.
    ///
    /// # Errors
    ///
    /// `NotFound`, `PermissionDenied` and others of the system.
    pub fn open<P>(path: P) -> OpenFuture<P>
    where
        P: AsRef<Path> + Send + 'static,
    {
        OpenOptions::new().read(true).open(path)
    }

    /// Opens a file for writing, once the future is polled: it is made, or emptied if it exists.
    ///
    /// # Errors
    ///
    /// Those of the system, such as `NotFound` for a directory that does not exist.
    pub fn create<P>(path: P) -> CreateFuture<P>
    where
        P: AsRef<Path> + Send + 'static,
    {
        CreateFuture::new(path)
    }

    /// Makes a file of one of std. It should be in blocking mode: where it is not and is not
    /// ready, operations fail.
    pub fn from_std(std: fs::File) -> File {
        File { file: Lent::new(std) }
    }

    /// The file as one of std, at the position up to which it was read.
    ///
    /// Blocks the thread if an operation is still under way that was given up; an error of such an
    /// operation is forgotten.
    pub fn into_std(self) -> fs::File {
        self.file.into_resource()
    }

    /// Reads up to `buf.len()` bytes; 0 for a non-empty `buf` means the end of the file. The one
    /// definition of reading, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the system, such as for reading a directory. Never `WouldBlock` or `Interrupted`.
    pub fn poll_read_with(
        &mut self,
        caller: Caller<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.file.poll_read(caller, buf)
    }

    /// Writes some bytes from the start of `buf`, and returns how many. The one definition of
    /// writing, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the system, such as `StorageFull`, also those of an operation that was given up.
    /// Never `WouldBlock` or `Interrupted`.
    pub fn poll_write_with(&mut self, caller: Caller<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.file.poll_write(caller, buf)
    }

    /// Waits for a write that was given up. Else there is nothing to flush.
    ///
    /// # Errors
    ///
    /// Those of an operation that was given up.
    pub fn poll_flush_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        self.file.poll_idle(caller)
    }

    /// Moves the position, and says where it is then, in bytes from the start. For either
    /// generation.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a position before the start; those of the system for what has no
    /// position, such as a pipe.
    pub fn poll_seek_with(&mut self, caller: Caller<'_>, pos: SeekFrom) -> Poll<io::Result<u64>> {
        self.file.poll_other(caller, Which::Seek(pos), move |home| {
            home.put_back();
            retry(|| home.resource.seek(pos))
        })
    }

    /// [`poll_seek_with`](Self::poll_seek_with) for futures 0.1.
    pub fn poll_seek(&mut self, pos: SeekFrom) -> Poll01<u64, io::Error> {
        to_futures01(self.poll_seek_with(Caller::Futures01, pos))
    }

    /// Moves the position, and gives the file back with it. For both generations: `.and_then(..)`
    /// it or `.await` it. (`futures`' `AsyncSeekExt::seek(&mut file, pos)` borrows the file.)
    ///
    /// # Errors
    ///
    /// As [`poll_seek_with`](Self::poll_seek_with); the file is then closed.
    pub fn seek(self, pos: SeekFrom) -> SeekFuture {
        SeekFuture::new(self, pos)
    }

    /// Waits until all that was written, and the file's metadata, are on the disk. For either
    /// generation.
    ///
    /// # Errors
    ///
    /// Those of the system: what was written may be lost.
    pub fn poll_sync_all_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        self.file.poll_other(caller, Which::SyncAll, |home| home.resource.sync_all())
    }

    /// [`poll_sync_all_with`](Self::poll_sync_all_with) for futures 0.1.
    pub fn poll_sync_all(&mut self) -> Poll01<(), io::Error> {
        to_futures01(self.poll_sync_all_with(Caller::Futures01))
    }

    /// [`poll_sync_all_with`](Self::poll_sync_all_with) for std tasks.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn sync_all(&mut self) -> io::Result<()> {
        let Asking(file) = &mut Asking(self);
        poll_fn(|cx| file.poll_sync_all_with(cx.into())).await
    }

    /// Waits until all that was written is on the disk, and of the metadata what is needed to read
    /// it. For either generation.
    ///
    /// # Errors
    ///
    /// Those of the system: what was written may be lost.
    pub fn poll_sync_data_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<()>> {
        self.file.poll_other(caller, Which::SyncData, |home| home.resource.sync_data())
    }

    /// [`poll_sync_data_with`](Self::poll_sync_data_with) for futures 0.1.
    pub fn poll_sync_data(&mut self) -> Poll01<(), io::Error> {
        to_futures01(self.poll_sync_data_with(Caller::Futures01))
    }

    /// [`poll_sync_data_with`](Self::poll_sync_data_with) for std tasks.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn sync_data(&mut self) -> io::Result<()> {
        let Asking(file) = &mut Asking(self);
        poll_fn(|cx| file.poll_sync_data_with(cx.into())).await
    }

    /// Cuts the file, or fills it up with zeroes, to `size` bytes; the position stays. For either
    /// generation.
    ///
    /// # Errors
    ///
    /// Those of the system, such as for a file that is not open for writing.
    pub fn poll_set_len_with(&mut self, caller: Caller<'_>, size: u64) -> Poll<io::Result<()>> {
        self.file.poll_other(caller, Which::SetLen(size), move |home| {
            // Bytes that were read ahead may be cut off.
            home.put_back();
            home.resource.set_len(size)
        })
    }

    /// [`poll_set_len_with`](Self::poll_set_len_with) for futures 0.1.
    pub fn poll_set_len(&mut self, size: u64) -> Poll01<(), io::Error> {
        to_futures01(self.poll_set_len_with(Caller::Futures01, size))
    }

    /// [`poll_set_len_with`](Self::poll_set_len_with) for std tasks.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn set_len(&mut self, size: u64) -> io::Result<()> {
        let Asking(file) = &mut Asking(self);
        poll_fn(|cx| file.poll_set_len_with(cx.into(), size)).await
    }

    /// The file's size, permissions, times. For either generation.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn poll_metadata_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<Metadata>> {
        self.file.poll_other(caller, Which::Metadata, |home| home.resource.metadata())
    }

    /// [`poll_metadata_with`](Self::poll_metadata_with) for futures 0.1.
    pub fn poll_metadata(&mut self) -> Poll01<Metadata, io::Error> {
        to_futures01(self.poll_metadata_with(Caller::Futures01))
    }

    /// The file's metadata, with the file given back. For both generations.
    ///
    /// # Errors
    ///
    /// Those of the system; the file is then closed.
    pub fn metadata(self) -> MetadataFuture {
        MetadataFuture::new(self)
    }

    /// A second handle of the file; both share one position. For either generation.
    ///
    /// # Errors
    ///
    /// Those of the system, such as too many open files.
    pub fn poll_try_clone_with(&mut self, caller: Caller<'_>) -> Poll<io::Result<File>> {
        let cloned = self.file.poll_other(caller, Which::TryClone, |home| {
            home.put_back();
            home.resource.try_clone()
        });
        cloned.map_ok(File::from_std)
    }

    /// [`poll_try_clone_with`](Self::poll_try_clone_with) for futures 0.1.
    pub fn poll_try_clone(&mut self) -> Poll01<File, io::Error> {
        to_futures01(self.poll_try_clone_with(Caller::Futures01))
    }

    /// A second handle of the file, with the first one given back; both share one position. For
    /// both generations.
    ///
    /// # Errors
    ///
    /// Those of the system, with the file given back.
    pub fn try_clone(self) -> CloneFuture {
        CloneFuture::new(self)
    }

    /// Changes the file's permissions. For either generation.
    ///
    /// # Errors
    ///
    /// Those of the system, such as `PermissionDenied` for a file of somebody else.
    pub fn poll_set_permissions_with(
        &mut self,
        caller: Caller<'_>,
        perm: Permissions,
    ) -> Poll<io::Result<()>> {
        let which = Which::SetPermissions(perm.clone());
        self.file.poll_other(caller, which, move |home| home.resource.set_permissions(perm))
    }

    /// [`poll_set_permissions_with`](Self::poll_set_permissions_with) for futures 0.1.
    pub fn poll_set_permissions(&mut self, perm: Permissions) -> Poll01<(), io::Error> {
        to_futures01(self.poll_set_permissions_with(Caller::Futures01, perm))
    }

    /// [`poll_set_permissions_with`](Self::poll_set_permissions_with) for std tasks.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn set_permissions(&mut self, perm: Permissions) -> io::Result<()> {
        let Asking(file) = &mut Asking(self);
        poll_fn(|cx| file.poll_set_permissions_with(cx.into(), perm.clone())).await
    }
}

impl From<fs::File> for File {
    fn from(std: fs::File) -> File {
        File::from_std(std)
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("std", &self.file).finish()
    }
}

/// An async operation on a file. Unlike one that is polled, it knows when it is given up: then the
/// next one is not taken for the same, and begins anew.
struct Asking<'a>(&'a mut File);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.file.give_up();
    }
}

/// For futures that give their file away with the result.
fn gone<T>() -> T {
    panic!("a file operation was polled after it had completed")
}
