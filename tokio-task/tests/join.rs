//! What a join handle yields, and what becomes of panics, in both generations.

mod executor;

use executor::{message, Drops, Executor, Generation, Handle};
use futures::Future as Future01;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, RawWaker, RawWakerVTable, Wake, Waker};
use tokio_task::{JoinHandle, Std, TaskKind};

in_both_generations! {
    a_panic_reaches_the_handle
    a_panic_without_a_handle_is_reported
    a_panic_whose_handle_goes_away_later_is_reported
    a_panic_in_the_futures_destructor_is_reported
    a_panic_in_the_destructor_of_a_cancelled_future_is_reported
    a_panic_in_the_outputs_destructor_is_reported
    a_panic_in_the_handles_waker_stays_there
    the_handle_is_woken_once_the_task_has_ended
    the_last_waker_is_woken
    an_unchanged_waker_is_not_stored_again
    a_dropped_handle_drops_its_waker
    a_complete_task_keeps_no_waker
    tasks_that_await_each_other_are_freed
    a_task_may_own_its_handle
    a_handle_that_is_polled_again_panics
    a_join_in_futures01_yields_the_output
}

/// Counts wakes; `Arc::strong_count` counts the wakers.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Pending once, then `last`.
fn twice<T: 'static>(last: impl FnOnce() -> T + Send + 'static) -> impl executor::Step<T> {
    let mut last = Some(last);
    let mut first = true;
    move |caller| {
        if std::mem::take(&mut first) {
            caller.wake();
            return Poll::Pending;
        }
        Poll::Ready(last.take().expect("polled once more")())
    }
}

fn a_panic_reaches_the_handle(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let token = drops.token();
    let handle = generation.spawn::<()>(&executor, move |_| {
        let _ = &token;
        panic!("of the task")
    });
    executor.run();
    assert_eq!(drops.count(), 1);
    assert!(executor.panics().is_empty());
    assert_eq!(executor.completed(), 1);
    let error = handle.joined().unwrap_err();
    assert!(error.is_panic() && !error.is_cancelled());
    assert_eq!(error.to_string(), "task panicked");
    assert_eq!(format!("{error:?}"), "JoinError::Panic");
    assert_eq!(message(&*error.into_panic()), "of the task");
}

fn a_panic_without_a_handle_is_reported(generation: Generation) {
    let executor = Executor::new();
    generation.spawn_detached(&executor, |_| panic!("detached"));
    drop(generation.spawn::<()>(&executor, |_| panic!("dropped")));
    executor.run();
    assert_eq!(executor.panics(), ["detached", "dropped"]);
    assert_eq!(executor.completed(), 2);
}

fn a_panic_whose_handle_goes_away_later_is_reported(generation: Generation) {
    let executor = Executor::new();
    let handle = generation.spawn::<()>(&executor, |_| panic!("late"));
    executor.run();
    assert!(executor.panics().is_empty());
    drop(handle);
    assert_eq!(executor.panics(), ["late"]);
}

fn a_panic_in_the_futures_destructor_is_reported(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let bomb = drops.bomb("destructor");
    let handle = generation.spawn(&executor, move |_| {
        let _ = &bomb;
        Poll::Ready(7)
    });
    executor.run();
    assert_eq!(handle.joined().unwrap(), 7);
    assert_eq!(executor.panics(), ["destructor"]);
    assert_eq!(drops.count(), 1);
    assert_eq!(executor.completed(), 1);
}

fn a_panic_in_the_destructor_of_a_cancelled_future_is_reported(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let mut handles = Vec::new();
    for text in ["aborted", "entry dropped"] {
        let bomb = drops.bomb(text);
        let (task, handle) = generation.task::<()>(&executor, move |_| {
            let _ = &bomb;
            Poll::Pending
        });
        handles.push(handle);
        if text == "aborted" {
            task.run(&executor);
            handles[0].abort();
            executor.run();
        } else {
            drop(task);
        }
    }
    assert_eq!(executor.panics(), ["aborted", "entry dropped"]);
    assert_eq!(drops.count(), 2);
    assert_eq!(executor.completed(), 2);
    for handle in handles {
        assert!(handle.joined().unwrap_err().is_cancelled());
    }
}

fn a_panic_in_the_outputs_destructor_is_reported(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let (first, second) = (drops.bomb("before"), drops.bomb("after"));
    drop(generation.spawn(&executor, twice(|| first)));
    let handle = generation.spawn(&executor, twice(|| second));
    executor.run();
    assert_eq!(executor.panics(), ["before"]);
    drop(handle);
    assert_eq!(executor.panics(), ["before", "after"]);
    assert_eq!(drops.count(), 2);
}

/// A waker each of whose functions panics, as long as `ARMED` says so.
mod hostile {
    use super::*;
    use std::sync::atomic::AtomicBool;

    thread_local! {
        pub(crate) static ARMED: AtomicBool = const { AtomicBool::new(false) };
    }

    fn go_off() {
        if ARMED.with(|armed| armed.load(SeqCst)) {
            panic!("of the waker");
        }
    }

    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |_| {
            go_off();
            RawWaker::new(std::ptr::null(), &TABLE)
        },
        |_| go_off(),
        |_| go_off(),
        |_| go_off(),
    );

    pub(crate) fn waker() -> std::mem::ManuallyDrop<Waker> {
        // SAFETY: the functions do nothing with the pointer.
        std::mem::ManuallyDrop::new(unsafe { Waker::new(std::ptr::null(), &TABLE) })
    }

    pub(crate) fn arm(armed: bool) {
        ARMED.with(|place| place.store(armed, SeqCst));
    }
}

fn a_panic_in_the_handles_waker_stays_there(generation: Generation) {
    let executor = Executor::new();
    let drops = Drops::default();
    let token = drops.token();
    let waker = hostile::waker();

    // In `wake`, and in the destructor.
    let mut handle = generation.spawn(&executor, twice(|| token));
    assert!(handle.poll_with(&waker).is_pending());
    hostile::arm(true);
    executor.run();
    assert_eq!(executor.completed(), 1);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(handle))).is_err());
    hostile::arm(false);
    assert_eq!(drops.count(), 1);

    // In `clone`: the handle goes on.
    let mut handle = generation.spawn(&executor, twice(|| 7));
    hostile::arm(true);
    assert!(catch_unwind(AssertUnwindSafe(|| handle.poll_with(&waker))).is_err());
    hostile::arm(false);
    let bell = Arc::new(Bell::default());
    assert!(handle.poll_with(&bell.clone().into()).is_pending());
    executor.run();
    assert_eq!(bell.0.load(SeqCst), 1);
    assert_eq!(handle.joined().unwrap(), 7);
    assert!(executor.panics().is_empty());
}

fn the_handle_is_woken_once_the_task_has_ended(generation: Generation) {
    let executor = Executor::new();
    let bell = Arc::new(Bell::default());
    let mut handle = generation.spawn(&executor, twice(|| 7));
    assert!(handle.poll_with(&bell.clone().into()).is_pending());
    executor.turn();
    assert!(handle.poll_with(&bell.clone().into()).is_pending());
    assert_eq!(bell.0.load(SeqCst), 0);
    executor.turn();
    assert_eq!(bell.0.load(SeqCst), 1);
    assert_eq!(handle.joined().unwrap(), 7);

    let mut handle = generation.spawn::<()>(&executor, |_| Poll::Pending);
    executor.run();
    assert!(handle.poll_with(&bell.clone().into()).is_pending());
    handle.abort();
    executor.run();
    assert_eq!(bell.0.load(SeqCst), 2);
}

fn the_last_waker_is_woken(generation: Generation) {
    let executor = Executor::new();
    let bells = [Arc::new(Bell::default()), Arc::new(Bell::default())];
    let mut handle = generation.spawn(&executor, twice(|| 7));
    for bell in &bells {
        assert!(handle.poll_with(&bell.clone().into()).is_pending());
    }
    assert_eq!(Arc::strong_count(&bells[0]), 1);
    executor.run();
    assert_eq!(bells.map(|bell| bell.0.load(SeqCst)), [0, 1]);
}

fn an_unchanged_waker_is_not_stored_again(generation: Generation) {
    let executor = Executor::new();
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut handle = generation.spawn(&executor, twice(|| 7));
    for _ in 0..3 {
        assert!(handle.poll_with(&waker).is_pending());
        assert_eq!(Arc::strong_count(&bell), 3);
    }
}

fn a_dropped_handle_drops_its_waker(generation: Generation) {
    let executor = Executor::new();
    let bell = Arc::new(Bell::default());
    let mut handle = generation.spawn(&executor, twice(|| 7));
    assert!(handle.poll_with(&bell.clone().into()).is_pending());
    drop(handle);
    assert_eq!(Arc::strong_count(&bell), 1);
    executor.run();
    assert_eq!(bell.0.load(SeqCst), 0);
}

fn a_complete_task_keeps_no_waker(generation: Generation) {
    for take in [true, false] {
        let executor = Executor::new();
        let bell = Arc::new(Bell::default());
        let own: Arc<Mutex<Option<tokio_task::Waiter>>> = Arc::default();
        let place = own.clone();
        let mut step = twice(|| 7);
        let mut handle = generation.spawn(&executor, move |caller| {
            *place.lock().unwrap() = Some(caller.into());
            step(caller)
        });
        assert!(handle.poll_with(&bell.clone().into()).is_pending());
        executor.run();
        if take {
            assert!(handle.poll_with(Waker::noop()).is_ready());
        } else {
            drop(handle);
        }
        // The task's own waker keeps the task's memory, but nothing else.
        assert_eq!(Arc::strong_count(&bell), 1);
        drop(own.lock().unwrap().take());
    }
}

/// Each of two tasks was awaited by the other, and ends with the other's handle out of its hands.
fn tasks_that_await_each_other_are_freed(generation: Generation) {
    let executor = Executor::new();
    let alive = Arc::new(());
    let places: [Arc<Mutex<Option<Handle<()>>>>; 2] = Default::default();
    for i in [0, 1] {
        let (mine, others) = (places[i].clone(), places[1 - i].clone());
        let door = alive.clone();
        let mut polls = 0;
        let handle = generation.spawn(&executor, move |caller| {
            let _ = &door;
            polls += 1;
            let waker = match caller {
                tokio_task::Caller::Std(waker) => waker.clone(),
                tokio_task::Caller::Futures01 => Waker::noop().clone(),
            };
            if let Some(other) = &mut *others.lock().unwrap() {
                let _ = other.poll_with(&waker);
            }
            if polls == 3 {
                return Poll::Ready(());
            }
            caller.wake();
            Poll::Pending
        });
        *mine.lock().unwrap() = Some(handle);
    }
    executor.run();
    assert_eq!(Arc::strong_count(&alive), 1);
    drop(places);
    // The tasks hold the executor's shared part as long as their memory lives.
    assert_eq!(Arc::strong_count(&executor.shared), 1);
}

fn a_task_may_own_its_handle(generation: Generation) {
    let executor = Executor::new();
    let place: Arc<Mutex<Option<Handle<()>>>> = Arc::default();
    let mine = place.clone();
    let mut own = None;
    let handle = generation.spawn(&executor, move |caller| match own.take() {
        None => {
            own = mine.lock().unwrap().take();
            caller.wake();
            Poll::Pending
        }
        Some(handle) => {
            drop(handle);
            Poll::Ready(())
        }
    });
    *place.lock().unwrap() = Some(handle);
    executor.run();
    assert_eq!(executor.completed(), 1);
    assert_eq!(Arc::strong_count(&executor.shared), 1);
}

fn a_handle_that_is_polled_again_panics(generation: Generation) {
    let executor = Executor::new();
    let mut handle = generation.spawn(&executor, |_| Poll::Ready(7));
    executor.run();
    assert!(handle.poll_with(Waker::noop()).is_ready());
    assert!(handle.is_finished());
    handle.abort();
    assert!(catch_unwind(AssertUnwindSafe(|| handle.poll_with(Waker::noop()))).is_err());
}

fn a_join_in_futures01_yields_the_output(generation: Generation) {
    fn join<T: Send + 'static>(executor: &Executor, handle: JoinHandle<T>) -> Arc<Mutex<String>> {
        let result: Arc<Mutex<String>> = Arc::default();
        let (set, fail) = (result.clone(), result.clone());
        executor.spawn(
            handle
                .join()
                .map(move |_| *set.lock().unwrap() = "joined".into())
                .map_err(move |error| *fail.lock().unwrap() = error.to_string()),
        );
        executor.run();
        result
    }
    let executor = Executor::new();
    for (expected, panics, aborts) in [
        ("joined", false, false),
        ("task panicked", true, false),
        ("task was cancelled", false, true),
    ] {
        let handle = generation.spawn(&executor, twice(move || assert!(!panics)));
        if aborts {
            handle.abort();
        }
        let result = match handle {
            Handle::Futures01(handle) => join(&executor, handle),
            Handle::Std(handle) => join(&executor, handle),
        };
        assert_eq!(*result.lock().unwrap(), expected);
    }
}

#[test]
fn into_future_of_futures01_detaches() {
    use futures::IntoFuture;
    let executor = Executor::new();
    let done = Arc::new(AtomicUsize::new(0));
    let set = done.clone();
    let handle: JoinHandle<()> = executor.spawn(async move {
        set.fetch_add(1, SeqCst);
    });
    assert_eq!(handle.into_future().wait(), Ok(()));
    assert_eq!(done.load(SeqCst), 0);
    executor.run();
    assert_eq!(done.load(SeqCst), 1);
}

#[test]
fn a_join_is_awaited_in_std() {
    let executor = Executor::new();
    let handle = executor.spawn(async { 7 });
    let outer = executor.spawn(async move { handle.join().await.unwrap() });
    executor.run();
    assert_eq!(Handle::Std(outer).joined().unwrap(), 7);
}

#[test]
fn a_join_can_be_aborted() {
    let executor = Executor::new();
    let join = executor.spawn(std::future::pending::<()>()).join();
    executor.run();
    join.abort();
    executor.run();
    assert!(join.wait().unwrap_err().is_cancelled());
}

#[test]
fn what_is_cancelled_at_once_says_so() {
    fn cancelled<G: TaskKind>(future: impl tokio_task::IntoTask<G>) -> G::Plain {
        G::cancelled(future.into_body())
    }
    let drops = Drops::default();
    let (first, second) = (drops.token(), drops.token());
    let handle = cancelled(async move {
        let _first = first;
        unreachable!("polled")
    });
    assert_eq!(drops.count(), 1);
    let error: tokio_task::JoinError = Handle::<()>::Std(handle).joined().unwrap_err();
    assert!(error.is_cancelled() && error.try_into_panic().is_err());
    cancelled(futures::future::lazy(move || {
        let _second = second;
        Ok(())
    }));
    assert_eq!(drops.count(), 2);
}

#[test]
fn handles_are_send_and_sync() {
    fn check<T: Send + Sync + Unpin + std::panic::UnwindSafe>() {}
    check::<JoinHandle<std::cell::Cell<u8>>>();
    fn check_send<T: Send>() {}
    check_send::<tokio_task::Task>();
    check_send::<tokio_task::Batch>();
    check_send::<tokio_task::Owned>();
    fn check_shared<T: Send + Sync>() {}
    check_shared::<tokio_task::Inbox>();
    check_shared::<tokio_task::Returns>();
    check_shared::<tokio_task::NextTask>();
    check_shared::<tokio_task::WaiterCell>();
    check_shared::<tokio_task::JoinError>();
}

/// An output that is not `Send` never leaves the thread that made it.
#[test]
fn a_detached_task_may_have_an_output_that_is_not_send() {
    let executor = Executor::new();
    let task = tokio_task::Task::new(
        Std(std::future::poll_fn(|_| Poll::Ready(std::rc::Rc::new(())))),
        executor.door(),
    );
    executor.shared.push(task);
    executor.run();
    assert_eq!(executor.completed(), 1);
}
