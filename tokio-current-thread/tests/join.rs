//! Join handles of tasks that stay on their thread.

mod support;

use futures::Future as Future01;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use support::Drops;
use tokio_current_thread::{block_on_all, spawn, CurrentThread};

#[test]
fn an_output_need_not_be_send() {
    let shared = Rc::new(5);
    let theirs = shared.clone();
    let output = block_on_all(async move { spawn(async move { theirs }).await.unwrap() });
    assert!(Rc::ptr_eq(&output, &shared));
    assert_eq!(Rc::strong_count(&shared), 2);
}

#[test]
fn a_handle_that_is_dropped_detaches_the_task() {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    // Before the end, and after it.
    let (early, late) = (drops.token(), drops.token());
    drop(executor.spawn(async move { early }));
    let handle = executor.spawn(async move { late });
    executor.run().unwrap();
    assert_eq!(drops.count(), 1);
    drop(handle);
    assert_eq!(drops.count(), 2);
}

#[test]
fn an_abort_drops_the_future_on_its_own_thread() {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    for polled in [false, true] {
        let token = drops.token();
        let handle = executor.spawn(async move {
            token.hold();
            std::future::pending::<()>().await
        });
        if polled {
            executor.turn(None).unwrap();
        }
        // The future is not `Send`; its output is, and so is the handle.
        let handle = thread::spawn(move || {
            handle.abort();
            handle
        });
        let handle = handle.join().unwrap();
        executor.run().unwrap();
        assert!(executor.block_on(handle).unwrap().unwrap_err().is_cancelled());
    }
    assert_eq!(drops.count(), 2);
}

#[test]
fn an_abort_wakes_an_executor_that_waits() {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    let (token, (sender, receiver)) = (drops.token(), mpsc::channel());
    let handle = executor.spawn(async move {
        token.hold();
        sender.send(()).unwrap();
        std::future::pending::<()>().await
    });
    let thread = thread::spawn(move || {
        receiver.recv().unwrap();
        handle.abort();
        futures03::executor::block_on(handle).unwrap_err().is_cancelled()
    });
    executor.run().unwrap();
    assert_eq!(drops.count(), 1);
    assert!(thread.join().unwrap());
}

#[test]
fn a_task_is_joined_in_futures01() {
    let joined = block_on_all(futures::future::lazy(|| {
        let shared = Rc::new(1);
        spawn(async move { shared }).join().map(|output| *output)
    }));
    assert_eq!(joined.unwrap(), 1);
}

#[test]
fn a_handle_ends_the_closure_of_a_for_each() {
    use futures::Stream as Stream01;
    let mut executor = CurrentThread::new();
    let numbers = futures::stream::iter_ok::<_, ()>(0..10);
    executor.block_on(numbers.for_each(|_| spawn(async {}))).unwrap();
    let numbers = futures::stream::iter_ok::<_, ()>(0..10);
    let spawned = numbers.for_each(|_| {
        spawn(futures::future::ok(()));
        Ok(())
    });
    executor.block_on(spawned).unwrap();
    executor.run().unwrap();
}
