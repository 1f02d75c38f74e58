//! Wakes from this and other threads, fairness, and rest.

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use support::{yields, Generation, Logged, PATIENCE};
use tokio_current_thread::CurrentThread;
use tokio_task::{poll_proceed, Caller, Waiter, WaiterCell};

in_both_generations! {
    wakes_of_other_threads_are_not_lost
    the_main_future_is_woken_by_other_threads
    a_task_that_is_always_ready_starves_neither_the_parker_nor_other_threads
    a_main_future_that_is_always_ready_starves_neither_tasks_nor_the_parker
    two_tasks_that_wake_each_other_do_not_starve_a_third
    long_polls_let_the_parker_be_asked_between_them
    an_idle_executor_does_not_spin
    what_the_parker_wakes_is_polled
    many_short_block_on_calls_ask_the_parker
    many_short_block_on_calls_let_tasks_run
    a_main_future_has_a_budget
}

/// A task on this thread and another thread pass a number to and fro.
fn wakes_of_other_threads_are_not_lost(generation: Generation) {
    const ROUNDS: usize = 500;
    let mut executor = CurrentThread::new();
    let (shared, done) = (Arc::new((AtomicUsize::new(0), WaiterCell::new())), Rc::default());
    let (sender, receiver) = mpsc::channel();
    let theirs = shared.clone();
    let thread = thread::spawn(move || {
        for round in receiver {
            theirs.0.store(round, SeqCst);
            theirs.1.wake();
        }
    });
    let (mut round, finished) = (0, Rc::clone(&done));
    generation.spawn(&mut executor, move |caller| {
        shared.1.register(caller);
        while shared.0.load(SeqCst) == round {
            round += 1;
            if round > ROUNDS {
                Cell::set(&*finished, true);
                return Poll::Ready(());
            }
            sender.send(round).unwrap();
        }
        Poll::Pending
    });
    executor.run_timeout(PATIENCE).unwrap();
    assert!(Cell::get(&done));
    thread.join().unwrap();
}

fn the_main_future_is_woken_by_other_threads(generation: Generation) {
    let mut executor = CurrentThread::new();
    let cell = Arc::new(WaiterCell::new());
    for _ in 0..100 {
        let done = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        generation.block_on(&mut executor, |caller| {
            cell.register(caller);
            if threads.is_empty() {
                let (done, cell) = (done.clone(), cell.clone());
                threads.push(thread::spawn(move || {
                    done.store(true, SeqCst);
                    cell.wake();
                }));
            }
            if done.load(SeqCst) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

fn a_task_that_is_always_ready_starves_neither_the_parker_nor_other_threads(
    generation: Generation,
) {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    generation.spawn(&mut executor, move |caller| {
        counted.set(counted.get() + 1);
        if stopped.load(SeqCst) {
            return Poll::Ready(());
        }
        caller.wake();
        Poll::Pending
    });
    let handle = executor.handle();
    let thread = thread::spawn(move || {
        // It runs while the other task is always ready.
        let waited = handle.spawn(async move { stop.store(true, SeqCst) }).unwrap();
        drop(waited);
    });
    executor.run_timeout(PATIENCE).unwrap();
    thread.join().unwrap();
    // At least once in 64 polls (and one more for the first that may not be full).
    assert!(log.asked.get() + 1 >= polls.get() / 64, "{} {}", log.asked.get(), polls.get());
}

fn a_main_future_that_is_always_ready_starves_neither_tasks_nor_the_parker(generation: Generation) {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    let (ran, chore) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (task, parker) = (ran.clone(), chore.clone());
    let mut waits = yields(1000);
    generation.spawn(&mut executor, move |caller| waits(caller).map(|()| task.set(true)));
    *log.chore.borrow_mut() = Some(Box::new(move || parker.set(true)));
    generation.block_on(&mut executor, |caller| {
        if ran.get() && chore.get() {
            return Poll::Ready(());
        }
        caller.wake();
        Poll::Pending
    });
}

fn two_tasks_that_wake_each_other_do_not_starve_a_third(generation: Generation) {
    let mut executor = CurrentThread::new();
    let done = Rc::new(Cell::new(false));
    let cells: Rc<[WaiterCell; 2]> = Rc::default();
    for i in 0..2 {
        let (cells, done) = (cells.clone(), done.clone());
        generation.spawn(&mut executor, move |caller| {
            cells[i].register(caller);
            cells[1 - i].wake();
            if done.get() {
                return Poll::Ready(());
            }
            Poll::Pending
        });
    }
    let mut waits = yields(100);
    generation.spawn(&mut executor, move |caller| waits(caller).map(|()| done.set(true)));
    executor.run_timeout(PATIENCE).unwrap();
}

fn long_polls_let_the_parker_be_asked_between_them(generation: Generation) {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    let mut waits = yields(60);
    generation.spawn(&mut executor, move |caller| {
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_millis(1) {}
        waits(caller)
    });
    executor.run().unwrap();
    // 16 polls, then between all.
    assert!(log.asked.get() >= 40, "{}", log.asked.get());
}

fn an_idle_executor_does_not_spin(generation: Generation) {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    let cell = Arc::new(WaiterCell::new());
    let (theirs, ready) = (cell.clone(), Arc::new(AtomicBool::new(false)));
    let (seen, parks) = (ready.clone(), log.parks.clone());
    generation.spawn(&mut executor, move |caller| {
        theirs.register(caller);
        if seen.load(SeqCst) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    let thread = thread::spawn(move || {
        // If it spun, it would have time for it.
        thread::sleep(Duration::from_millis(20));
        ready.store(true, SeqCst);
        cell.wake();
    });
    executor.run().unwrap();
    thread.join().unwrap();
    assert!(parks.get() <= 1 && log.asked.get() == 0, "{} {}", parks.get(), log.asked.get());
}

fn what_the_parker_wakes_is_polled(generation: Generation) {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    let waiter: Rc<RefCell<Option<Waiter>>> = Rc::default();
    let theirs = waiter.clone();
    *log.chore.borrow_mut() = Some(Box::new(move || theirs.borrow_mut().take().unwrap().wake()));
    let mut first = true;
    generation.spawn(&mut executor, move |caller| {
        if !std::mem::replace(&mut first, false) {
            return Poll::Ready(());
        }
        *waiter.borrow_mut() = Some(Waiter::from(caller));
        Poll::Pending
    });
    executor.run().unwrap();
    assert_eq!(log.parks.get(), 1);
}

fn many_short_block_on_calls_ask_the_parker(generation: Generation) {
    let (park, log) = Logged::new();
    let mut executor = CurrentThread::new_with_park(park);
    for _ in 0..650 {
        generation.block_on(&mut executor, |_| Poll::Ready(()));
    }
    assert!(log.asked.get() >= 10, "{}", log.asked.get());
    // None of them has unparked its own thread.
    assert!(executor.run_timeout(Duration::ZERO).is_ok());
    let (asked, begin) = (log.asked.get(), Instant::now());
    executor.turn(Some(Duration::from_millis(10))).unwrap();
    assert_eq!(log.asked.get(), asked + 1);
    assert!(begin.elapsed() >= Duration::from_millis(10));
}

fn many_short_block_on_calls_let_tasks_run(generation: Generation) {
    let mut executor = CurrentThread::new();
    generation.spawn(&mut executor, yields(10));
    for _ in 0..12 {
        assert!(!executor.is_idle());
        generation.block_on(&mut executor, |_| Poll::Ready(()));
    }
    assert!(executor.is_idle());
}

fn a_main_future_has_a_budget(generation: Generation) {
    let mut executor = CurrentThread::new();
    let (mut polls, ran) = (0, Rc::new(Cell::new(false)));
    let theirs = ran.clone();
    generation.spawn(&mut executor, move |_| {
        theirs.set(true);
        Poll::Ready(())
    });
    generation.block_on(&mut executor, |caller: Caller<'_>| {
        polls += 1;
        while !ran.get() {
            // A resource that is always ready lets the task run nevertheless.
            if poll_proceed(caller).is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Ready(())
    });
    assert_eq!(polls, 2);
}
