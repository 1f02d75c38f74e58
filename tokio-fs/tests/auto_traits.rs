//! What goes from thread to thread, and that every future can be spawned and blocked on.

use std::cell::Cell;
use std::fs::Permissions;
use std::future::IntoFuture;
use std::io::{self, SeekFrom};
use std::path::{Path, PathBuf};
use tokio_fs::file::{CloneFuture, CreateFuture, MetadataFuture as FileMetadataFuture};
use tokio_fs::file::{OpenFuture, SeekFuture};
use tokio_fs::*;
use tokio_threadpool::ThreadPool;

fn everything<T: Send + Sync + Unpin + 'static>() {}
fn send<T: Send>() {}
fn sync<T: Sync>() {}

/// A path that is neither `Send` nor `Sync`, and one that is `Send` alone.
struct Bound(#[allow(dead_code)] *const u8);
struct Sendable(#[allow(dead_code)] Cell<u8>);

impl AsRef<Path> for Bound {
    fn as_ref(&self) -> &Path {
        Path::new("")
    }
}

impl AsRef<Path> for Sendable {
    fn as_ref(&self) -> &Path {
        Path::new("")
    }
}

#[test]
fn files_and_futures_go_from_thread_to_thread() {
    everything::<File>();
    everything::<OpenOptions>();
    everything::<ReadDir>();
    everything::<DirEntry>();
    everything::<Stdin>();
    everything::<Stdout>();
    everything::<Stderr>();
    everything::<CloneFuture>();
    everything::<FileMetadataFuture>();
    everything::<SeekFuture>();
    everything::<OpenFuture<PathBuf>>();
    everything::<CreateFuture<PathBuf>>();
    everything::<CreateDirFuture<PathBuf>>();
    everything::<CreateDirAllFuture<PathBuf>>();
    everything::<RemoveDirFuture<PathBuf>>();
    everything::<RemoveFileFuture<PathBuf>>();
    everything::<RenameFuture<PathBuf, PathBuf>>();
    everything::<HardLinkFuture<PathBuf, PathBuf>>();
    everything::<ReadLinkFuture<PathBuf>>();
    everything::<MetadataFuture<PathBuf>>();
    everything::<SymlinkMetadataFuture<PathBuf>>();
    everything::<SetPermissionsFuture<PathBuf>>();
    everything::<ReadDirFuture<PathBuf>>();
    everything::<ReadFile<PathBuf>>();
    everything::<WriteFile<PathBuf, Vec<u8>>>();
    everything::<Running<ReadFile<PathBuf>>>();
    #[cfg(unix)]
    everything::<os::unix::SymlinkFuture<PathBuf, PathBuf>>();
    #[cfg(windows)]
    everything::<os::windows::SymlinkDirFuture<PathBuf, PathBuf>>();
    #[cfg(windows)]
    everything::<os::windows::SymlinkFileFuture<PathBuf, PathBuf>>();
}

#[test]
fn a_path_decides_where_its_future_goes() {
    send::<CreateDirFuture<Sendable>>();
    send::<RenameFuture<Sendable, Sendable>>();
    send::<OpenFuture<Sendable>>();
    send::<WriteFile<Sendable, Sendable01>>();
    sync::<MetadataFuture<PathBuf>>();
    // Those with bounds of their own take no other.
    let _ = create_dir(Bound(std::ptr::null()));
    let _ = rename(Bound(std::ptr::null()), Bound(std::ptr::null()));
}

struct Sendable01(#[allow(dead_code)] Cell<u8>);

impl AsRef<[u8]> for Sendable01 {
    fn as_ref(&self) -> &[u8] {
        &[]
    }
}

/// Compiles: each is one kind of future only, so none is ambiguous.
#[allow(dead_code)]
fn every_future_can_be_spawned_and_blocked_on(pool: &ThreadPool, perm: Permissions, file: File) {
    use futures::Future as _;

    fn spawned<F>(pool: &ThreadPool, future: F)
    where
        F: futures::Future + Send + 'static,
        F: IntoFuture<Output = Result<F::Item, F::Error>, IntoFuture: Send> + 'static,
        F::Item: Send,
        F::Error: Send,
    {
        pool.spawn(future.map(drop).map_err(drop));
    }

    let path = PathBuf::new;
    pool.spawn(create_dir(path()).map_err(drop));
    pool.spawn(create_dir(path()).into_future());
    pool.spawn(async { create_dir("").await });
    pool.spawn_block_on(create_dir(path()));
    pool.spawn_block_on(read(path()));
    pool.spawn_block_on(write(path(), ""));
    pool.spawn_block_on(File::open(path()));
    pool.spawn_block_on(File::create(path()));
    pool.spawn_block_on(read_dir(path()));
    spawned(pool, create_dir_all(path()));
    spawned(pool, remove_dir(path()));
    spawned(pool, remove_file(path()));
    spawned(pool, rename(path(), path()));
    spawned(pool, hard_link(path(), path()));
    spawned(pool, read_link(path()));
    spawned(pool, metadata(path()));
    spawned(pool, symlink_metadata(path()));
    spawned(pool, set_permissions(path(), perm));
    spawned(pool, read_dir(path()));
    spawned(pool, read(path()));
    spawned(pool, write(path(), ""));
    spawned(pool, File::open(path()));
    spawned(pool, File::create(path()));
    let all = file.seek(SeekFrom::Start(0)).and_then(|(file, _)| file.metadata());
    let all = all.and_then(|(file, _)| file.try_clone().map_err(|(_, error)| error));
    pool.spawn_block_on(all);
    pool.spawn(async {
        let mut file = File::open("").await?;
        file.sync_all().await?;
        file.sync_data().await?;
        file.set_len(1).await?;
        file.set_permissions(std::fs::metadata("")?.permissions()).await?;
        let (file, _) = file.seek(SeekFrom::Start(0)).await?;
        let (file, _) = file.metadata().await?;
        let (_, _) = file.try_clone().await.map_err(|(_, error)| error)?;
        io::Result::Ok(())
    });
}
