//! tokio 0.1.22, as it was published.

use super::{workers, Futures01};
use futures::Future;
use tokio01::executor::Executor;
use tokio01::runtime::{Builder, TaskExecutor};

/// tokio 0.1.22.
#[derive(Debug)]
pub struct Tokio01;

thread_local! {
    static REMOTE: std::cell::RefCell<Option<TaskExecutor>> = const { std::cell::RefCell::new(None) };
}

impl Futures01 for Tokio01 {
    type Remote = TaskExecutor;

    fn run(main: impl Future<Item = (), Error = ()> + Send + 'static) {
        let mut runtime = Builder::new().core_threads(workers()).build().expect("threads");
        let executor = runtime.executor();
        let mut main = main;
        let main = futures::future::poll_fn(move || {
            REMOTE.with(|remote| *remote.borrow_mut() = Some(executor.clone()));
            main.poll()
        });
        runtime.block_on(main).expect("no task fails");
    }

    fn spawn(f: impl Future<Item = (), Error = ()> + Send + 'static) {
        let spawned = tokio01::executor::DefaultExecutor::current().spawn(Box::new(f));
        spawned.expect("inside a runtime");
    }

    fn remote() -> TaskExecutor {
        REMOTE.with(|remote| remote.borrow().clone()).expect("called by the main task")
    }

    fn spawn_remote(remote: &TaskExecutor, f: impl Future<Item = (), Error = ()> + Send + 'static) {
        remote.spawn(f);
    }
}
