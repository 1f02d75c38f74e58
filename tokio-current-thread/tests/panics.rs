//! A panic in a task: who learns of it, and what goes on.

mod support;

use std::cell::Cell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::task::Poll;
use support::{message, yields, Drops, Generation, OnDrop};
use tokio_current_thread::CurrentThread;

in_both_generations! {
    a_panic_that_nobody_joins_comes_out_and_the_executor_stays_usable
    a_panic_of_the_main_future_comes_out_and_the_executor_stays_usable
    a_panic_in_a_destructor_of_a_task_comes_out
    a_panic_ends_a_turn_and_leaves_the_rest_ready
}

fn panics_with<R>(f: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).err().expect("a panic");
    message(&*payload).to_string()
}

fn a_panic_that_nobody_joins_comes_out_and_the_executor_stays_usable(generation: Generation) {
    let mut executor = CurrentThread::new();
    let (drops, done) = (Drops::default(), Rc::new(Cell::new(0)));
    for i in 0..10 {
        let (token, done, mut waits) = (drops.token(), done.clone(), yields(2));
        generation.spawn(&mut executor, move |caller| {
            token.hold();
            let polled = waits(caller);
            if polled.is_ready() {
                assert_ne!(i, 3, "the third");
                done.set(done.get() + 1);
            }
            polled
        });
    }
    assert!(panics_with(|| executor.run()).contains("the third"));
    assert_eq!(done.get(), 3);
    executor.run().unwrap();
    assert_eq!((done.get(), drops.count()), (9, 10));
    generation.spawn(&mut executor, |_| panic!("again"));
    assert_eq!(panics_with(|| executor.block_on(std::future::pending::<()>())), "again");
    assert!(executor.is_idle());
}

fn a_panic_of_the_main_future_comes_out_and_the_executor_stays_usable(generation: Generation) {
    let mut executor = CurrentThread::new();
    let done = Rc::new(Cell::new(false));
    let (theirs, mut waits) = (done.clone(), yields(3));
    generation.spawn(&mut executor, move |caller| waits(caller).map(|()| theirs.set(true)));
    assert_eq!(
        panics_with(|| generation.block_on::<_, ()>(&mut executor, |_| panic!("main"))),
        "main"
    );
    executor.run().unwrap();
    assert!(done.get());
}

fn a_panic_in_a_destructor_of_a_task_comes_out(generation: Generation) {
    let mut executor = CurrentThread::new();
    let bomb = OnDrop(|| panic!("dropped"));
    generation.spawn(&mut executor, move |_| {
        bomb.hold();
        Poll::Ready(())
    });
    assert_eq!(panics_with(|| executor.run()), "dropped");
    assert!(executor.is_idle());
}

fn a_panic_ends_a_turn_and_leaves_the_rest_ready(generation: Generation) {
    let mut executor = CurrentThread::new();
    generation.spawn(&mut executor, |_| panic!("first"));
    let done = Rc::new(Cell::new(false));
    let theirs = done.clone();
    generation.spawn(&mut executor, move |_| {
        theirs.set(true);
        Poll::Ready(())
    });
    assert_eq!(panics_with(|| executor.turn(None)), "first");
    assert!(!done.get());
    assert!(executor.turn(None).unwrap().has_polled());
    assert!(done.get());
}

#[test]
fn a_panic_goes_to_the_join_handle() {
    let mut executor = CurrentThread::new();
    let handle = executor.spawn(async { panic!("joined") });
    executor.run().unwrap();
    let joined: Result<(), _> = executor.block_on(handle).unwrap();
    assert_eq!(message(&*joined.unwrap_err().into_panic()), "joined");
}

#[test]
fn a_panic_of_a_payload_is_contained() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("a payload");
        }
    }
    let mut executor = CurrentThread::new();
    drop(executor.spawn(async {
        let _second = OnDrop(|| std::panic::panic_any(Bomb));
    }));
    let payload = catch_unwind(AssertUnwindSafe(|| executor.run())).unwrap_err();
    assert!(payload.is::<Bomb>());
    std::mem::forget(payload);
    // In the shutdown nobody sees it.
    drop(executor.spawn(async {}));
    let bomb = OnDrop(|| std::panic::panic_any(Bomb));
    drop(executor.spawn(async move { bomb.hold() }));
    drop(executor);
}
