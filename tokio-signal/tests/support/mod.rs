//! One body for both generations, one test at a time: signals belong to the whole process.
#![allow(dead_code, reason = "each test binary uses a part")]

use futures::executor::Notify;
use futures::{Async, Future as _};
use futures03::executor::block_on;
use futures03::StreamExt;
use std::io;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;
use tokio_signal::unix::{libc, Signal};

/// How long anything may take before it counts as hung.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Runs a test's body when no other runs, and fails if it hangs.
pub(crate) fn alone(body: impl FnOnce() + Send + 'static) {
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
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
                $crate::support::alone(super::$name::<$crate::support::Futures01>)
            })+
        }
        mod by_std {
            $(#[test] fn $name() {
                $crate::support::alone(super::$name::<$crate::support::Std>)
            })+
        }
    };
}

/// A stream of both generations.
pub(crate) trait Both<T>:
    futures::Stream<Item = T, Error = io::Error>
    + futures03::Stream<Item = io::Result<T>>
    + Send
    + Unpin
    + 'static
{
}
impl<T, S> Both<T> for S where
    S: futures::Stream<Item = T, Error = io::Error>
        + futures03::Stream<Item = io::Result<T>>
        + Send
        + Unpin
        + 'static
{
}

pub(crate) trait Generation: 'static {
    /// A stream, by the generation's own constructor.
    fn signal(signal: libc::c_int) -> io::Result<Signal>;
    /// Blocks until there is a signal.
    fn next<T>(stream: &mut impl Both<T>) -> io::Result<T>;
    /// Polls once, as a task whose waker is `bell`.
    fn poll<T>(bell: &Arc<Bell>, stream: &mut impl Both<T>) -> Poll<io::Result<T>>;
    /// A task of `runtime` that waits for a signal, and says `first` when it does and the result.
    fn spawn<T: Send + 'static>(
        runtime: &tokio::runtime::Runtime,
        stream: impl Both<T>,
        waits: impl FnOnce() + Send + 'static,
        then: impl FnOnce(io::Result<T>) + Send + 'static,
    );
}

pub(crate) struct Futures01;

impl Generation for Futures01 {
    fn signal(signal: libc::c_int) -> io::Result<Signal> {
        Signal::new(signal).wait()
    }

    fn next<T>(stream: &mut impl Both<T>) -> io::Result<T> {
        futures::future::poll_fn(|| futures::Stream::poll(stream))
            .wait()
            .map(|item| item.expect("it never ends"))
    }

    fn poll<T>(bell: &Arc<Bell>, stream: &mut impl Both<T>) -> Poll<io::Result<T>> {
        let poll =
            futures::executor::spawn(()).poll_fn_notify(bell, 0, |_| futures::Stream::poll(stream));
        match poll {
            Ok(Async::Ready(item)) => Poll::Ready(Ok(item.expect("it never ends"))),
            Ok(Async::NotReady) => Poll::Pending,
            Err(e) => Poll::Ready(Err(e)),
        }
    }

    fn spawn<T: Send + 'static>(
        runtime: &tokio::runtime::Runtime,
        mut stream: impl Both<T>,
        waits: impl FnOnce() + Send + 'static,
        then: impl FnOnce(io::Result<T>) + Send + 'static,
    ) {
        let mut waits = Some(waits);
        let next = futures::future::poll_fn(move || {
            let poll = futures::Stream::poll(&mut stream);
            if let Some(waits) = waits.take() {
                waits();
            }
            poll
        });
        runtime.executor().spawn(next.then(|result| {
            then(result.map(|item| item.expect("it never ends")));
            Ok(())
        }));
    }
}

pub(crate) struct Std;

impl Generation for Std {
    fn signal(signal: libc::c_int) -> io::Result<Signal> {
        tokio_signal::unix::signal(signal)
    }

    fn next<T>(stream: &mut impl Both<T>) -> io::Result<T> {
        block_on(StreamExt::next(stream)).expect("it never ends")
    }

    fn poll<T>(bell: &Arc<Bell>, stream: &mut impl Both<T>) -> Poll<io::Result<T>> {
        let waker = Waker::from(bell.clone());
        let mut cx = Context::from_waker(&waker);
        futures03::Stream::poll_next(Pin::new(stream), &mut cx)
            .map(|item| item.expect("it never ends"))
    }

    fn spawn<T: Send + 'static>(
        runtime: &tokio::runtime::Runtime,
        mut stream: impl Both<T>,
        waits: impl FnOnce() + Send + 'static,
        then: impl FnOnce(io::Result<T>) + Send + 'static,
    ) {
        let mut waits = Some(waits);
        let next = std::future::poll_fn(move |cx| {
            let poll = futures03::Stream::poll_next(Pin::new(&mut stream), cx);
            if let Some(waits) = waits.take() {
                waits();
            }
            poll
        });
        drop(runtime.executor().spawn(async { then(next.await.expect("it never ends")) }));
    }
}

/// A task's waker, of either generation, that a test can wait for.
#[derive(Default)]
pub(crate) struct Bell {
    rang: Mutex<bool>,
    changed: Condvar,
}

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    fn ring(&self) {
        *self.rang.lock().unwrap() = true;
        self.changed.notify_all();
    }

    /// Waits until it has rung, and silences it.
    pub(crate) fn wait(&self) {
        let rang = self.rang.lock().unwrap();
        let (mut rang, outcome) =
            self.changed.wait_timeout_while(rang, LIMIT, |rang| !*rang).unwrap();
        assert!(!outcome.timed_out(), "the task was not woken");
        *rang = false;
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }
}

impl Notify for Bell {
    fn notify(&self, _: usize) {
        self.ring();
    }
}

/// Sends the process a signal that has a handler. The handler has run when this returns.
pub(crate) fn raise(signal: libc::c_int) {
    // SAFETY: the tests raise only signals that have a handler by then.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
}

/// Polls until there is nothing left, and returns how often there was something.
pub(crate) fn drain<G: Generation, T>(stream: &mut impl Both<T>) -> usize {
    let bell = Bell::new();
    let mut heard = 0;
    while let Poll::Ready(signal) = G::poll(&bell, stream) {
        signal.unwrap();
        heard += 1;
    }
    heard
}

/// Set in the process that runs one test alone.
const CHILD: &str = "TOKIO_SIGNAL_TEST_ALONE";

/// Runs `body`, the body of the test `name`, in a process of its own.
pub(crate) fn in_a_process_of_its_own(name: &str, body: fn()) {
    if std::env::var_os(CHILD).is_some() {
        return alone(body);
    }
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads", "1"])
        .env(CHILD, "")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{output:?}");
}
