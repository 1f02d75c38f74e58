//! Marking a thread, and blocking on a future of either generation.

mod queue;

use futures::{future, Async, Future as _};
use queue::OnDrop;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use tokio_executor::{enter, exit, Enter};

#[test]
fn enter_twice_is_an_error() {
    let outer = enter().unwrap();
    let error = enter().unwrap_err();
    assert!(error.to_string().contains("on a thread that runs one already"), "{error}");
    assert!(format!("{error:?}").starts_with("EnterError"));
    // The failed attempt did not end it.
    assert!(enter().is_err());
    drop(outer);
    enter().unwrap();
}

#[test]
fn each_thread_enters_for_itself() {
    let _here = enter().unwrap();
    thread::spawn(|| drop(enter().unwrap())).join().unwrap();
}

#[test]
fn a_thread_may_enter_again_after_a_panic() {
    let _ = catch_unwind(|| {
        let _enter = enter().unwrap();
        panic!("on purpose");
    });
    enter().unwrap();
}

#[test]
fn on_exit_runs_in_order_before_the_thread_may_enter_again() {
    let order = Rc::new(RefCell::new(Vec::new()));
    let mut entered = enter().unwrap();
    for i in 0..3 {
        let order = order.clone();
        entered.on_exit(move || order.borrow_mut().push((i, enter().is_err())));
    }
    assert!(order.borrow().is_empty());
    drop(entered);
    assert_eq!(*order.borrow(), [(0, true), (1, true), (2, true)]);
    enter().unwrap();
}

#[test]
fn a_panic_in_on_exit_does_not_keep_the_rest_from_running() {
    let ran = Rc::new(Cell::new(false));
    let mut entered = enter().unwrap();
    entered.on_exit(|| panic!("on purpose"));
    let last = ran.clone();
    entered.on_exit(move || last.set(true));
    let panic = catch_unwind(AssertUnwindSafe(|| drop(entered))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"on purpose"));
    assert!(ran.get());
    enter().unwrap();
}

#[test]
fn a_panic_in_on_exit_while_panicking_does_not_abort() {
    let panic = catch_unwind(|| {
        let mut entered = enter().unwrap();
        entered.on_exit(|| panic!("the second"));
        panic!("the first");
    })
    .unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"the first"));
    enter().unwrap();
}

#[test]
fn a_permanent_enter_stays_and_drops_its_callbacks() {
    thread::spawn(|| {
        let dropped = Rc::new(Cell::new(false));
        let mut entered = enter().unwrap();
        let flag = dropped.clone();
        let on_drop = OnDrop(move || flag.set(true));
        entered.on_exit(move || {
            drop(on_drop);
            panic!("must not be called");
        });
        entered.make_permanent();
        assert!(dropped.get());
        assert!(enter().is_err());
    })
    .join()
    .unwrap();
}

#[test]
fn exit_lets_enter_and_restores_also_on_unwind() {
    let _outer = enter().unwrap();
    exit(|| {
        let _inner = enter().unwrap();
        assert!(enter().is_err());
    });
    assert!(enter().is_err());
    let _ = catch_unwind(|| exit(|| panic!("on purpose")));
    assert!(enter().is_err());
}

#[test]
fn exit_on_a_thread_that_has_not_entered_changes_nothing() {
    exit(|| drop(enter().unwrap()));
    enter().unwrap();
}

#[test]
fn block_on_returns_what_the_future_does() {
    let mut enter = enter().unwrap();
    assert_eq!(enter.block_on(async { 1 }), 1);
    assert_eq!(enter.block_on(future::ok::<_, ()>(1)), Ok(1));
    assert_eq!(enter.block_on(future::err::<(), _>(2)), Err(2));
}

#[test]
fn block_on_takes_a_named_type_as_in_0_1() {
    fn named<F: futures::Future>(enter: &mut Enter, future: F) -> Result<F::Item, F::Error> {
        enter.block_on::<F>(future)
    }
    assert_eq!(named(&mut enter().unwrap(), future::ok::<_, ()>(1)), Ok(1));
}

#[test]
fn block_on_takes_futures_that_borrow_and_stay_on_the_thread() {
    let mut enter = enter().unwrap();
    let local = Rc::new(Cell::new(0));
    let borrowed = &local;
    enter.block_on(async { borrowed.set(borrowed.get() + 1) });
    enter
        .block_on(future::lazy(|| {
            borrowed.set(borrowed.get() + 1);
            Ok::<_, ()>(())
        }))
        .unwrap();
    assert_eq!(local.get(), 2);
}

#[test]
fn block_on_is_woken_from_another_thread() {
    // Turn by turn, so that the thread sleeps in most of them.
    let mut enter = enter().unwrap();
    let (go, gone) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
    let helper = thread::spawn(move || gone.into_iter().for_each(|send| send()));
    for i in 0..1000 {
        let (tx, rx) = futures03::channel::oneshot::channel();
        go.send(Box::new(move || tx.send(i).unwrap())).unwrap();
        assert_eq!(enter.block_on(rx), Ok(i));
        let (tx, rx) = futures::sync::oneshot::channel();
        go.send(Box::new(move || tx.send(i).unwrap())).unwrap();
        assert_eq!(enter.block_on(rx), Ok(i));
    }
    drop(go);
    helper.join().unwrap();
}

#[test]
fn a_wake_during_the_poll_is_not_lost() {
    let mut enter = enter().unwrap();
    let mut polls = 0;
    enter.block_on(poll_fn(|cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        if polls == 3 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }));
    enter
        .block_on(future::poll_fn(|| {
            polls += 1;
            futures::task::current().notify();
            Ok::<_, ()>(if polls == 6 { Async::Ready(()) } else { Async::NotReady })
        }))
        .unwrap();
    assert_eq!(polls, 6);
}

/// The outer future is woken, then its poll blocks on something else on the same thread, which
/// parks: the outer wake-up must still be there.
#[test]
fn a_nested_block_on_takes_no_wake_up_of_the_outer_one() {
    let (done, finished) = mpsc::channel();
    thread::spawn(move || {
        let mut outer = enter().unwrap();
        let mut first = true;
        outer.block_on(poll_fn(|cx| {
            if !std::mem::take(&mut first) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            exit(|| {
                let (tx, rx) = futures03::channel::oneshot::channel();
                let helper = thread::spawn(move || tx.send(()).unwrap());
                enter().unwrap().block_on(rx).unwrap();
                helper.join().unwrap();
            });
            Poll::Pending
        }));
        done.send(()).unwrap();
    });
    finished.recv_timeout(queue::PATIENCE).expect("the wake-up is lost");
}

#[test]
fn a_waker_of_block_on_may_be_used_after_it_returned() {
    let mut enter = enter().unwrap();
    let mut kept = None;
    enter.block_on(poll_fn(|cx| {
        kept = Some(cx.waker().clone());
        Poll::Ready(())
    }));
    kept.unwrap().wake();
    assert_eq!(future::ok::<_, ()>(1).wait(), Ok(1));
    assert_eq!(enter.block_on(async { 1 }), 1);
}

#[test]
fn a_panic_in_block_on_leaves_enter_usable() {
    let mut enter = enter().unwrap();
    let panicked =
        catch_unwind(AssertUnwindSafe(|| enter.block_on(async { panic!("on purpose") })));
    assert!(panicked.is_err());
    assert_eq!(enter.block_on(async { 1 }), 1);
}
