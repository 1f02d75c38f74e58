//! What becomes of tasks, wakers and handles when their executor is dropped.

mod support;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use support::{yields, Drops, Generation, OnDrop};
use tokio_current_thread::{spawn, CurrentThread, TaskExecutor};
use tokio_task::{Caller, Waiter};

in_both_generations! {
    every_future_is_dropped_exactly_once
    wakers_may_outlive_the_executor_on_any_thread
    a_destructor_may_spawn_and_wake_while_the_executor_is_dropped
    a_panic_in_a_destructor_does_not_block_the_drop
    an_executor_in_thread_local_storage_is_dropped_without_a_panic
    an_executor_dropped_by_a_panic_drops_its_tasks
    many_executors_leave_nothing_behind
}

/// Pending for ever; gives its waiter away.
fn waits(given: Rc<RefCell<Vec<Waiter>>>) -> impl FnMut(Caller<'_>) -> Poll<()> {
    move |caller| {
        given.borrow_mut().push(Waiter::from(caller));
        Poll::Pending
    }
}

fn every_future_is_dropped_exactly_once(generation: Generation) {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    let given: Rc<RefCell<Vec<Waiter>>> = Rc::default();
    let spawn = |executor: &mut CurrentThread| {
        for _ in 0..10 {
            let (token, mut wait) = (drops.token(), waits(given.clone()));
            generation.spawn(executor, move |caller| {
                token.hold();
                wait(caller)
            });
        }
    };
    // Idle ones, some of them woken from here and elsewhere, and some not yet polled.
    spawn(&mut executor);
    executor.turn(None).unwrap();
    given.borrow()[0].wake_by_ref();
    let waiter = given.borrow()[1].clone();
    thread::spawn(move || waiter.wake()).join().unwrap();
    spawn(&mut executor);
    assert_eq!(drops.count(), 0);
    drop(executor);
    assert_eq!(drops.count(), 20);
    given.borrow_mut().drain(..).for_each(Waiter::wake);
    assert_eq!(drops.count(), 20);
}

fn wakers_may_outlive_the_executor_on_any_thread(generation: Generation) {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    let given: Rc<RefCell<Vec<Waiter>>> = Rc::default();
    let (token, mut wait) = (drops.token(), waits(given.clone()));
    generation.spawn(&mut executor, move |caller| {
        token.hold();
        wait(caller)
    });
    executor.turn(None).unwrap();
    drop(executor);
    // The future, not `Send`, is gone already; this frees the rest.
    assert_eq!(drops.count(), 1);
    let waiters: Vec<_> = given.borrow_mut().drain(..).collect();
    let elsewhere = move || {
        for waiter in waiters {
            waiter.wake_by_ref();
            waiter.clone().wake();
        }
    };
    thread::spawn(elsewhere).join().unwrap();
    assert_eq!(drops.count(), 1);
}

fn a_destructor_may_spawn_and_wake_while_the_executor_is_dropped(generation: Generation) {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    let handle = executor.handle();
    let refused = Rc::new(Cell::new(0));
    let given: Rc<RefCell<Vec<Waiter>>> = Rc::default();
    for polled in [true, false] {
        for _ in 0..5 {
            let (given, handle) = (given.clone(), handle.clone());
            let (drops, refused) = (drops.clone(), refused.clone());
            let mut wait = waits(given.clone());
            let on_drop = OnDrop(move || {
                given.borrow().iter().for_each(Waiter::wake_by_ref);
                let token = drops.token();
                generation.spawn_here(move |_| {
                    token.hold();
                    Poll::Pending
                });
                let token = drops.token();
                let cancelled = spawn(async move { token.hold() });
                assert!(cancelled.is_finished());
                assert!(TaskExecutor::current().try_spawn(async {}).unwrap_err().is_shutdown());
                assert!(handle.spawn(async {}).unwrap_err().is_shutdown());
                refused.set(refused.get() + 1);
            });
            generation.spawn(&mut executor, move |caller| {
                on_drop.hold();
                wait(caller)
            });
        }
        if polled {
            executor.turn(None).unwrap();
        }
    }
    drop(executor);
    assert_eq!((refused.get(), drops.count()), (10, 20));
}

fn a_panic_in_a_destructor_does_not_block_the_drop(generation: Generation) {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    for i in 0..9 {
        let token = drops.token();
        let bomb = OnDrop(move || assert_ne!(i % 3, 0, "in a destructor"));
        generation.spawn(&mut executor, move |_| {
            token.hold();
            bomb.hold();
            Poll::Pending
        });
        if i < 5 {
            executor.turn(None).unwrap();
        }
    }
    drop(executor);
    assert_eq!(drops.count(), 9);
}

fn an_executor_in_thread_local_storage_is_dropped_without_a_panic(generation: Generation) {
    thread_local! {
        static KEPT: RefCell<Option<CurrentThread>> = const { RefCell::new(None) };
    }
    let dropped = Arc::new(AtomicUsize::new(0));
    let theirs = dropped.clone();
    let body = move || {
        KEPT.with(|_| ());
        let mut executor = CurrentThread::new();
        for _ in 0..3 {
            let dropped = theirs.clone();
            let on_drop = OnDrop(move || {
                // No executor runs here any more, or one that takes nothing.
                assert!(TaskExecutor::current().try_spawn(async {}).is_err());
                dropped.fetch_add(1, SeqCst);
            });
            generation.spawn(&mut executor, move |_| {
                on_drop.hold();
                Poll::Pending
            });
        }
        executor.turn(None).unwrap();
        KEPT.with(|kept| *kept.borrow_mut() = Some(executor));
    };
    thread::spawn(body).join().unwrap();
    assert_eq!(dropped.load(SeqCst), 3);
}

fn an_executor_dropped_by_a_panic_drops_its_tasks(generation: Generation) {
    let drops = Drops::default();
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut executor = CurrentThread::new();
        for _ in 0..3 {
            let token = drops.token();
            // Outside of an executor, while panicking: dropped.
            let on_drop = OnDrop(move || generation.spawn_here(|_| Poll::Pending));
            generation.spawn(&mut executor, move |_| {
                token.hold();
                on_drop.hold();
                Poll::Pending
            });
        }
        generation.spawn(&mut executor, |_| panic!("out of `run`"));
        executor.run().unwrap();
    }));
    assert!(result.is_err());
    assert_eq!(drops.count(), 3);
}

fn many_executors_leave_nothing_behind(generation: Generation) {
    let drops = Drops::default();
    for _ in 0..200 {
        let mut executor = CurrentThread::new();
        let (sender, receiver) = mpsc::channel::<Waker>();
        let (token, mut yields) = (drops.token(), yields(1));
        generation.spawn(&mut executor, move |caller| {
            token.hold();
            if yields(caller).is_ready() {
                if let Caller::Std(waker) = caller {
                    sender.send(waker.clone()).unwrap();
                }
            }
            Poll::Pending
        });
        executor.turn(None).unwrap();
        executor.turn(None).unwrap();
        drop(executor);
        drop(receiver);
    }
    assert_eq!(drops.count(), 200);
}

#[test]
fn a_join_handle_outlives_the_executor() {
    let mut executor = CurrentThread::new();
    let drops = Drops::default();
    let done = executor.spawn(async { 1 });
    executor.run().unwrap();
    let token = drops.token();
    let unfinished = executor.spawn(async move {
        token.hold();
        std::future::pending::<()>().await
    });
    let token = drops.token();
    let output = executor.spawn(async move { token });
    executor.turn(None).unwrap();
    drop(executor);
    assert_eq!(drops.count(), 1);
    drop(output);
    assert_eq!(drops.count(), 2);
    let joined =
        thread::spawn(|| futures03::executor::block_on(async move { done.await.unwrap() }));
    assert_eq!(joined.join().unwrap(), 1);
    let cancelled = futures03::executor::block_on(unfinished).unwrap_err();
    assert!(cancelled.is_cancelled());
}

#[test]
fn a_task_that_owns_its_own_handle_is_freed() {
    let drops = Drops::default();
    let mut executor = CurrentThread::new();
    let place: Rc<RefCell<Option<tokio_task::JoinHandle<()>>>> = Rc::default();
    let (own, token) = (place.clone(), drops.token());
    let handle = executor.spawn(async move {
        token.hold();
        std::future::poll_fn(|cx| {
            let mut own = own.borrow_mut();
            Pin::new(own.as_mut().expect("placed")).poll(cx)
        })
        .await
        .unwrap();
    });
    *place.borrow_mut() = Some(handle);
    executor.turn(None).unwrap();
    drop((executor, place));
    assert_eq!(drops.count(), 1);
}

#[test]
fn an_executor_may_own_another_one_in_a_task() {
    let drops = Drops::default();
    let (mut outer, mut inner) = (CurrentThread::new(), CurrentThread::new());
    let token = drops.token();
    drop(inner.spawn(async move { token.hold() }));
    let token = drops.token();
    drop(outer.spawn(async move {
        let _inner = inner;
        token.hold();
        std::future::pending::<()>().await
    }));
    outer.turn(None).unwrap();
    drop(outer);
    assert_eq!(drops.count(), 2);
}
