//! std tasks on an executor that takes only boxed futures 0.1: joined, aborted, woken and failing
//! as on one that knows them; and each generation waiting for the other there.

mod queue;

use futures::Future as Future01;
use futures03::FutureExt as _;
use queue::Queue;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::thread;
use tokio_executor::{set_default, spawn};
use tokio_task::{Futures01AsStd, JoinHandle};

fn join<T>(handle: JoinHandle<T>) -> Result<T, tokio_task::JoinError> {
    handle.now_or_never().expect("the task has ended")
}

#[test]
fn a_std_task_yields_its_output_to_the_handle() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    let handle = spawn(async { "output" });
    assert!(!handle.is_finished());
    queue.run();
    assert_eq!(join(handle).unwrap(), "output");
}

#[test]
fn a_std_task_is_woken_from_another_thread() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    let (tx, rx) = futures03::channel::oneshot::channel();
    let handle = spawn(async { rx.await.unwrap() });
    queue.turn();
    assert!(!handle.is_finished());
    let thread = thread::spawn(move || tx.send(1).unwrap());
    queue.run();
    assert_eq!(join(handle).unwrap(), 1);
    thread.join().unwrap();
}

#[test]
fn an_aborted_std_task_is_dropped_and_says_cancelled() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    let alive = Arc::new(());
    let captured = alive.clone();
    let handle = spawn(async move {
        std::future::pending::<()>().await;
        drop(captured);
    });
    queue.turn();
    assert_eq!(Arc::strong_count(&alive), 2);
    handle.abort();
    queue.run();
    assert_eq!(Arc::strong_count(&alive), 1);
    assert!(join(handle).unwrap_err().is_cancelled());
}

#[test]
fn a_panic_in_a_std_task_goes_to_its_handle() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    let failing = spawn(async { panic!("on purpose") });
    let other = spawn(async { 1 });
    queue.run();
    let panic = join::<()>(failing).unwrap_err().into_panic();
    assert_eq!(panic.downcast_ref(), Some(&"on purpose"));
    assert_eq!(join(other).unwrap(), 1);
}

#[test]
fn a_panic_in_a_detached_std_task_goes_to_the_executor() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    drop(spawn(async { panic!("on purpose") }));
    let panic = catch_unwind(AssertUnwindSafe(|| queue.run())).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"on purpose"));
}

#[test]
fn tasks_of_an_executor_that_goes_are_dropped_and_say_cancelled() {
    let queue = Queue::default();
    let guard = set_default(queue.clone());
    let alive = Arc::new(());
    let (started, queued) = (alive.clone(), alive.clone());
    let started = spawn(async move {
        std::future::pending::<()>().await;
        drop(started);
    });
    queue.turn();
    let queued = spawn(async move { drop(queued) });
    drop((guard, queue));
    assert_eq!(Arc::strong_count(&alive), 1);
    assert!(join(started).unwrap_err().is_cancelled());
    assert!(join(queued).unwrap_err().is_cancelled());
}

#[test]
fn a_detached_std_task_runs_on() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    let (tx, mut rx) = futures03::channel::oneshot::channel();
    drop(spawn(async { tx.send(1).unwrap() }));
    queue.run();
    assert_eq!(rx.try_recv().unwrap(), Some(1));
}

#[test]
fn tasks_of_each_generation_wait_for_the_other() {
    let queue = Queue::default();
    let _default = set_default(queue.clone());
    let (to_std, from_futures01) = futures::sync::oneshot::channel();
    let (to_futures01, from_std) = futures::sync::oneshot::channel();
    // 0.1 waits for the std task, which waits for a 0.1 future, which another 0.1 task completes.
    let handle = spawn(async { Futures01AsStd::new(from_futures01).await.unwrap() + 1 });
    spawn(handle.join().then(|joined| to_futures01.send(joined.unwrap()).map_err(drop)));
    spawn(futures::future::lazy(|| to_std.send(41)).map_err(drop));
    queue.run();
    assert_eq!(from_std.wait().unwrap(), 42);
}
