//! This project's runtime, for both generations.

use super::{workers, Futures01, Joined, Std};
use std::future::Future;
use tokio::runtime::{Builder, Runtime, TaskExecutor};
use tokio::task::JoinHandle;

/// This project's runtime.
#[derive(Debug)]
pub struct Ours;

thread_local! {
    static REMOTE: std::cell::RefCell<Option<TaskExecutor>> = const { std::cell::RefCell::new(None) };
}

fn runtime() -> Runtime {
    Builder::new().core_threads(workers()).build().expect("the system gives us threads")
}

fn executor(runtime: &Runtime) -> std::sync::Arc<TaskExecutor> {
    std::sync::Arc::new(runtime.executor())
}

impl Std for Ours {
    type Join<T: Send + 'static> = Joined<JoinHandle<T>>;
    type Remote = TaskExecutor;

    fn run<T: Send + 'static>(main: impl Future<Output = T> + Send + 'static) -> T {
        let mut runtime = runtime();
        let executor = executor(&runtime);
        runtime.block_on(async move {
            let main = std::pin::pin!(main);
            let mut main = main;
            std::future::poll_fn(|cx| {
                REMOTE.with(|remote| *remote.borrow_mut() = Some((*executor).clone()));
                main.as_mut().poll(cx)
            })
            .await
        })
    }

    fn spawn<T: Send + 'static>(f: impl Future<Output = T> + Send + 'static) -> Self::Join<T> {
        Joined(tokio::spawn(f))
    }

    fn detach(f: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(f);
    }

    fn remote() -> TaskExecutor {
        REMOTE.with(|remote| remote.borrow().clone()).expect("called by the main task")
    }

    fn spawn_remote(remote: &TaskExecutor, f: impl Future<Output = ()> + Send + 'static) {
        remote.spawn(f);
    }

    fn spawn_blocking<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> Self::Join<T> {
        Joined(tokio_threadpool::spawn_blocking(f).expect("on a pool"))
    }
}

impl Futures01 for Ours {
    type Remote = TaskExecutor;

    fn run(main: impl futures::Future<Item = (), Error = ()> + Send + 'static) {
        let mut runtime = runtime();
        let executor = executor(&runtime);
        let mut main = main;
        let main = futures::future::poll_fn(move || {
            REMOTE.with(|remote| *remote.borrow_mut() = Some((*executor).clone()));
            main.poll()
        });
        runtime.block_on(main).expect("no task fails");
    }

    fn spawn(f: impl futures::Future<Item = (), Error = ()> + Send + 'static) {
        tokio::spawn(f);
    }

    fn remote() -> TaskExecutor {
        <Ours as Std>::remote()
    }

    fn spawn_remote(
        remote: &TaskExecutor,
        f: impl futures::Future<Item = (), Error = ()> + Send + 'static,
    ) {
        remote.spawn(f);
    }
}
