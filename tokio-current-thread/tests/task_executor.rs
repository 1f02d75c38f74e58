//! Spawning on the executor of this thread, by its traits.

use futures::future::{self, Executor as FutureExecutor};
use futures::Future as Future01;
use std::cell::Cell;
use std::panic::catch_unwind;
use std::rc::Rc;
use tokio_current_thread::{block_on_all, spawn, CurrentThread, TaskExecutor};
use tokio_executor::{DefaultExecutor, Executor, TypedExecutor};

fn count(counted: &Rc<Cell<u32>>) -> impl Future01<Item = (), Error = ()> {
    let counted = counted.clone();
    future::lazy(move || {
        counted.set(counted.get() + 1);
        Ok(())
    })
}

#[test]
fn what_is_not_send_is_spawned_by_every_door() {
    let counted = Rc::new(Cell::new(0));
    let inside = counted.clone();
    block_on_all(future::lazy(move || {
        let mut executor = TaskExecutor::current();
        executor.spawn_local(Box::new(count(&inside))).unwrap();
        executor.execute(count(&inside)).unwrap();
        TypedExecutor::spawn(&mut executor, count(&inside)).unwrap();
        Executor::spawn(&mut executor, Box::new(future::ok(()))).unwrap();
        executor.try_spawn(count(&inside)).unwrap();
        Executor::status(&executor).unwrap();
        TypedExecutor::<future::FutureResult<(), ()>>::status(&executor).unwrap();
        spawn(count(&inside));
        let last = inside.clone();
        let handle = executor.clone().try_spawn(async move { last.set(last.get() + 1) }).unwrap();
        drop(handle);
        Ok::<_, ()>(())
    }))
    .unwrap();
    assert_eq!(counted.get(), 6);
}

#[test]
fn outside_of_an_executor_spawning_is_an_error() {
    let mut executor = TaskExecutor::current();
    assert!(Executor::status(&executor).unwrap_err().is_shutdown());
    assert!(executor.spawn_local(Box::new(future::ok(()))).unwrap_err().is_shutdown());
    assert!(executor.try_spawn(async {}).unwrap_err().is_shutdown());
    let refused = executor.execute(future::ok::<(), ()>(())).unwrap_err();
    assert_eq!(refused.kind(), future::ExecuteErrorKind::Shutdown);
    refused.into_future().wait().unwrap();
    assert!(catch_unwind(|| spawn(future::ok(()))).is_err());
    assert!(catch_unwind(|| drop(spawn(async {}))).is_err());
}

#[test]
fn an_executor_is_a_typed_executor_of_what_is_not_send() {
    let counted = Rc::new(Cell::new(0));
    let mut executor = CurrentThread::new();
    TypedExecutor::spawn(&mut executor, count(&counted)).unwrap();
    Executor::spawn(&mut executor, Box::new(future::ok(()))).unwrap();
    Executor::status(&executor).unwrap();
    executor.run().unwrap();
    assert_eq!(counted.get(), 1);
}

#[test]
fn it_may_be_the_default_executor_of_a_thread() {
    let mut enter = tokio_executor::enter().unwrap();
    let mut executor = CurrentThread::new();
    let default = &mut TaskExecutor::current();
    let joined = tokio_executor::with_default(default, &mut enter, |enter| {
        // Nothing runs yet.
        assert!(Executor::status(&DefaultExecutor::current()).unwrap_err().is_shutdown());
        let main = async {
            tokio_executor::spawn(future::ok(()));
            Executor::status(&DefaultExecutor::current()).unwrap();
            tokio_executor::spawn(async { 3 }).await.unwrap()
        };
        executor.enter(enter).block_on(main).unwrap()
    });
    assert_eq!(joined, 3);
}
