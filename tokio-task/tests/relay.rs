//! A std task on an executor that takes only boxed futures 0.1.

mod executor;

use executor::{message, Drops, Handle};
use futures::executor::{spawn, Notify, NotifyHandle, Spawn};
use futures::Async;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use tokio_task::{Boxed, IntoTask, JoinHandle, TaskKind};

/// Counts how often it was notified.
#[derive(Default)]
struct Foreign(AtomicUsize);

impl Notify for Foreign {
    fn notify(&self, _: usize) {
        self.0.fetch_add(1, SeqCst);
    }
}

struct Elsewhere {
    future: Spawn<Boxed>,
    foreign: Arc<Foreign>,
}

impl Elsewhere {
    fn spawn<G: TaskKind>(future: impl IntoTask<G>) -> (Self, G::Plain) {
        let (boxed, plain) = G::boxed(future.into_body());
        (Elsewhere { future: spawn(boxed), foreign: Arc::default() }, plain)
    }

    fn poll(&mut self) -> bool {
        let notify = NotifyHandle::from(self.foreign.clone());
        self.future.poll_future_notify(&notify, 0) == Ok(Async::Ready(()))
    }

    fn notified(&self) -> usize {
        self.foreign.0.load(SeqCst)
    }
}

fn joined<T>(handle: JoinHandle<T>) -> Result<T, tokio_task::JoinError> {
    Handle::Std(handle).joined()
}

/// A future that is pending until it was woken, with its waker.
fn once_woken() -> (Arc<Mutex<Option<Waker>>>, impl std::future::Future<Output = u32> + Send) {
    let place: Arc<Mutex<Option<Waker>>> = Arc::default();
    let give = place.clone();
    let mut polled = false;
    let future = std::future::poll_fn(move |cx| {
        if std::mem::replace(&mut polled, true) {
            return Poll::Ready(7);
        }
        *give.lock().unwrap() = Some(cx.waker().clone());
        Poll::Pending
    });
    (place, future)
}

#[test]
fn a_task_ends_elsewhere() {
    let (mut elsewhere, handle) = Elsewhere::spawn(async { 7 });
    assert!(elsewhere.poll());
    assert_eq!(joined(handle).unwrap(), 7);
}

#[test]
fn a_wake_reaches_the_executor() {
    let (place, future) = once_woken();
    let (mut elsewhere, handle) = Elsewhere::spawn(future);
    assert!(!elsewhere.poll());
    assert!(!elsewhere.poll(), "a poll without a wake does not poll the task");
    let waker = place.lock().unwrap().take().unwrap();
    std::thread::spawn(move || waker.wake()).join().unwrap();
    assert_eq!(elsewhere.notified(), 1);
    assert!(elsewhere.poll());
    assert_eq!(joined(handle).unwrap(), 7);
}

#[test]
fn a_wake_during_the_poll_reaches_the_executor() {
    let mut polls = 0;
    let (mut elsewhere, handle) = Elsewhere::spawn(std::future::poll_fn(move |cx| {
        polls += 1;
        if polls == 3 {
            return Poll::Ready(polls);
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    assert!(!elsewhere.poll());
    assert_eq!(elsewhere.notified(), 1);
    assert!(!elsewhere.poll());
    assert!(elsewhere.poll());
    assert_eq!(joined(handle).unwrap(), 3);
}

#[test]
fn an_abort_reaches_the_executor() {
    let drops = Drops::default();
    let token = drops.token();
    let (mut elsewhere, handle) = Elsewhere::spawn(async move {
        let _token = token;
        std::future::pending::<()>().await
    });
    assert!(!elsewhere.poll());
    handle.abort();
    assert_eq!(elsewhere.notified(), 1);
    assert!(elsewhere.poll());
    assert_eq!(drops.count(), 1);
    assert!(joined(handle).unwrap_err().is_cancelled());
}

#[test]
fn a_panic_reaches_the_handle_or_the_executor() {
    let (mut elsewhere, handle) = Elsewhere::spawn(async { panic!("joined") });
    assert!(elsewhere.poll());
    let error: tokio_task::JoinError = joined::<()>(handle).unwrap_err();
    assert_eq!(message(&*error.into_panic()), "joined");

    let (mut elsewhere, handle) = Elsewhere::spawn(async { panic!("detached") });
    drop::<JoinHandle<()>>(handle);
    let payload = catch_unwind(AssertUnwindSafe(|| elsewhere.poll())).unwrap_err();
    assert_eq!(message(&*payload), "detached");
}

/// The executor drops its futures when it ends: unpolled, idle, and queued.
#[test]
fn dropping_the_relay_cancels() {
    let drops = Drops::default();
    for stage in ["unpolled", "idle", "queued"] {
        let (place, future) = once_woken();
        let token = drops.token();
        let (mut elsewhere, handle) = Elsewhere::spawn(async move {
            let _token = token;
            future.await
        });
        if stage != "unpolled" {
            assert!(!elsewhere.poll());
        }
        let waker = place.lock().unwrap().take();
        if stage == "queued" {
            waker.as_ref().unwrap().wake_by_ref();
        }
        let before = drops.count();
        drop(elsewhere);
        assert_eq!(drops.count(), before + 1, "{stage}");
        assert!(joined(handle).unwrap_err().is_cancelled());
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[test]
fn a_relay_may_be_dropped_while_it_is_woken() {
    for _ in 0..500 {
        let (place, future) = once_woken();
        let drops = Drops::default();
        let token = drops.token();
        let (mut elsewhere, handle) = Elsewhere::spawn(async move {
            let _token = token;
            future.await
        });
        assert!(!elsewhere.poll());
        let waker = place.lock().unwrap().take().unwrap();
        let thread = std::thread::spawn(move || waker.wake());
        drop(elsewhere);
        thread.join().unwrap();
        assert_eq!(drops.count(), 1);
        assert!(joined(handle).unwrap_err().is_cancelled());
    }
}

#[test]
fn a_futures01_future_is_boxed_as_it_is() {
    let (mut elsewhere, ()) = Elsewhere::spawn(futures::future::ok(()));
    assert!(elsewhere.poll());
}
