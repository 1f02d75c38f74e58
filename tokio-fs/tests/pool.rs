//! In a thread pool: one without `blocking`, and shutdown.

mod support;

use futures::sync::oneshot;
use futures::Future as _;
use futures03::AsyncWriteExt as _;
use std::fs;
use std::sync::mpsc::channel;
use support::{bounded, LIMIT};
use tempfile::tempdir;
use tokio_fs::File;
use tokio_threadpool::Builder;

#[test]
fn a_pool_that_allows_no_blocking_is_served_by_other_threads() {
    bounded(|| {
        let pool = Builder::new().pool_size(1).max_blocking(0).build();
        let dir = tempdir().unwrap();
        let path = dir.path().join("file");
        let written = tokio_fs::write(path.clone(), "hello").map(drop);
        pool.spawn_handle(written).wait().unwrap();
        let read = pool.spawn(async { tokio_fs::read(path).await }).join().wait().unwrap();
        assert_eq!(read.unwrap(), b"hello");
    });
}

#[test]
fn what_was_written_outlives_a_shutdown() {
    bounded(|| {
        let dir = tempdir().unwrap();
        for generation in ["futures01", "std"] {
            let pool = Builder::new().pool_size(1).build();
            let path = dir.path().join(generation);
            let (wrote, written) = channel();
            // Neither flushed, nor dropped before the shutdown drops it.
            let (never, end) = oneshot::channel::<()>();
            if generation == "std" {
                pool.spawn({
                    let path = path.clone();
                    async move {
                        let mut file = File::create(path).await.unwrap();
                        file.write_all(b"hello").await.unwrap();
                        wrote.send(()).unwrap();
                        let _ = tokio_task::Futures01AsStd::new(end).await;
                        drop(file);
                    }
                });
            } else {
                let task = File::create(path.clone())
                    .and_then(|file| tokio_io::io::write_all(file, "hello"))
                    .map(move |(file, _)| {
                        wrote.send(()).unwrap();
                        file
                    })
                    .map_err(|error| panic!("{error}"))
                    .and_then(|file| end.then(|_| Ok(file)).map(drop));
                pool.spawn(task);
            }
            written.recv_timeout(LIMIT).unwrap();
            pool.shutdown_now().wait().unwrap();
            assert_eq!(fs::read(path).unwrap(), b"hello");
            drop(never);
        }
    });
}

#[test]
fn a_shutdown_waits_for_tasks_that_work_on_files() {
    bounded(|| {
        let pool = Builder::new().pool_size(2).build();
        let dir = tempdir().unwrap();
        for i in 0..50 {
            let path = dir.path().join(format!("{i}"));
            pool.spawn(async move {
                let mut file = File::create(path).await.unwrap();
                for part in ["one", " two"] {
                    file.write_all(part.as_bytes()).await.unwrap();
                }
            });
        }
        pool.shutdown_on_idle().wait().unwrap();
        for i in 0..50 {
            assert_eq!(fs::read(dir.path().join(format!("{i}"))).unwrap(), b"one two");
        }
    });
}
