#![doc = include_str!("../README.md")]
//!
//! # Where things are
//!
//! | file | decides |
//! |---|---|
//! | `here.rs` | where an operation runs: in place or on a thread |
//! | `once.rs` | an operation that is run once |
//! | `lent.rs`, `unread.rs` | operations on an open file, one at a time; what those leave that are given up |
//! | `crew.rs`, `job.rs` | the threads outside of a pool, and work for them |
//! | `waiting.rs` | tasks that wait for a value to change |
//! | `std_io.rs` | what `Interrupted` and `WouldBlock` mean |
//! | `operation.rs` | [`Operation`], [`Running`]: what all futures here share |
//! | `file.rs` | [`File`]: each operation once, as `poll_*_with` |
//! | `file/futures01.rs`, `file/std_future.rs` | the spellings of either generation |
//! | `file/open.rs` … | futures that give the file back |
//! | `open_options.rs` | [`OpenOptions`] |
//! | `contents.rs` | [`read()`], [`write()`]: whole files |
//! | `directories.rs`, `read_dir.rs`, `dir_entry.rs` | directories: make, remove, list |
//! | `names.rs`, `os.rs` | links; rename and remove |
//! | `metadata.rs` | metadata and permissions of a path |
//! | `stdin.rs`, `output.rs` | the standard streams |
#![forbid(unsafe_code)]

mod contents;
mod crew;
mod dir_entry;
mod directories;
pub mod file;
mod here;
mod job;
mod lent;
mod metadata;
mod names;
mod once;
mod open_options;
mod operation;
pub mod os;
mod output;
mod read_dir;
mod std_io;
mod stdin;
mod sync;
mod unread;
mod waiting;

pub use crate::contents::{read, write, ReadFile, WriteFile};
pub use crate::dir_entry::DirEntry;
pub use crate::directories::{
    create_dir, create_dir_all, remove_dir, CreateDirAllFuture, CreateDirFuture, RemoveDirFuture,
};
pub use crate::file::{File, OpenOptions};
pub use crate::metadata::{
    metadata, set_permissions, symlink_metadata, MetadataFuture, SetPermissionsFuture,
    SymlinkMetadataFuture,
};
pub use crate::names::{
    hard_link, read_link, remove_file, rename, HardLinkFuture, ReadLinkFuture, RemoveFileFuture,
    RenameFuture,
};
pub use crate::operation::{Operation, Running};
pub use crate::output::{stderr, stdout, Stderr, Stdout};
pub use crate::read_dir::{read_dir, ReadDir, ReadDirFuture};
pub use crate::stdin::{stdin, Stdin};
