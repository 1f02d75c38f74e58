//! Named pipes, whose operations wait for somebody at the other end: who waits with them, and who does
//! not.
#![cfg(unix)]

mod support;

use futures::Future as _;
use futures03::executor::{block_on, LocalPool};
use futures03::task::LocalSpawnExt;
use futures03::{AsyncReadExt as _, AsyncWriteExt as _};
use std::fs;
use std::future::Future;
use std::pin::pin;
use std::sync::mpsc::channel;
use std::task::{Context, Waker};
use support::{bounded, LIMIT};
use tempfile::tempdir;
use tokio_fs::{File, OpenOptions};
use tokio_threadpool::Builder;

/// A named pipe, and a path to it.
fn fifo() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempdir().unwrap();
    let path = dir.path().join("fifo");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    (dir, path)
}

/// On one thread: a task that waits for a named pipe, and another one without which nothing comes.
#[test]
fn other_tasks_of_the_thread_go_on() {
    bounded(|| {
        let (_dir, path) = fifo();
        let mut pool = LocalPool::new();
        let reader = path.clone();
        let read = pool
            .spawner()
            .spawn_local_with_handle(async move {
                let mut all = String::new();
                File::open(reader).await?.read_to_string(&mut all).await?;
                std::io::Result::Ok(all)
            })
            .unwrap();
        let write = pool
            .spawner()
            .spawn_local_with_handle(async move {
                let mut file = OpenOptions::new().write(true).open(path).await?;
                for part in ["one", " two"] {
                    file.write_all(part.as_bytes()).await?;
                }
                std::io::Result::Ok(())
            })
            .unwrap();
        let (read, wrote) = pool.run_until(async { futures03::join!(read, write) });
        wrote.unwrap();
        assert_eq!(read.unwrap(), "one two");
    });
}

/// A read of a pipe is given up before there is anything to read.
#[test]
fn bytes_of_a_read_that_was_given_up_are_read_next() {
    bounded(|| {
        let (_dir, path) = fifo();
        let both = OpenOptions::new().read(true).write(true).open(path.clone());
        let mut file = block_on(async { both.await }).unwrap();
        let cx = &mut Context::from_waker(Waker::noop());
        assert!(pin!(file.read(&mut [0; 8])).as_mut().poll(cx).is_pending());
        fs::write(&path, "hello").unwrap();
        let mut buf = [0; 3];
        block_on(file.read_exact(&mut buf)).unwrap();
        assert_eq!(&buf, b"hel");
        // What cannot be put back stays, and the write goes through all the same.
        block_on(file.write_all(b" world")).unwrap();
        let mut buf = [0; 8];
        block_on(file.read_exact(&mut buf)).unwrap();
        assert_eq!(&buf, b"lo world");
    });
}

/// More tasks wait than there are threads; all come to their end.
#[test]
fn more_operations_than_threads_make_progress() {
    bounded(|| {
        let (_dir, path) = fifo();
        let opens: Vec<_> = (0..200)
            .map(|_| {
                let open = File::open(path.clone());
                async { open.await.map(drop) }
            })
            .collect();
        // Each open for reading waits for one for writing, which waits for the first of them.
        let opener = std::thread::spawn(move || fs::OpenOptions::new().write(true).open(&path));
        for opened in block_on(futures03::future::join_all(opens)) {
            opened.unwrap();
        }
        opener.join().unwrap().unwrap();
    });
}

/// The only permit is taken by a task that waits for a named pipe.
#[test]
fn operations_wait_for_a_permit_and_go_on_when_there_is_one() {
    bounded(|| {
        let pool = Builder::new().pool_size(2).max_blocking(1).build();
        let (dir, fifo) = fifo();
        // Opened for both, so that the test's own opens do not wait.
        let keep = fs::OpenOptions::new().read(true).write(true).open(&fifo).unwrap();
        let (reads, reading) = channel();
        let path = fifo.clone();
        let blocked = pool.spawn(async move {
            let mut file = File::open(path).await?;
            reads.send(()).unwrap();
            file.read(&mut [0; 1]).await
        });
        reading.recv_timeout(LIMIT).unwrap();
        let (wrote, written) = channel();
        let mut others = Vec::new();
        for i in 0..20 {
            let (path, wrote) = (dir.path().join(format!("{i}")), wrote.clone());
            if i % 2 == 0 {
                let write = tokio_fs::write(path, "futures01");
                pool.spawn(write.map(move |_| wrote.send(()).unwrap()).map_err(|e| panic!("{e}")));
            } else {
                others.push(pool.spawn(async move {
                    let mut file = File::create(path).await.unwrap();
                    file.write_all(b"std").await.unwrap();
                    wrote.send(()).unwrap();
                }));
            }
        }
        // Not all of the pool's threads are taken: tasks that do not block go on.
        pool.spawn(async {}).join().wait().unwrap();
        std::io::Write::write_all(&mut &keep, b"x").unwrap();
        for _ in 0..20 {
            written.recv_timeout(LIMIT).unwrap();
        }
        assert_eq!(blocked.join().wait().unwrap().unwrap(), 1);
        for i in 0..20 {
            let contents = fs::read(dir.path().join(format!("{i}"))).unwrap();
            assert_eq!(contents, if i % 2 == 0 { &b"futures01"[..] } else { b"std" });
        }
    });
}
