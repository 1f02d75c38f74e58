//! One body for both generations: each operation of a [`Generation`] is its own spelling of it, and
//! blocks the test's thread.
#![allow(dead_code, unused_macros, reason = "each test binary uses a part")]

use futures::executor::Notify;
use futures::{Async, Future as _, Stream as _};
use futures03::executor::block_on;
use futures03::{SinkExt, StreamExt};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::Duration;
use tokio_sync::lock::{Lock, LockGuard};
use tokio_sync::semaphore::{Permit, Semaphore};
use tokio_sync::{mpsc, oneshot, watch};
use tokio_task::Caller;

/// How long anything may take before it counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// Runs a test's body, and fails if it hangs.
pub(crate) fn bounded(body: impl FnOnce() + Send + 'static) {
    let (done, outcome) = channel();
    let body = thread::spawn(move || {
        body();
        let _ = done.send(());
    });
    match outcome.recv_timeout(LIMIT) {
        Err(RecvTimeoutError::Timeout) => panic!("hung for {LIMIT:?}"),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {
            body.join().unwrap_or_else(|panic| resume_unwind(panic))
        }
    }
}

/// Makes a test of each function, for each generation: `by_futures01::name` and `by_std::name`.
#[macro_export]
macro_rules! both {
    ($($name:ident),+ $(,)?) => {
        mod by_futures01 {
            $(#[test] fn $name() {
                $crate::support::bounded(super::$name::<$crate::support::Futures01>)
            })+
        }
        mod by_std {
            $(#[test] fn $name() {
                $crate::support::bounded(super::$name::<$crate::support::Std>)
            })+
        }
    };
}

pub(crate) trait Generation: 'static {
    /// Polls once, as a task that `bell` belongs to.
    fn poll<T>(bell: &Arc<Bell>, op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T>;
    /// A oneshot's value.
    fn value<T>(rx: oneshot::Receiver<T>) -> Result<T, oneshot::error::RecvError>;
    fn abandoned<T>(tx: &mut oneshot::Sender<T>);
    fn send<T>(tx: &mut mpsc::Sender<T>, value: T) -> Result<(), mpsc::error::SendError>;
    fn recv<T>(rx: &mut mpsc::Receiver<T>) -> Option<T>;
    fn send_unbounded<T>(
        tx: &mut mpsc::UnboundedSender<T>,
        value: T,
    ) -> Result<(), mpsc::error::UnboundedSendError>;
    fn recv_unbounded<T>(rx: &mut mpsc::UnboundedReceiver<T>) -> Option<T>;
    fn watched<T: Clone>(rx: &mut watch::Receiver<T>) -> Option<T>;
    fn set<T>(tx: &mut watch::Sender<T>, value: T) -> Result<(), watch::error::SendError<T>>;
    fn unwatched<T>(tx: &mut watch::Sender<T>);
    fn lock<T>(lock: &mut Lock<T>) -> LockGuard<T>;
    /// Takes a permit and keeps it; false if the semaphore is closed.
    fn acquire(semaphore: &Semaphore) -> bool;
}

pub(crate) struct Futures01;

fn next01<S: futures::Stream>(stream: &mut S) -> Option<S::Item> {
    futures::Stream::by_ref(stream)
        .wait()
        .next()
        .map(|item| item.unwrap_or_else(|_| panic!("it never fails")))
}

fn send01<S: futures::Sink>(sink: &mut S, item: S::SinkItem) -> Result<(), S::SinkError> {
    futures::Sink::send(sink, item).wait().map(drop)
}

impl Generation for Futures01 {
    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        futures::executor::spawn(()).poll_fn_notify(bell, 0, |()| op(Caller::Futures01))
    }

    fn value<T>(rx: oneshot::Receiver<T>) -> Result<T, oneshot::error::RecvError> {
        rx.wait()
    }

    fn abandoned<T>(tx: &mut oneshot::Sender<T>) {
        futures::future::poll_fn(|| tx.poll_close()).wait().unwrap();
    }

    fn send<T>(tx: &mut mpsc::Sender<T>, value: T) -> Result<(), mpsc::error::SendError> {
        send01(tx, value)
    }

    fn recv<T>(rx: &mut mpsc::Receiver<T>) -> Option<T> {
        next01(rx)
    }

    fn send_unbounded<T>(
        tx: &mut mpsc::UnboundedSender<T>,
        value: T,
    ) -> Result<(), mpsc::error::UnboundedSendError> {
        send01(tx, value)
    }

    fn recv_unbounded<T>(rx: &mut mpsc::UnboundedReceiver<T>) -> Option<T> {
        next01(rx)
    }

    fn watched<T: Clone>(rx: &mut watch::Receiver<T>) -> Option<T> {
        next01(rx)
    }

    fn set<T>(tx: &mut watch::Sender<T>, value: T) -> Result<(), watch::error::SendError<T>> {
        send01(tx, value)
    }

    fn unwatched<T>(tx: &mut watch::Sender<T>) {
        futures::future::poll_fn(|| tx.poll_close()).wait().unwrap();
    }

    fn lock<T>(lock: &mut Lock<T>) -> LockGuard<T> {
        futures::future::poll_fn(|| Ok::<_, ()>(lock.poll_lock())).wait().unwrap()
    }

    fn acquire(semaphore: &Semaphore) -> bool {
        let mut permit = Permit::new();
        let acquired = futures::future::poll_fn(|| permit.poll_acquire(semaphore)).wait();
        permit.forget();
        acquired.is_ok()
    }
}

pub(crate) struct Std;

impl Generation for Std {
    fn poll<T>(bell: &Arc<Bell>, mut op: impl FnMut(Caller<'_>) -> Poll<T>) -> Poll<T> {
        op(Caller::Std(&Waker::from(bell.clone())))
    }

    fn value<T>(rx: oneshot::Receiver<T>) -> Result<T, oneshot::error::RecvError> {
        block_on(async { rx.await })
    }

    fn abandoned<T>(tx: &mut oneshot::Sender<T>) {
        block_on(tx.closed());
    }

    fn send<T>(tx: &mut mpsc::Sender<T>, value: T) -> Result<(), mpsc::error::SendError> {
        block_on(tx.send(value))
    }

    fn recv<T>(rx: &mut mpsc::Receiver<T>) -> Option<T> {
        block_on(rx.recv())
    }

    fn send_unbounded<T>(
        tx: &mut mpsc::UnboundedSender<T>,
        value: T,
    ) -> Result<(), mpsc::error::UnboundedSendError> {
        block_on(tx.send(value))
    }

    fn recv_unbounded<T>(rx: &mut mpsc::UnboundedReceiver<T>) -> Option<T> {
        block_on(rx.next())
    }

    fn watched<T: Clone>(rx: &mut watch::Receiver<T>) -> Option<T> {
        block_on(rx.recv())
    }

    fn set<T>(tx: &mut watch::Sender<T>, value: T) -> Result<(), watch::error::SendError<T>> {
        block_on(tx.send(value))
    }

    fn unwatched<T>(tx: &mut watch::Sender<T>) {
        block_on(tx.closed());
    }

    fn lock<T>(lock: &mut Lock<T>) -> LockGuard<T> {
        block_on(lock.lock())
    }

    fn acquire(semaphore: &Semaphore) -> bool {
        block_on(semaphore.acquire()).map(|permit| permit.forget()).is_ok()
    }
}

/// Counts the wakes of a task, of either generation.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn rang(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Notify for Bell {
    fn notify(&self, _id: usize) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A waker that panics.
pub(crate) fn hostile() -> Waker {
    struct Hostile;
    impl Wake for Hostile {
        fn wake(self: Arc<Self>) {
            panic!("a hostile waker");
        }
    }
    Waker::from(Arc::new(Hostile))
}

/// A value that counts its drops.
#[derive(Clone, Debug)]
pub(crate) struct Counted(pub(crate) Arc<AtomicUsize>);

impl Counted {
    /// Values to send, and how many of them were dropped.
    pub(crate) fn new() -> (impl Fn() -> Counted, Arc<AtomicUsize>) {
        let drops = Arc::new(AtomicUsize::new(0));
        let counter = drops.clone();
        (move || Counted(drops.clone()), counter)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

pub(crate) fn is_ready<T>(poll: Async<T>) -> bool {
    poll.is_ready()
}
