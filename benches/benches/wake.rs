//! What does it cost to wake a task: itself, another one, one from another thread?

use benches::{Ours, Runtime, Tokio1, Yield};
use divan::Bencher;
use futures03::channel::oneshot;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::sync_channel;
use std::sync::Arc;

fn main() {
    divan::main();
}

#[divan::bench(types = [Ours, Tokio1])]
fn yields<R: Runtime>(bencher: Bencher) {
    bencher.bench(|| {
        let (done, wait) = sync_channel(1);
        let left = Arc::new(AtomicUsize::new(200));
        for _ in 0..200 {
            let (left, done) = (left.clone(), done.clone());
            R::remote(async move {
                for _ in 0..1_000 {
                    Yield::default().await;
                }
                if left.fetch_sub(1, Relaxed) == 1 {
                    done.send(()).unwrap();
                }
            });
        }
        wait.recv().unwrap();
    });
}

#[divan::bench(types = [Ours, Tokio1])]
fn ping_pong<R: Runtime>(bencher: Bencher) {
    bencher.bench(|| {
        let (done, wait) = sync_channel(1);
        let left = Arc::new(AtomicUsize::new(1_000));
        R::remote(async move {
            for _ in 0..1_000 {
                let (left, done) = (left.clone(), done.clone());
                R::spawn(async move {
                    let (ping, pinged) = oneshot::channel();
                    let (pong, ponged) = oneshot::channel();
                    R::spawn(async move {
                        pinged.await.unwrap();
                        pong.send(()).unwrap();
                    });
                    ping.send(()).unwrap();
                    ponged.await.unwrap();
                    if left.fetch_sub(1, Relaxed) == 1 {
                        done.send(()).unwrap();
                    }
                });
            }
        });
        wait.recv().unwrap();
    });
}

#[divan::bench(types = [Ours, Tokio1])]
fn thread_to_task<R: Runtime>(bencher: Bencher) {
    bencher.bench(|| {
        for _ in 0..100 {
            let (done, wait) = sync_channel(1);
            R::remote(async move { done.send(()).unwrap() });
            wait.recv().unwrap();
        }
    });
}
