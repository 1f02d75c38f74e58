//! Reading and writing whole files.

use crate::here::poll_here;
use crate::once::{OnPath, Once};
use crate::operation::operation;
use crate::File;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::task::{ready, Poll};

/// Reads all of a file.
///
/// # Errors
///
/// `NotFound`, `PermissionDenied`, `IsADirectory`, `OutOfMemory` for a file that is too large,
/// others of the system.
///
/// ```
/// # futures03::executor::block_on(async {
/// let manifest = tokio_fs::read("Cargo.toml").await?;
/// assert!(manifest.starts_with(b"[package]"));
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
pub fn read<P>(path: P) -> ReadFile<P>
where
    P: AsRef<Path> + Send + 'static,
{
    ReadFile(OnPath::new(path))
}

/// Made by [`read()`]. See [`Operation`](crate::Operation).
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct ReadFile<P: AsRef<Path> + Send + 'static>(OnPath<P, Vec<u8>>);

operation!({P: AsRef<Path> + Send + 'static} ReadFile<P> {} -> Vec<u8>, io::Error,
    |this, caller| this.0.poll_with(caller, |path| fs::read(path))
);

/// Writes `contents` to a file, which is made, or emptied first if it exists. Gives `contents`
/// back.
///
/// When it is ready, all has reached the operating system. If it fails or is dropped while it is
/// pending, the file may be there with a part of `contents`.
///
/// # Errors
///
/// `NotFound` for a directory that does not exist, `PermissionDenied`, `IsADirectory`,
/// `StorageFull`, others of the system.
///
/// ```
/// use futures::Future; // 0.1
///
/// # let dir = tempfile::tempdir().unwrap();
/// let path = dir.path().join("greeting");
/// let contents = tokio_fs::write(path.clone(), "hello").wait().unwrap();
/// assert_eq!(contents, "hello");
/// assert_eq!(std::fs::read(path).unwrap(), b"hello");
/// ```
pub fn write<P, C: AsRef<[u8]>>(path: P, contents: C) -> WriteFile<P, C>
where
    P: AsRef<Path> + Send + 'static,
{
    WriteFile { path, contents: Some(contents), stage: Stage::Fresh }
}

/// Made by [`write()`]. See [`Operation`](crate::Operation).
#[must_use = "futures do nothing unless polled"]
pub struct WriteFile<P: AsRef<Path> + Send + 'static, C: AsRef<[u8]>> {
    path: P,
    /// `None` once completed.
    contents: Option<C>,
    stage: Stage,
}

enum Stage {
    Fresh,
    /// Not in a pool: the contents, which a thread cannot borrow, go there in pieces.
    Creating(Once<fs::File>),
    Writing(File, usize),
}

operation!({P: AsRef<Path> + Send + 'static, C: AsRef<[u8]>} WriteFile<P, C> {} -> C, io::Error,
    |this, caller| {
        const OVER: &str = "a file operation was polled after it had completed";
        let contents = this.contents.as_ref().expect(OVER).as_ref();
        let written = loop {
            match &mut this.stage {
                Stage::Fresh => {
                    let here = poll_here(caller, || fs::write(this.path.as_ref(), contents));
                    match ready!(here) {
                        Some(written) => break written,
                        None => this.stage = Stage::Creating(Once::Fresh),
                    }
                }
                Stage::Creating(once) => {
                    let path = this.path.as_ref();
                    let elsewhere = || {
                        let path = PathBuf::from(path);
                        move || fs::File::create(path)
                    };
                    match ready!(once.poll_with(caller, || fs::File::create(path), elsewhere)) {
                        Ok(file) => this.stage = Stage::Writing(File::from_std(file), 0),
                        Err(error) => break Err(error),
                    }
                }
                Stage::Writing(_, written) if *written == contents.len() => break Ok(()),
                Stage::Writing(file, written) => {
                    match ready!(file.poll_write_with(caller, &contents[*written..])) {
                        Ok(0) => break Err(io::ErrorKind::WriteZero.into()),
                        Ok(more) => *written += more,
                        Err(error) => break Err(error),
                    }
                }
            }
        };
        let contents = this.contents.take().expect(OVER);
        Poll::Ready(written.map(|()| contents))
    }
);

impl<P, C> fmt::Debug for WriteFile<P, C>
where
    P: AsRef<Path> + Send + 'static + fmt::Debug,
    C: AsRef<[u8]> + fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("WriteFile");
        f.field("path", &self.path).field("contents", &self.contents).finish_non_exhaustive()
    }
}
