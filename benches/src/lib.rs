//! What the benchmarks share: two runtimes behind one trait, each with two workers.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::SyncSender;
use std::sync::OnceLock;
use std::task::{Context, Poll};

/// A runtime under test, whose tasks are std futures.
pub trait Runtime: Send + 'static {
    /// Spawns from inside a task.
    fn spawn(future: impl Future<Output = ()> + Send + 'static);
    /// Spawns from a thread outside.
    fn remote(future: impl Future<Output = ()> + Send + 'static);
}

/// This project's.
#[derive(Debug)]
pub struct Ours;

/// tokio 1, multi-thread.
#[derive(Debug)]
pub struct Tokio1;

fn ours() -> &'static tokio::runtime::TaskExecutor {
    static RUNTIME: OnceLock<(tokio::runtime::Runtime, tokio::runtime::TaskExecutor)> =
        OnceLock::new();
    let (_, executor) = RUNTIME.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new().core_threads(2).build().unwrap();
        let executor = runtime.executor();
        (runtime, executor)
    });
    executor
}

fn tokio1() -> &'static tokio1::runtime::Runtime {
    static RUNTIME: OnceLock<tokio1::runtime::Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        tokio1::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
    })
}

impl Runtime for Ours {
    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(future);
    }

    fn remote(future: impl Future<Output = ()> + Send + 'static) {
        ours().spawn(future);
    }
}

impl Runtime for Tokio1 {
    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        tokio1::spawn(future);
    }

    fn remote(future: impl Future<Output = ()> + Send + 'static) {
        tokio1().spawn(future);
    }
}

/// Spawns a futures 0.1 future on our runtime from outside.
pub fn remote_futures01(future: impl futures::Future<Item = (), Error = ()> + Send + 'static) {
    ours().spawn(future);
}

/// Spawns a chain of tasks, each from the one before; the last one says that it is done.
pub fn chain<R: Runtime>(links: usize, done: SyncSender<()>) {
    if links == 0 {
        done.send(()).unwrap();
    } else {
        R::spawn(async move { chain::<R>(links - 1, done) });
    }
}

/// Is pending once, having woken itself.
#[derive(Debug, Default)]
pub struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
