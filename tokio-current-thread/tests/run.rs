//! How far an executor runs: `run`, `run_timeout`, `block_on`, `turn`, `block_on_all`.

mod support;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;
use std::time::{Duration, Instant};
use support::{std_future, yields, Generation, Logged, PATIENCE};
use tokio_current_thread::{block_on_all, CurrentThread};
use tokio_executor::enter;
use tokio_task::{Caller, Waiter};

in_both_generations! {
    run_ends_when_no_task_is_left
    block_on_leaves_the_other_tasks_for_later
    block_on_all_waits_for_all
    a_turn_polls_each_ready_task_once
    run_timeout_tells_whether_time_was_up
    a_failing_parker_is_an_error_and_loses_no_task
    ready_tasks_are_polled_in_their_order
}

fn run_ends_when_no_task_is_left(generation: Generation) {
    let mut executor = CurrentThread::new();
    assert!(executor.is_idle());
    executor.run().unwrap();
    let count = Rc::new(Cell::new(0));
    fn chain(generation: Generation, count: Rc<Cell<u32>>) {
        let mut waits = yields(3);
        generation.spawn_here(move |caller| {
            if waits(caller).is_pending() {
                return Poll::Pending;
            }
            count.set(count.get() + 1);
            if count.get() < 10 {
                chain(generation, count.clone());
            }
            Poll::Ready(())
        });
    }
    let counted = count.clone();
    generation.spawn(&mut executor, move |_| {
        chain(generation, counted.clone());
        Poll::Ready(())
    });
    assert!(!executor.is_idle());
    executor.run().unwrap();
    assert_eq!(count.get(), 10);
    assert!(executor.is_idle());
}

fn block_on_leaves_the_other_tasks_for_later(generation: Generation) {
    let mut executor = CurrentThread::new();
    let done = Rc::new(Cell::new(false));
    let theirs = done.clone();
    let mut waits = yields(10);
    generation.spawn(&mut executor, move |caller| {
        let polled = waits(caller);
        theirs.set(polled.is_ready());
        polled
    });
    // It borrows: need not be 'static.
    let text = String::from("borrowed");
    let mut waits = yields(3);
    let answer = generation.block_on(&mut executor, |caller| waits(caller).map(|()| text.len()));
    assert_eq!(answer, 8);
    assert!(!done.get());
    assert!(!executor.is_idle());
    executor.run().unwrap();
    assert!(done.get());
}

fn block_on_all_waits_for_all(generation: Generation) {
    let done = Rc::new(Cell::new(false));
    let theirs = done.clone();
    let answer = block_on_all(async move {
        let mut waits = yields(5);
        generation.spawn_here(move |caller| waits(caller).map(|()| theirs.set(true)));
        7
    });
    assert_eq!(answer, 7);
    assert!(done.replace(false));
    let theirs = done.clone();
    let result = block_on_all(futures::future::lazy(move || {
        let mut waits = yields(5);
        generation.spawn_here(move |caller| waits(caller).map(|()| theirs.set(true)));
        Err::<(), _>("failed")
    }));
    assert_eq!(result, Err("failed"));
    assert!(done.get());
}

fn a_turn_polls_each_ready_task_once(generation: Generation) {
    let mut executor = CurrentThread::new();
    let polls = Rc::new(Cell::new(0));
    for _ in 0..1000 {
        let (polls, mut waits) = (polls.clone(), yields(2));
        generation.spawn(&mut executor, move |caller| {
            polls.set(polls.get() + 1);
            waits(caller)
        });
    }
    for turn in 1..=3 {
        assert!(executor.turn(None).unwrap().has_polled());
        assert_eq!(polls.get(), 1000 * turn);
    }
    assert!(executor.is_idle());
    assert!(!executor.turn(Some(Duration::ZERO)).unwrap().has_polled());
}

fn run_timeout_tells_whether_time_was_up(generation: Generation) {
    let mut executor = CurrentThread::new();
    executor.run_timeout(Duration::ZERO).unwrap();
    // Polled once, however short the time.
    generation.spawn(&mut executor, |_| Poll::Ready(()));
    let _ = executor.run_timeout(Duration::ZERO);
    assert!(executor.is_idle());
    let kept = Rc::new(RefCell::new(None));
    let theirs = kept.clone();
    generation.spawn(&mut executor, move |caller| {
        if theirs.borrow_mut().take().is_some() {
            return Poll::Ready(());
        }
        *theirs.borrow_mut() = Some(Waiter::from(caller));
        Poll::Pending
    });
    let begin = Instant::now();
    let error = executor.run_timeout(Duration::from_millis(20)).unwrap_err();
    assert!(error.is_timeout());
    assert!(begin.elapsed() >= Duration::from_millis(20));
    // Woken between two runs.
    let waiter = kept.borrow().clone();
    waiter.expect("it waits").wake();
    executor.run_timeout(PATIENCE).unwrap();
    executor.run_timeout(Duration::MAX).unwrap();
    // A task that is always ready does not outlast it.
    generation.spawn(&mut executor, yields(usize::MAX));
    assert!(executor.run_timeout(Duration::from_millis(5)).unwrap_err().is_timeout());
}

fn a_failing_parker_is_an_error_and_loses_no_task(generation: Generation) {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    generation.spawn(&mut executor, yields(1));
    log.fails.set(true);
    assert!(executor.turn(None).is_err());
    generation.spawn(&mut executor, |_| Poll::Pending);
    assert!(executor.run().is_err());
    assert!(!executor.run_timeout(PATIENCE).unwrap_err().is_timeout());
    let failed = executor.block_on(futures::future::empty::<(), ()>()).unwrap_err();
    assert!(failed.into_inner().is_none());
    assert!(executor.block_on(std::future::pending::<()>()).is_err());
    log.fails.set(false);
    generation.block_on(&mut executor, yields(3));
    assert!(!executor.is_idle());
}

fn ready_tasks_are_polled_in_their_order(generation: Generation) {
    let mut executor = CurrentThread::new();
    let order = Rc::new(RefCell::new(Vec::new()));
    for i in 0..100 {
        let (order, mut waits) = (order.clone(), yields(2));
        generation.spawn(&mut executor, move |caller| {
            order.borrow_mut().push(i);
            waits(caller)
        });
    }
    executor.run().unwrap();
    let expected: Vec<_> = (0..3).flat_map(|_| 0..100).collect();
    assert_eq!(*order.borrow(), expected);
}

#[test]
fn a_second_executor_on_a_thread_is_an_error() {
    let mut executor = CurrentThread::new();
    let _enter = enter().unwrap();
    assert!(executor.run().is_err());
    assert!(executor.turn(None).is_err());
    assert!(!executor.run_timeout(PATIENCE).unwrap_err().is_timeout());
    assert!(executor.block_on(async {}).unwrap_err().into_inner().is_none());
    let error = executor.block_on(futures::future::err::<(), _>(1)).unwrap_err();
    assert_eq!(error.into_inner(), None);
    assert!(std::panic::catch_unwind(|| block_on_all(async {})).is_err());
}

#[test]
fn an_executor_inside_a_task_is_an_error() {
    let mut executor = CurrentThread::new();
    executor.block_on(async { assert!(CurrentThread::new().run().is_err()) }).unwrap();
    executor.run().unwrap();
}

#[test]
fn an_entered_executor_does_it_all() {
    let mut enter = enter().unwrap();
    let mut executor = CurrentThread::new();
    let mut entered = executor.enter(&mut enter);
    entered.spawn(futures::future::ok(())).spawn(futures::future::err(()));
    let handle = entered.spawn(async { 1 });
    assert!(entered.turn(None).unwrap().has_polled());
    assert_eq!(entered.block_on(handle).unwrap().unwrap(), 1);
    assert_eq!(entered.block_on(futures::future::ok::<_, ()>(2)).unwrap(), 2);
    drop(entered.spawn(std_future(yields(3))));
    entered.run_timeout(PATIENCE).unwrap();
    entered.run().unwrap();
    let _: &tokio_executor::park::ParkThread = entered.get_park();
    let _: &mut tokio_executor::park::ParkThread = entered.get_park_mut();
    assert!(format!("{entered:?}").contains("Entered"));
}

#[test]
fn two_executors_on_a_thread_keep_their_tasks_apart() {
    let (mut one, mut two) = (CurrentThread::new(), CurrentThread::new());
    let handle = one.spawn(async { tokio_current_thread::spawn(async { 1 }).await.unwrap() });
    let (other, ran) = (two.handle(), two.spawn(async { 2 }));
    let spawned =
        one.block_on(poll_fn(|_| Poll::Ready(other.spawn(async { 3 }).unwrap()))).unwrap();
    assert!(!spawned.is_finished() && !ran.is_finished());
    two.run().unwrap();
    assert!(spawned.is_finished() && ran.is_finished());
    one.run().unwrap();
    assert_eq!(one.block_on(handle).unwrap().unwrap(), 1);
}

#[test]
fn a_turn_without_a_task_waits_and_is_ended_by_unpark() {
    use tokio_executor::park::{Park, Unpark};
    let mut executor = CurrentThread::new();
    let unpark = executor.get_park().unpark();
    let thread = std::thread::spawn(move || unpark.unpark());
    assert!(!executor.turn(None).unwrap().has_polled());
    thread.join().unwrap();
}

#[test]
fn a_main_future_is_polled_again_only_when_woken() {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    let mut polls = 0;
    let waker: Rc<RefCell<Option<Waiter>>> = Rc::default();
    let theirs = waker.clone();
    // Woken by what the parker does on this thread, as a reactor does.
    let chore = move || theirs.borrow_mut().take().expect("waits").wake();
    *log.chore.borrow_mut() = Some(Box::new(chore));
    let main = std_future(|caller: Caller<'_>| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(());
        }
        *waker.borrow_mut() = Some(Waiter::from(caller));
        Poll::Pending
    });
    drop(executor.spawn(std_future(yields(10))));
    executor.block_on(main).unwrap();
    assert_eq!((polls, log.parks.get()), (2, 1));
}
