//! The smallest executor of tasks: one thread, an inbox and a list. And what the tests share that
//! run one body for both generations.
#![allow(dead_code)] // Each test binary uses a part.

use futures::{Async, Future as Future01};
use std::any::Any;
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio_task::{
    Batch, Body, Caller, Futures01, Futures01Result, Inbox, IntoTask, JoinError, JoinHandle, Never,
    Owned, Returns, Runner, Schedule, Std, Task, TaskKind,
};

/// No test waits longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Executor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) owned: Owned,
}

#[derive(Default)]
pub(crate) struct Shared {
    inbox: Inbox,
    returns: Returns,
    bell: (Mutex<()>, Condvar),
    /// How often a task was put in the inbox.
    pub(crate) scheduled: AtomicUsize,
    pub(crate) completed: AtomicUsize,
    pub(crate) panics: Mutex<Vec<Box<dyn Any + Send>>>,
}

/// What each task holds of the executor.
pub(crate) struct Door(Arc<Shared>);

// SAFETY: there is one list, number 1, and its stack is `returns`.
unsafe impl Schedule for Door {
    fn schedule(&self, task: Task) {
        self.0.push(task);
    }

    fn completed(&self) {
        self.0.completed.fetch_add(1, SeqCst);
    }

    fn panicked(&self, payload: Box<dyn Any + Send>) {
        self.0.panics.lock().unwrap().push(payload);
    }

    fn returns(&self, owner: u32) -> &Returns {
        assert_eq!(owner, 1);
        &self.0.returns
    }
}

impl Shared {
    pub(crate) fn push(&self, task: Task) {
        self.scheduled.fetch_add(1, SeqCst);
        self.inbox.push(task);
        let _guard = self.bell.0.lock().unwrap();
        self.bell.1.notify_all();
    }
}

// SAFETY: the one list whose number `Door::returns` understands.
unsafe impl Runner for Executor {
    fn owned(&self) -> Option<&Owned> {
        Some(&self.owned)
    }

    fn requeue(&self, task: Task) {
        self.shared.push(task);
    }

    fn completed(&self) {
        self.shared.completed.fetch_add(1, SeqCst);
    }
}

impl Executor {
    pub(crate) fn new() -> Self {
        Executor { shared: Arc::default(), owned: Owned::new(1) }
    }

    pub(crate) fn door(&self) -> Door {
        Door(self.shared.clone())
    }

    /// Spawns as an executor's users do.
    pub(crate) fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> G::Plain {
        let (task, plain) = G::task(future.into_body(), self.door());
        self.shared.push(task);
        plain
    }

    /// A queue entry that is in no queue.
    pub(crate) fn task<B: Body<Output: Send> + Send>(
        &self,
        body: B,
    ) -> (Task, JoinHandle<B::Output>) {
        Task::with_handle(body, self.door())
    }

    /// What is queued at this moment.
    pub(crate) fn take(&self) -> Batch {
        self.shared.inbox.take_all()
    }

    /// Runs what is queued at this moment; says how many that was.
    pub(crate) fn turn(&self) -> usize {
        let mut batch = self.take();
        let tasks = batch.len();
        while let Some(task) = batch.pop() {
            task.run(self);
        }
        self.drain();
        tasks
    }

    pub(crate) fn drain(&self) {
        // SAFETY: the executor's one stack and one list.
        unsafe { self.shared.returns.drain(&self.owned) };
    }

    /// Runs until nothing is queued.
    pub(crate) fn run(&self) {
        let begin = Instant::now();
        while self.turn() > 0 {
            assert!(begin.elapsed() < PATIENCE, "the tasks do not come to rest");
        }
    }

    /// Runs, and waits for wakes of other threads, until `done`.
    pub(crate) fn run_until(&self, mut done: impl FnMut() -> bool) {
        let begin = Instant::now();
        loop {
            self.run();
            if done() {
                return;
            }
            let guard = self.shared.bell.0.lock().unwrap();
            if self.shared.inbox.is_empty() {
                let left = PATIENCE.checked_sub(begin.elapsed()).expect("in time");
                // Other threads may change what `done` looks at without a wake.
                let _ = self.shared.bell.1.wait_timeout(guard, left.min(Duration::from_millis(5)));
            }
        }
    }

    pub(crate) fn completed(&self) -> usize {
        self.shared.completed.load(SeqCst)
    }

    pub(crate) fn scheduled(&self) -> usize {
        self.shared.scheduled.load(SeqCst)
    }

    pub(crate) fn panics(&self) -> Vec<String> {
        self.shared.panics.lock().unwrap().iter().map(|payload| message(&**payload)).collect()
    }

    /// Aborts all that is left, and sees it gone.
    pub(crate) fn shut_down(&self) {
        self.owned.abort_all(|task| self.shared.push(task));
        self.run();
        assert!(self.owned.is_empty());
    }
}

impl Drop for Executor {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.shut_down();
        }
    }
}

/// What a panic said.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => (*text).to_string(),
        (_, Some(text)) => text.clone(),
        _ => "?".to_string(),
    }
}

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
            $(#[test] fn $name() { super::$name(super::executor::Generation::Futures01) })*
        }
        mod std_future {
            $(#[test] fn $name() { super::$name(super::executor::Generation::Std) })*
        }
    };
}

/// The handle of a task of either generation.
pub(crate) enum Handle<T> {
    Futures01(JoinHandle<Result<T, Never>>),
    Std(JoinHandle<T>),
}

impl<T> Handle<T> {
    pub(crate) fn poll_with(&mut self, waker: &Waker) -> Poll<Result<T, JoinError>> {
        let mut cx = Context::from_waker(waker);
        match self {
            Handle::Futures01(handle) => Pin::new(handle)
                .poll(&mut cx)
                .map(|joined| joined.map(|output| output.unwrap_or_else(|never| match never {}))),
            Handle::Std(handle) => Pin::new(handle).poll(&mut cx),
        }
    }

    /// The result, which must be there.
    pub(crate) fn joined(mut self) -> Result<T, JoinError> {
        match self.poll_with(Waker::noop()) {
            Poll::Ready(joined) => joined,
            Poll::Pending => panic!("the task has not finished"),
        }
    }

    pub(crate) fn abort(&self) {
        match self {
            Handle::Futures01(handle) => handle.abort(),
            Handle::Std(handle) => handle.abort(),
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        match self {
            Handle::Futures01(handle) => handle.is_finished(),
            Handle::Std(handle) => handle.is_finished(),
        }
    }
}

/// A poll function, as a body of either generation polls it.
pub(crate) trait Step<T>: FnMut(Caller<'_>) -> Poll<T> + Send + 'static {}
impl<T, F: FnMut(Caller<'_>) -> Poll<T> + Send + 'static> Step<T> for F {}

fn futures01<T, E>(mut step: impl Step<T>) -> impl Future01<Item = T, Error = E> + Send {
    futures::future::poll_fn(move || match step(Caller::Futures01) {
        Poll::Ready(output) => Ok(Async::Ready(output)),
        Poll::Pending => Ok(Async::NotReady),
    })
}

fn std_future<T>(mut step: impl Step<T>) -> impl Future<Output = T> + Send {
    poll_fn(move |cx| step(cx.into()))
}

impl Generation {
    /// A queue entry, in no queue, and its handle.
    pub(crate) fn task<T: Send + 'static>(
        self,
        executor: &Executor,
        step: impl Step<T>,
    ) -> (Task, Handle<T>) {
        match self {
            Generation::Futures01 => {
                let (task, handle) = executor.task(Futures01Result::new(futures01(step)));
                (task, Handle::Futures01(handle))
            }
            Generation::Std => {
                let (task, handle) = executor.task(Std(std_future(step)));
                (task, Handle::Std(handle))
            }
        }
    }

    /// A queued task and its handle.
    pub(crate) fn spawn<T: Send + 'static>(
        self,
        executor: &Executor,
        step: impl Step<T>,
    ) -> Handle<T> {
        let (task, handle) = self.task(executor, step);
        executor.shared.push(task);
        handle
    }

    /// A queue entry, in no queue, of a task without a handle.
    pub(crate) fn detached_task(self, executor: &Executor, step: impl Step<()>) -> Task {
        match self {
            Generation::Futures01 => Task::new(Futures01::new(futures01(step)), executor.door()),
            Generation::Std => Task::new(Std(std_future(step)), executor.door()),
        }
    }

    /// A queued task without a handle.
    pub(crate) fn spawn_detached(self, executor: &Executor, step: impl Step<()>) {
        executor.shared.push(self.detached_task(executor, step));
    }
}

/// Counts how often it is dropped.
#[derive(Clone, Default)]
pub(crate) struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub(crate) fn count(&self) -> usize {
        self.0.load(SeqCst)
    }

    pub(crate) fn token(&self) -> Token {
        Token(self.clone(), None)
    }

    /// A token whose destructor panics.
    pub(crate) fn bomb(&self, text: &'static str) -> Token {
        Token(self.clone(), Some(text))
    }
}

pub(crate) struct Token(Drops, Option<&'static str>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0 .0.fetch_add(1, SeqCst);
        if let Some(text) = self.1.take() {
            panic!("{text}");
        }
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token")
    }
}
