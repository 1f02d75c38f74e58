//! What an executor allocates: one block for each task; nothing per poll, wake or `block_on`.

// There no thread is counted: see `tests_heap::COUNTS_THREADS`.
#![cfg(not(all(windows, target_env = "gnu")))]

mod support;

use futures::Future as Future01;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::Poll;
use support::{futures01, std_future, yields, Generation};
use tests_heap::{allocations, cost, Counting};
use tokio_current_thread::{spawn, CurrentThread, TaskExecutor};
use tokio_task::Waiter;

in_both_generations! {
    a_spawn_is_one_allocation
    polls_and_wakes_allocate_nothing
    a_block_on_allocates_nothing_per_poll
    what_was_spawned_is_freed
}

#[global_allocator]
static HEAP: Counting = Counting;

fn a_spawn_is_one_allocation(generation: Generation) {
    let mut executor = CurrentThread::new();
    // What the thread needs once.
    generation.block_on(&mut executor, yields(1));
    assert_eq!(allocations(|| generation.spawn(&mut executor, |_| Poll::Ready(()))), 1);
    let handle = executor.handle();
    let inside = allocations(|| {
        generation.block_on(&mut executor, |_| {
            assert_eq!(allocations(|| generation.spawn_here(|_| Poll::Ready(()))), 1);
            let remote = match generation {
                Generation::Futures01 => {
                    allocations(|| handle.spawn(futures::future::ok(())).unwrap())
                }
                Generation::Std => allocations(|| drop(handle.spawn(async {}).unwrap())),
            };
            assert_eq!(remote, 1);
            Poll::Ready(())
        })
    });
    assert!(inside <= 3, "{inside}");
    assert!(allocations(|| executor.run().unwrap()) == 0);
}

fn polls_and_wakes_allocate_nothing(generation: Generation) {
    let mut executor = CurrentThread::new();
    let kept: Rc<RefCell<Option<Waiter>>> = Rc::default();
    let theirs = kept.clone();
    generation.spawn(&mut executor, move |caller| {
        *theirs.borrow_mut() = Some(Waiter::from(caller));
        caller.wake();
        Poll::Pending
    });
    for _ in 0..10 {
        generation.spawn(&mut executor, yields(1000));
    }
    executor.turn(None).unwrap();
    let turns = allocations(|| {
        for _ in 0..100 {
            executor.turn(None).unwrap();
            // Outside of a run.
            kept.borrow().as_ref().unwrap().wake_by_ref();
        }
    });
    assert_eq!(turns, 0);
}

fn a_block_on_allocates_nothing_per_poll(generation: Generation) {
    let mut executor = CurrentThread::new();
    generation.block_on(&mut executor, yields(1));
    let once = allocations(|| generation.block_on(&mut executor, yields(1)));
    // The 0.1 notifier of the main future.
    assert!(once <= 1, "{once}");
    assert_eq!(allocations(|| generation.block_on(&mut executor, yields(1000))), once);
}

fn what_was_spawned_is_freed(generation: Generation) {
    generation.block_on(&mut CurrentThread::new(), yields(1));
    let (cost, ()) = cost(|| {
        let mut executor = CurrentThread::new();
        let kept: Rc<RefCell<Vec<Waiter>>> = Rc::default();
        for i in 0..100 {
            let (kept, mut waits) = (kept.clone(), yields(i));
            generation.spawn(&mut executor, move |caller| {
                kept.borrow_mut().push(Waiter::from(caller));
                waits(caller)
            });
        }
        for _ in 0..50 {
            executor.turn(None).unwrap();
        }
        drop(executor);
        drop(kept);
    });
    assert_eq!(cost.bytes, 0);
}

#[test]
fn a_local_spawn_allocates_its_task_beside_the_box() {
    let mut executor = CurrentThread::new();
    let main = futures::future::lazy(|| {
        spawn(futures01(yields(1)).map(drop));
        let task: Box<dyn Future01<Item = (), Error = ()>> = Box::new(futures01(yields(1)));
        let local = move || TaskExecutor::current().spawn_local(task).unwrap();
        assert_eq!(allocations(local), 1);
        let std = || drop(TaskExecutor::current().try_spawn(std_future(yields(1))).unwrap());
        assert_eq!(allocations(std), 1);
        Ok::<_, ()>(())
    });
    executor.block_on(main).unwrap();
    executor.run().unwrap();
}
