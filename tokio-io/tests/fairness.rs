//! A copy that never waits leaves room for other tasks.

use futures::future::{lazy, Future as Future01};
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::time::Duration;
use tokio_io::io::copy;
use tokio_io::AsyncRead;

/// Always ready, until told to end.
struct Endless(Arc<AtomicBool>);

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(if self.0.load(Relaxed) { 0 } else { buf.len() })
    }
}

impl AsyncRead for Endless {}

/// Ends the copy even when the test fails.
struct End(Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn a_copy_that_is_always_ready_does_not_starve_other_tasks() {
    let pool = tokio_threadpool::Builder::new().pool_size(1).build();
    let flag = Arc::new(AtomicBool::new(false));
    let end = End(flag.clone());
    let (copying, copy_started) = channel();
    let (running, other_ran) = channel();
    pool.spawn(lazy(move || {
        copying.send(()).unwrap();
        copy(Endless(flag), io::sink()).map(drop).map_err(|e| panic!("{e}"))
    }));
    copy_started.recv_timeout(Duration::from_secs(20)).unwrap();
    pool.spawn(lazy(move || {
        running.send(()).unwrap();
        Ok(())
    }));
    other_ran.recv_timeout(Duration::from_secs(20)).expect("the only worker gets to it");
    drop(end);
    pool.shutdown_on_idle().wait().unwrap();
}
