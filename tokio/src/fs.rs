//! Files, directories and links, for tasks of both generations.
//!
//! Files block: so the operations run in the pool's `blocking`, or outside of a pool on threads of the
//! process; see [`tokio_fs`]. Each future is one of futures 0.1 and can be awaited.
//!
//! ```
//! use futures::Future;
//! # let dir = tempfile::tempdir().unwrap();
//! # let path = dir.path().join("greeting");
//! # let again = path.clone();
//!
//! tokio::run(tokio::fs::write(path, "hello").map(|_| ()).map_err(|e| panic!("{e}")));
//! # let path = again;
//! tokio::run(async move {
//!     assert_eq!(tokio::fs::read(path).await.unwrap(), b"hello");
//! });
//! ```

#[doc(no_inline)]
pub use tokio_fs::{
    create_dir, create_dir_all, file, hard_link, metadata, os, read, read_dir, read_link,
    remove_dir, remove_file, rename, set_permissions, symlink_metadata, write, File, OpenOptions,
    ReadFile, WriteFile,
};
