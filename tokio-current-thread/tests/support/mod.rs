//! What the tests share that run one body for both generations.
#![allow(dead_code)] // Each test binary uses a part.

use futures::{Async, Future as Future01};
use std::cell::{Cell, RefCell};
use std::future::{poll_fn, Future};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio_current_thread::CurrentThread;
use tokio_executor::park::{Park, ParkThread, UnparkThread};
use tokio_task::Caller;

/// No test waits longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Which kind of future a test's task is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Generation {
    Futures01,
    Std,
}

/// Makes two tests of each function that takes a [`Generation`].
#[macro_export]
macro_rules! in_both_generations {
    ($($name:ident)*) => {
        mod futures01 {
            $(#[test] fn $name() { super::$name(super::support::Generation::Futures01) })*
        }
        mod std_future {
            $(#[test] fn $name() { super::$name(super::support::Generation::Std) })*
        }
    };
}

/// A poll function, as a task of either generation polls it. Not necessarily `Send`.
pub(crate) trait Step<T>: FnMut(Caller<'_>) -> Poll<T> {}
impl<T, F: FnMut(Caller<'_>) -> Poll<T>> Step<T> for F {}

pub(crate) fn futures01<T>(mut step: impl Step<T>) -> impl Future01<Item = T, Error = ()> {
    futures::future::poll_fn(move || match step(Caller::Futures01) {
        Poll::Ready(output) => Ok(Async::Ready(output)),
        Poll::Pending => Ok(Async::NotReady),
    })
}

pub(crate) fn std_future<T>(mut step: impl Step<T>) -> impl Future<Output = T> {
    poll_fn(move |cx| step(cx.into()))
}

impl Generation {
    /// Spawns; the handle of a std task is dropped.
    pub(crate) fn spawn<P: Park>(
        self,
        executor: &mut CurrentThread<P>,
        step: impl Step<()> + 'static,
    ) {
        match self {
            Generation::Futures01 => {
                executor.spawn(futures01(step));
            }
            Generation::Std => drop(executor.spawn(std_future(step))),
        }
    }

    /// Spawns on the executor of this thread; the handle of a std task is dropped.
    pub(crate) fn spawn_here(self, step: impl Step<()> + 'static) {
        match self {
            Generation::Futures01 => tokio_current_thread::spawn(futures01(step)),
            Generation::Std => drop(tokio_current_thread::spawn(std_future(step))),
        }
    }

    pub(crate) fn block_on<P: Park, T>(
        self,
        executor: &mut CurrentThread<P>,
        step: impl Step<T>,
    ) -> T {
        match self {
            Generation::Futures01 => executor.block_on(futures01(step)).expect("done"),
            Generation::Std => executor.block_on(std_future(step)).expect("done"),
        }
    }
}

/// Wakes its caller `times` times, then is ready.
pub(crate) fn yields(mut times: usize) -> impl Step<()> {
    move |caller: Caller<'_>| {
        if times == 0 {
            return Poll::Ready(());
        }
        times -= 1;
        caller.wake();
        Poll::Pending
    }
}

type Chore = Box<dyn FnMut()>;

/// Counts what is done with a parker.
#[derive(Clone, Default)]
pub(crate) struct Log {
    /// Waits without a limit.
    pub(crate) parks: Rc<Cell<usize>>,
    /// Asked without waiting.
    pub(crate) asked: Rc<Cell<usize>>,
    /// Done once, by the next wait or question.
    pub(crate) chore: Rc<RefCell<Option<Chore>>>,
    /// Whether the parker fails.
    pub(crate) fails: Rc<Cell<bool>>,
}

/// A `ParkThread` that counts, does a chore each time it is asked, and may fail.
pub(crate) struct Logged {
    park: ParkThread,
    pub(crate) log: Log,
}

impl Logged {
    pub(crate) fn new() -> (Logged, Log) {
        let log = Log::default();
        (Logged { park: ParkThread::new(), log: log.clone() }, log)
    }

    fn chores(&self) -> Result<bool, ()> {
        if self.log.fails.get() {
            return Err(());
        }
        let chore = self.log.chore.borrow_mut().take();
        let did = chore.is_some();
        if let Some(mut chore) = chore {
            chore();
        }
        Ok(did)
    }
}

impl Park for Logged {
    type Unpark = UnparkThread;
    type Error = ();

    fn unpark(&self) -> UnparkThread {
        self.park.unpark()
    }

    fn park(&mut self) -> Result<(), ()> {
        self.log.parks.set(self.log.parks.get() + 1);
        if !self.chores()? {
            self.park.park().map_err(drop)?;
        }
        Ok(())
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), ()> {
        self.log.asked.set(self.log.asked.get() + 1);
        if !self.chores()? {
            self.park.park_timeout(duration).map_err(drop)?;
        }
        Ok(())
    }
}

/// Counts how often it is dropped.
#[derive(Clone, Default)]
pub(crate) struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub(crate) fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Not `Send`.
    pub(crate) fn token(&self) -> Token {
        Token { drops: self.clone(), home: std::thread::current().id(), stays: Rc::new(()) }
    }
}

/// Must be dropped on its thread.
pub(crate) struct Token {
    drops: Drops,
    home: std::thread::ThreadId,
    stays: Rc<()>,
}

impl Token {
    /// Has the closure that calls this own the token.
    pub(crate) fn hold(&self) {
        assert_eq!(Rc::strong_count(&self.stays), 1);
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        assert_eq!(std::thread::current().id(), self.home, "dropped on another thread");
        self.drops.0.fetch_add(1, SeqCst);
    }
}

/// Calls `f` when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> OnDrop<F> {
    pub(crate) fn hold(&self) {}
}

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// What a panic said.
pub(crate) fn message(payload: &(dyn std::any::Any + Send)) -> &str {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text,
        _ => "?",
    }
}
