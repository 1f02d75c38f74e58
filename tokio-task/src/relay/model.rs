//! `relay` under every interleaving. Fails if a relay that is dropped empties the queue before it
//! says that it is gone, leaves its task queued or does not drain; if a wake does not look whether
//! the relay is gone; or if a poll does not register.

use super::*;
use crate::Std;
use futures::executor::{self, Notify, NotifyHandle};
use loom::alloc::Track;
use loom::thread;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Weak;
use std::task::{Context, Poll, Waker};

fn check(f: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(f);
}

/// The executor of the other family: remembers that it was notified. std's counters and locks order
/// nothing for loom.
#[derive(Default)]
struct Foreign(AtomicUsize);

impl Notify for Foreign {
    fn notify(&self, _: usize) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Pending at its first poll, which gives out a waker.
struct Job {
    polls: usize,
    waker: Arc<std::sync::Mutex<Option<Waker>>>,
    dropped: Arc<AtomicUsize>,
    _leak: Track<()>,
}

impl Future for Job {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.polls += 1;
        if self.polls == 2 {
            return Poll::Ready(());
        }
        *self.waker.lock().unwrap() = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, SeqCst);
    }
}

struct World {
    relay: executor::Spawn<Relay>,
    handle: JoinHandle<()>,
    foreign: Arc<Foreign>,
    waker: Waker,
    dropped: Arc<AtomicUsize>,
    shared: Weak<Shared>,
}

/// A relay whose task was polled once.
fn world() -> World {
    let place = Arc::new(std::sync::Mutex::new(None));
    let dropped = Arc::new(AtomicUsize::new(0));
    let job =
        Job { polls: 0, waker: place.clone(), dropped: dropped.clone(), _leak: Track::new(()) };
    let (relay, handle) = Relay::new(Std(job));
    let shared = Arc::downgrade(&relay.shared);
    let mut relay = executor::spawn(relay);
    let foreign = Arc::new(Foreign::default());
    assert!(!poll(&mut relay, &foreign));
    let waker = place.lock().unwrap().take().unwrap();
    World { relay, handle, foreign, waker, dropped, shared }
}

fn poll(relay: &mut executor::Spawn<Relay>, foreign: &Arc<Foreign>) -> bool {
    let notify = NotifyHandle::from(foreign.clone());
    relay.poll_future_notify(&notify, 0).unwrap().is_ready()
}

/// Whether the task has ended, in the way that the handle says.
fn joined(mut handle: JoinHandle<()>) -> Option<Result<(), crate::JoinError>> {
    match Pin::new(&mut handle).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// The executor drops the relay while its task is woken and while it is aborted.
#[test]
fn dropping_a_relay_races_with_a_wake() {
    check(|| {
        let World { relay, handle, waker, dropped, shared, .. } = world();
        let thread = thread::spawn(move || waker.wake());
        drop(relay);
        thread.join().unwrap();
        assert_eq!(dropped.load(SeqCst), 1);
        assert!(joined(handle).unwrap().unwrap_err().is_cancelled());
        assert_eq!(shared.strong_count(), 0, "the task was leaked");
    });
}

/// A wake that races with the relay's poll makes the executor poll it again.
#[test]
fn a_wake_races_with_a_poll() {
    check(|| {
        let World { mut relay, handle, foreign, waker, dropped, shared } = world();
        let thread = thread::spawn(move || waker.wake());
        let early = poll(&mut relay, &foreign);
        thread.join().unwrap();
        if !early {
            assert!(foreign.0.load(SeqCst) > 0, "nobody told the executor");
            assert!(poll(&mut relay, &foreign));
        }
        drop(relay);
        assert_eq!(dropped.load(SeqCst), 1);
        joined(handle).unwrap().unwrap();
        assert_eq!(shared.strong_count(), 0, "the task was leaked");
    });
}
