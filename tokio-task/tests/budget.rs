//! The cooperative budget: tasks that are always ready let others run, and nothing that polls
//! without mercy spins or hangs under it.

mod executor;

use executor::{Executor, Generation};
use futures::{Async, Future as Future01, Stream as Stream01};
use futures03::StreamExt;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{ready, Poll};
use tokio_task::{poll_proceed, without_budget, Caller, Futures01AsStd, Never, StdAsFutures01};

in_both_generations! {
    a_task_that_is_always_ready_lets_others_run
    each_poll_has_a_fresh_budget
    without_budget_nothing_is_refused
}

fn a_task_that_is_always_ready_lets_others_run(generation: Generation) {
    let executor = Executor::new();
    let operations = Arc::new(AtomicUsize::new(0));
    let count = operations.clone();
    generation.spawn_detached(&executor, move |caller| {
        // A socket that never runs dry.
        while poll_proceed(caller).is_ready() {
            if count.fetch_add(1, SeqCst) == 100_000 {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    });
    let seen = Arc::new(AtomicUsize::new(0));
    let (place, operations) = (seen.clone(), operations.clone());
    generation.spawn_detached(&executor, move |_| {
        place.store(operations.load(SeqCst), SeqCst);
        Poll::Ready(())
    });
    executor.run();
    assert_eq!(executor.completed(), 2);
    assert!((1..=128).contains(&seen.load(SeqCst)));
}

fn each_poll_has_a_fresh_budget(generation: Generation) {
    let executor = Executor::new();
    let mut polls = 0;
    let handle = generation.spawn(&executor, move |caller| {
        polls += 1;
        for _ in 0..128 {
            assert!(poll_proceed(caller).is_ready());
        }
        assert!(poll_proceed(caller).is_pending());
        match polls {
            5 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    });
    for _ in 0..5 {
        assert_eq!(executor.turn(), 1, "the refusal woke the task");
    }
    handle.joined().unwrap();
}

fn without_budget_nothing_is_refused(generation: Generation) {
    let executor = Executor::new();
    let handle = generation.spawn(&executor, |caller| {
        without_budget(|| assert!((0..1000).all(|_| poll_proceed(caller).is_ready())));
        assert!(poll_proceed(caller).is_ready());
        Poll::Ready(())
    });
    executor.run();
    handle.joined().unwrap();
}

/// `operations` operations of a resource that is always ready, one after the other.
fn busy(mut operations: usize) -> impl Future01<Item = (), Error = ()> + Send {
    futures::future::poll_fn(move || {
        while operations > 0 {
            if poll_proceed(Caller::Futures01).is_pending() {
                return Ok(Async::NotReady);
            }
            operations -= 1;
        }
        Ok(Async::Ready(()))
    })
}

async fn busy_std(operations: usize) {
    for _ in 0..operations {
        std::future::poll_fn(|cx| poll_proceed(cx.into())).await;
    }
}

#[test]
fn futures_unordered_of_futures01_ends_under_the_budget() {
    let executor = Executor::new();
    let all: futures::stream::FuturesUnordered<_> = (0..50).map(|_| busy(100)).collect();
    executor.spawn(all.for_each(|()| Ok(())));
    let all: futures::stream::FuturesUnordered<_> =
        (0..50).map(|_| StdAsFutures01::new(Box::pin(busy_std(100)))).collect();
    executor.spawn(all.for_each(|()| Ok::<_, Never>(())).map_err(drop));
    executor.run();
    assert_eq!(executor.completed(), 2);
    assert!(executor.panics().is_empty());
}

#[test]
fn futures_unordered_of_futures03_ends_under_the_budget() {
    let executor = Executor::new();
    let all: futures03::stream::FuturesUnordered<_> =
        (0..50).map(|_| Futures01AsStd::new(busy(100))).collect();
    let handle = executor.spawn(all.count());
    executor.run();
    assert_eq!(executor::Handle::Std(handle).joined().unwrap(), 50);
}

#[test]
fn an_executor_nested_in_a_task_makes_progress() {
    let executor = Executor::new();
    // Each blocks in the poll, on its own generation's executor, with the task's budget around it.
    let std = executor.spawn(async { futures03::executor::block_on(busy_std(1000)) });
    let futures01 = executor.spawn(async { busy(1000).wait() });
    executor.run();
    executor::Handle::Std(std).joined().unwrap();
    executor::Handle::Std(futures01).joined().unwrap().unwrap();
}

#[test]
fn a_join_that_waits_costs_no_budget() {
    let executor = Executor::new();
    let mut pending = executor.spawn(std::future::pending::<()>());
    let abort = executor.spawn(std::future::poll_fn(move |cx| {
        for _ in 0..1000 {
            assert!(std::pin::Pin::new(&mut pending).poll(cx).is_pending());
        }
        assert!(poll_proceed(cx.into()).is_ready());
        pending.abort();
        Poll::Ready(())
    }));
    executor.run();
    executor::Handle::Std(abort).joined().unwrap();
}

#[test]
fn joining_many_finished_tasks_lets_others_run() {
    let executor = Executor::new();
    let mut handles: Vec<_> = (0..1000).map(|n| executor.spawn(async move { n })).collect();
    executor.run();
    let sum = executor.spawn(async move {
        let mut sum = 0;
        for handle in handles.drain(..) {
            sum += handle.await.unwrap();
        }
        sum
    });
    let before = executor.scheduled();
    executor.run();
    assert_eq!(executor::Handle::Std(sum).joined().unwrap(), 499_500);
    assert!(executor.scheduled() - before >= 1000 / 128);
}

#[test]
fn a_refusal_is_not_a_readiness() {
    let executor = Executor::new();
    let granted = Arc::new(AtomicUsize::new(0));
    let count = granted.clone();
    let handle = executor.spawn(std::future::poll_fn(move |cx| loop {
        ready!(poll_proceed(cx.into()));
        if count.fetch_add(1, SeqCst) == 300 {
            return Poll::Ready(());
        }
    }));
    for expected in [128, 256] {
        executor.turn();
        assert_eq!(granted.load(SeqCst), expected);
    }
    executor.run();
    assert!(handle.is_finished());
}
