//! What does it cost to spawn a task, from inside, from outside, and in a chain?

use benches::{chain, remote_futures01, Ours, Runtime, Tokio1};
use divan::Bencher;
use futures::future::lazy;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{sync_channel, SyncSender};
use std::sync::Arc;

const TASKS: usize = 10_000;

fn main() {
    divan::main();
}

fn one_less(left: &AtomicUsize, done: &SyncSender<()>) {
    if left.fetch_sub(1, Relaxed) == 1 {
        done.send(()).unwrap();
    }
}

#[divan::bench(types = [Ours, Tokio1])]
fn local<R: Runtime>(bencher: Bencher) {
    bencher.bench(|| {
        let (done, wait) = sync_channel(1);
        let left = Arc::new(AtomicUsize::new(TASKS));
        R::remote(async move {
            for _ in 0..TASKS {
                let (left, done) = (left.clone(), done.clone());
                R::spawn(async move { one_less(&left, &done) });
            }
        });
        wait.recv().unwrap();
    });
}

#[divan::bench]
fn local_futures01(bencher: Bencher) {
    bencher.bench(|| {
        let (done, wait) = sync_channel(1);
        let left = Arc::new(AtomicUsize::new(TASKS));
        remote_futures01(lazy(move || {
            for _ in 0..TASKS {
                let (left, done) = (left.clone(), done.clone());
                tokio::spawn(lazy(move || {
                    one_less(&left, &done);
                    Ok(())
                }));
            }
            Ok(())
        }));
        wait.recv().unwrap();
    });
}

#[divan::bench(types = [Ours, Tokio1])]
fn remote<R: Runtime>(bencher: Bencher) {
    bencher.bench(|| {
        let (done, wait) = sync_channel(1);
        let left = Arc::new(AtomicUsize::new(TASKS));
        for _ in 0..TASKS {
            let (left, done) = (left.clone(), done.clone());
            R::remote(async move { one_less(&left, &done) });
        }
        wait.recv().unwrap();
    });
}

#[divan::bench(types = [Ours, Tokio1])]
fn chained<R: Runtime>(bencher: Bencher) {
    bencher.bench(|| {
        let (done, wait) = sync_channel(1);
        R::remote(async move { chain::<R>(1_000, done) });
        wait.recv().unwrap();
    });
}
