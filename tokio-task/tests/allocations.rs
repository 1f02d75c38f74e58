//! What a task costs the heap, in both generations. A binary of its own, for its allocator.

// There no thread is counted: see `tests_heap::COUNTS_THREADS`.
// Under Miri the standard library allocates where it otherwise does not.
#![cfg(not(any(miri, all(windows, target_env = "gnu"))))]

mod executor;

use executor::{Executor, Generation};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::task::{Poll, Waker};
use tests_heap::{cost, Counting};
use tokio_task::{
    poll_proceed, with_futures01, AmbientTask, Caller, Futures01, Futures01AsStd, NextTask,
    StdAsFutures01, Task, WaiterCell,
};

in_both_generations! {
    a_task_is_one_allocation
    a_poll_allocates_nothing
    a_wake_and_a_registration_allocate_nothing
    a_join_allocates_nothing
    queues_allocate_nothing
    an_end_frees_everything
}

#[global_allocator]
static HEAP: Counting = Counting;

#[track_caller]
fn free_of_charge<R>(f: impl FnOnce() -> R) -> R {
    let (cost, result) = cost(f);
    assert_eq!(cost.allocations, 0);
    result
}

/// A future of 256 bytes or a little more, pending until it is told.
fn sized() -> (Arc<AtomicBool>, impl executor::Step<()>) {
    let ready = Arc::new(AtomicBool::new(false));
    let (told, ballast) = (ready.clone(), [1u8; 248]);
    let step = move |_: Caller<'_>| {
        std::hint::black_box(&ballast);
        match told.load(SeqCst) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    };
    (ready, step)
}

fn a_task_is_one_allocation(generation: Generation) {
    let executor = Executor::new();
    for with_handle in [false, true] {
        let (_ready, step) = sized();
        let future = std::mem::size_of_val(&step) as isize;
        // Where pointers are short, a word less.
        assert!((248..=256).contains(&future), "{future}");
        let (cost, task) = cost(|| match with_handle {
            true => generation.task(&executor, step).0,
            false => generation.detached_task(&executor, step),
        });
        let beyond = cost.bytes - future;
        println!("{generation:?}: {} bytes, {beyond} beyond the future", cost.bytes);
        assert_eq!(cost.allocations, 1);
        assert!(beyond <= 120, "{beyond} bytes beyond the future");
        drop(task);
    }
}

fn a_poll_allocates_nothing(generation: Generation) {
    let executor = Executor::new();
    let mut polls = 0;
    let handle = generation.spawn(&executor, move |caller| {
        polls += 1;
        if polls == 1000 {
            return Poll::Ready(());
        }
        if poll_proceed(caller).is_ready() {
            caller.wake();
        }
        Poll::Pending
    });
    executor.turn();
    free_of_charge(|| executor.run());
    handle.joined().unwrap();
}

fn a_wake_and_a_registration_allocate_nothing(generation: Generation) {
    let executor = Executor::new();
    let cells = Arc::new([WaiterCell::new(), WaiterCell::new()]);
    let theirs = cells.clone();
    let mut polls = 0;
    let handle = generation.spawn(&executor, move |caller| {
        polls += 1;
        if polls == 1000 {
            return Poll::Ready(());
        }
        assert!(theirs[polls % 2].register(caller).is_none());
        if polls % 7 == 0 {
            theirs[polls % 2].clear();
            theirs[polls % 2].register(caller);
        }
        Poll::Pending
    });
    executor.turn();
    free_of_charge(|| {
        while !handle.is_finished() {
            cells[0].wake();
            cells[1].wake();
            executor.run();
        }
    });
}

fn a_join_allocates_nothing(generation: Generation) {
    let executor = Executor::new();
    let (ready, step) = sized();
    let mut handle = generation.spawn(&executor, step);
    executor.run();
    free_of_charge(|| {
        for _ in 0..3 {
            assert!(handle.poll_with(Waker::noop()).is_pending());
        }
        ready.store(true, SeqCst);
    });
    handle.abort();
    free_of_charge(|| executor.run());
    free_of_charge(|| assert!(handle.poll_with(Waker::noop()).is_ready()));
}

fn queues_allocate_nothing(generation: Generation) {
    let executor = Executor::new();
    let tasks: Vec<Task> =
        (0..10).map(|_| generation.detached_task(&executor, |_| Poll::Ready(()))).collect();
    let next = NextTask::new();
    free_of_charge(|| {
        for task in tasks.into_iter().filter_map(|task| next.replace(task)) {
            executor.shared.push(task);
        }
        let mut batch = executor.take();
        batch.push(next.take().unwrap());
        batch.append(executor.take());
        assert_eq!(batch.len(), 10);
        while let Some(task) = batch.pop() {
            task.run(&executor);
        }
    });
}

fn an_end_frees_everything(generation: Generation) {
    let executor = Executor::new();
    for end in ["ready", "aborted", "entry dropped"] {
        let (cost, ()) = cost(|| {
            let (ready, step) = sized();
            let (task, handle) = generation.task(&executor, step);
            match end {
                "ready" => {
                    task.run(&executor);
                    ready.store(true, SeqCst);
                    handle.abort(); // Too late for the task to be asked anything else.
                    executor.run();
                }
                "aborted" => {
                    task.abort();
                    task.run(&executor);
                }
                _ => drop(task),
            }
            drop(handle);
        });
        assert_eq!(cost.bytes, 0, "{end}");
    }
}

#[test]
fn a_futures01_future_in_a_std_task_allocates_nothing_per_poll() {
    let executor = Executor::new();
    let mut polls = 0;
    let mut known: Option<futures::task::Task> = None;
    let inner = futures::future::poll_fn(move || {
        polls += 1;
        if polls == 1000 {
            return Ok::<_, ()>(futures::Async::Ready(()));
        }
        match &known {
            Some(task) => assert!(task.will_notify_current()),
            None => known = Some(futures::task::current()),
        }
        futures::task::current().notify();
        Ok(futures::Async::NotReady)
    });
    let handle = executor.spawn(Futures01AsStd::new(inner));
    free_of_charge(|| executor.run());
    assert!(handle.is_finished());
}

#[test]
fn a_std_future_in_a_futures01_task_allocates_nothing_per_poll() {
    let executor = Executor::new();
    let mut polls = 0;
    let mut known: Option<Waker> = None;
    let done = Arc::new(AtomicBool::new(false));
    let set = done.clone();
    let inner = StdAsFutures01::new(std::future::poll_fn(move |cx| {
        polls += 1;
        if polls == 1000 {
            set.store(true, SeqCst);
            return Poll::Ready(());
        }
        match &known {
            Some(waker) => assert!(waker.will_wake(cx.waker())),
            None => known = Some(cx.waker().clone()),
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    let inner = futures::Future::map_err(inner, |never| match never {});
    executor.shared.push(Task::new(Futures01::new(inner), executor.door()));
    executor.turn(); // One allocation, for the waker.
    free_of_charge(|| executor.run());
    assert!(done.load(SeqCst));
}

struct Silent;

impl std::task::Wake for Silent {
    fn wake(self: Arc<Self>) {}
}

#[test]
fn an_ambient_task_of_a_foreign_waker_is_made_once_and_only_when_asked_for() {
    let waker = Waker::from(Arc::new(Silent));
    let mut cx = std::task::Context::from_waker(&waker);
    free_of_charge(|| with_futures01(&mut cx, || ()));
    let mut ambient = AmbientTask::default();
    free_of_charge(|| ambient.enter(&mut cx, || ()));
    let task = ambient.enter(&mut cx, futures::task::current);
    free_of_charge(|| {
        for _ in 0..100 {
            ambient.enter(&mut cx, || {
                assert!(task.will_notify_current());
                drop(futures::task::current());
            });
        }
    });
    // Another waker is another task.
    let other = Waker::from(Arc::new(Silent));
    let mut cx = std::task::Context::from_waker(&other);
    assert!(ambient.enter(&mut cx, || !task.will_notify_current()));
}
