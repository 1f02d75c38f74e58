//! [`OpenOptions`]: how a file is opened.

use crate::file::OpenFuture;
use std::fs;
use std::path::Path;

/// How a file is opened: for reading or writing, whether it is made or emptied.
///
/// The same as [`std::fs::OpenOptions`], from which it can be made: options of one platform are set
/// there. For both generations.
///
/// ```
/// use futures03::AsyncWriteExt;
/// use tokio_fs::OpenOptions;
///
/// # let dir = tempfile::tempdir().unwrap();
/// # let path = dir.path().join("log");
/// # let path2 = path.clone();
/// # futures03::executor::block_on(async {
/// let mut log = OpenOptions::new().append(true).create(true).open(path).await?;
/// log.write_all(b"started\n").await?;
/// # assert_eq!(std::fs::read(path2)?, b"started\n");
/// # std::io::Result::Ok(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions(fs::OpenOptions);

impl OpenOptions {
    /// Nothing allowed yet.
    #[allow(clippy::new_without_default, reason = "as std's")]
    pub fn new() -> OpenOptions {
        OpenOptions(fs::OpenOptions::new())
    }

    /// Whether the file may be read.
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.0.read(read);
        self
    }

    /// Whether the file may be written.
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.0.write(write);
        self
    }

    /// Whether each write goes to the end of the file, wherever that is then.
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.0.append(append);
        self
    }

    /// Whether a file that exists is emptied. Needs `write`.
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.0.truncate(truncate);
        self
    }

    /// Whether a file that does not exist is made. Needs `write` or `append`.
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.0.create(create);
        self
    }

    /// Whether the file is made, and must not exist: `AlreadyExists` if it does. Then `create` and
    /// `truncate` mean nothing.
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.0.create_new(create_new);
        self
    }

    /// Opens a file with these options, once the future is polled.
    ///
    /// # Errors
    ///
    /// `NotFound`, `PermissionDenied`, `AlreadyExists`, `InvalidInput` for options that contradict
    /// each other, and others of the system.
    pub fn open<P>(&self, path: P) -> OpenFuture<P>
    where
        P: AsRef<Path> + Send + 'static,
    {
        OpenFuture::new(self.0.clone(), path)
    }
}

impl From<fs::OpenOptions> for OpenOptions {
    fn from(options: fs::OpenOptions) -> OpenOptions {
        OpenOptions(options)
    }
}
