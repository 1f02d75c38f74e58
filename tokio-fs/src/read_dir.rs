//! The entries of a directory, as a stream.

use crate::lent::{Lent, Which};
use crate::once::OnPath;
use crate::operation::operation;
use crate::DirEntry;
use futures::{Poll as Poll01, Stream as Stream01};
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use tokio_task::{to_futures01, Caller};

/// The entries of a directory, as a stream: all but `.` and `..`, in no particular order.
///
/// # Errors
///
/// `NotFound`, `NotADirectory`, `PermissionDenied`, others of the system.
///
/// ```
/// use futures03::StreamExt;
///
/// # futures03::executor::block_on(async {
/// let mut entries = tokio_fs::read_dir("src").await?;
/// let mut names = Vec::new();
/// while let Some(entry) = entries.next().await {
///     names.push(entry?.file_name());
/// }
/// assert!(names.iter().any(|name| name == "lib.rs"));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
///
/// ```
/// use futures::{Future, Stream}; // 0.1
///
/// let names = tokio_fs::read_dir("src").flatten_stream().map(|entry| entry.file_name()).collect();
/// assert!(names.wait().unwrap().iter().any(|name| name == "lib.rs"));
/// ```
pub fn read_dir<P>(path: P) -> ReadDirFuture<P>
where
    P: AsRef<Path> + Send + 'static,
{
    ReadDirFuture(OnPath::new(path))
}

/// Made by [`read_dir`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadDirFuture<P>(OnPath<P, fs::ReadDir>)
where
    P: AsRef<Path> + Send + 'static;

operation!({P: AsRef<Path> + Send + 'static} ReadDirFuture<P> {} -> ReadDir, io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::read_dir(path)).map_ok(ReadDir::new)
);

/// A stream of the entries of a directory, for both generations; made by [`read_dir`].
///
/// Entries are read a few dozen at a time. Whether it contains a file that is made or removed
/// meanwhile, the system leaves open. A poll that is given up loses no entry.
///
/// # Errors
///
/// Those of the system. The stream can be polled on.
#[derive(Debug)]
#[must_use = "streams do nothing unless polled"]
pub struct ReadDir {
    dir: Lent<fs::ReadDir>,
    entries: VecDeque<io::Result<DirEntry>>,
    /// std does not promise to report the end twice.
    ended: bool,
}

/// Entries that are read at a time.
const BATCH: usize = 32;

impl ReadDir {
    fn new(dir: fs::ReadDir) -> ReadDir {
        ReadDir { dir: Lent::new(dir), entries: VecDeque::new(), ended: false }
    }

    /// The next entry, or `None` after the last one. The one definition, for either generation.
    ///
    /// # Errors
    ///
    /// Those of the system.
    pub fn poll_next_with(&mut self, caller: Caller<'_>) -> Poll<Option<io::Result<DirEntry>>> {
        if self.entries.is_empty() && !self.ended {
            let read = self.dir.poll_other(caller, Which::NextEntries, |home| {
                let entries = home.resource.by_ref().take(BATCH);
                Ok(entries.map(|entry| entry.map(DirEntry::new)).collect::<VecDeque<_>>())
            });
            match ready!(read) {
                Ok(entries) => {
                    self.ended = entries.len() < BATCH;
                    self.entries = entries;
                }
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
        Poll::Ready(self.entries.pop_front())
    }
}

impl Stream01 for ReadDir {
    type Item = DirEntry;
    type Error = io::Error;

    fn poll(&mut self) -> Poll01<Option<DirEntry>, io::Error> {
        to_futures01(self.poll_next_with(Caller::Futures01).map(Option::transpose))
    }
}

impl futures_core::Stream for ReadDir {
    type Item = io::Result<DirEntry>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_next_with(cx.into())
    }
}
