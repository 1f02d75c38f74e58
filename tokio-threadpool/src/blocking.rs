//! Running code that blocks: the worker's core goes to another thread first.
//!
//! The number of tasks that block at a time is bounded by permits. A task that finds none free
//! waits; when one is given back it goes to the task that has waited longest, which is woken. A
//! task that was granted a permit and does not use it in its next poll, or ends, loses it to the
//! next one.
//!
//! Futures that share a task share its permit: all of them that wait are woken, and whichever is
//! polled first uses it. Should all have been dropped inside an executor nested in the task, such
//! as a `FuturesUnordered`, no wake reaches the task, and the permit stays with it until it is
//! polled for another reason.

use crate::thread;
use crate::worker::{self, Worker};
use futures::{Async, Poll as Poll01};
use std::cell::Cell;
use std::collections::VecDeque;
use std::error::Error;
use std::fmt;
use std::iter;
use std::marker::PhantomData;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use tokio_executor::Enter;
use tokio_task::{to_futures01, Caller, Waiter};

/// The permits of a pool, and who waits for one.
#[derive(Debug)]
pub(crate) struct Permits {
    shared: Mutex<Shared>,
    /// How many tasks wait or were granted a permit. Relaxed: changed under the lock; a thread
    /// that polls a task sees at least what the task itself did, and what led to its wake.
    known: AtomicUsize,
}

#[derive(Debug)]
struct Shared {
    free: usize,
    /// Tasks by their number, longest waiting first. One for each waiter: two futures of a task may
    /// have waiters of their own.
    waiting: VecDeque<(usize, Waiter)>,
    granted: Vec<usize>,
}

impl Shared {
    /// Takes out all that wait for `task`.
    fn remove(&mut self, task: usize) -> Vec<Waiter> {
        let mut removed = Vec::new();
        while let Some(at) = self.waiting.iter().position(|(of, _)| *of == task) {
            removed.extend(self.waiting.remove(at).map(|(_, waiter)| waiter));
        }
        removed
    }
}

impl Permits {
    pub(crate) fn new(permits: usize) -> Self {
        let shared = Shared { free: permits, waiting: VecDeque::new(), granted: Vec::new() };
        Permits { shared: Mutex::new(shared), known: AtomicUsize::new(0) }
    }

    /// A permit for `task`, or a place in the queue.
    fn poll_acquire(&self, task: usize, caller: Caller<'_>) -> Poll<()> {
        {
            let mut shared = self.lock();
            if self.try_acquire(&mut shared, task) {
                return Poll::Ready(());
            }
            // Two futures of one task may each have a waiter of its own.
            if shared.waiting.iter().any(|(of, known)| *of == task && known.will_wake(caller)) {
                return Poll::Pending;
            }
        }
        // Cloning runs foreign code, so not under the lock.
        let waiter = Waiter::from(caller);
        let mut shared = self.lock();
        if self.try_acquire(&mut shared, task) {
            drop(shared);
            drop(waiter);
            return Poll::Ready(());
        }
        shared.waiting.push_back((task, waiter));
        self.publish(&shared);
        Poll::Pending
    }

    fn try_acquire(&self, shared: &mut Shared, task: usize) -> bool {
        if let Some(at) = shared.granted.iter().position(|granted| *granted == task) {
            shared.granted.swap_remove(at);
            self.publish(shared);
            return true;
        }
        // Whoever waits was first.
        if shared.free == 0 || !shared.waiting.is_empty() {
            return false;
        }
        shared.free -= 1;
        true
    }

    /// Gives a permit back: to who waits longest, if anybody does.
    fn give_back(&self, mut shared: MutexGuard<'_, Shared>) {
        let Some((task, first)) = shared.waiting.pop_front() else {
            shared.free += 1;
            return;
        };
        shared.granted.push(task);
        // Whichever of its futures is polled first uses the permit; the others wait again.
        let others = shared.remove(task);
        self.publish(&shared);
        drop(shared);
        for waiter in iter::once(first).chain(others) {
            thread::guard("a waker", || waiter.wake());
        }
    }

    /// Whether `task`, about to be polled, has been granted a permit.
    #[inline]
    pub(crate) fn is_granted(&self, task: usize) -> bool {
        self.known.load(Relaxed) != 0 && self.lock().granted.contains(&task)
    }

    /// `task`, which had been granted a permit, was polled: if it did not use it, others may.
    pub(crate) fn give_back_unused(&self, task: usize) {
        let mut shared = self.lock();
        if let Some(at) = shared.granted.iter().position(|granted| *granted == task) {
            shared.granted.swap_remove(at);
            self.give_back(shared);
        }
    }

    /// `task` has ended.
    #[inline]
    pub(crate) fn forget(&self, task: usize) {
        if self.known.load(Relaxed) != 0 {
            self.forget_known(task);
        }
    }

    fn forget_known(&self, task: usize) {
        let mut shared = self.lock();
        let waited = shared.remove(task);
        self.publish(&shared);
        drop(shared);
        thread::guard("the destructor of a waker", || drop(waited));
        self.give_back_unused(task);
    }

    /// Forgets all tasks: the pool has ended.
    pub(crate) fn clear(&self) {
        let mut shared = self.lock();
        let waited = mem::take(&mut shared.waiting);
        shared.granted.clear();
        self.publish(&shared);
        drop(shared);
        thread::guard("the destructor of a waker", || drop(waited));
    }

    fn publish(&self, shared: &Shared) {
        self.known.store(shared.waiting.len() + shared.granted.len(), Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `f`, which may block, on this thread; the pool's other tasks go on elsewhere.
///
/// To be called while a task of a [`ThreadPool`](crate::ThreadPool) is polled, directly or through
/// futures 0.1 combinators. Before `f` is called, this worker's queue moves to another thread.
/// Inside a `blocking`, another one just calls its closure.
///
/// `Ok(NotReady)` means that as many tasks block as
/// [`Builder::max_blocking`](crate::Builder::max_blocking) allows: `f` has not been called, and
/// the task is woken when it is its turn. The wake reaches a futures 0.1 task; in an `async` block
/// use [`poll_blocking`].
///
/// # Errors
///
/// If this thread polls no task of a thread pool, if the pool is shutting down or allows no
/// blocking at all, or if no permit is free and there is no futures 0.1 task to wake later.
///
/// # Panics
///
/// When `f` does.
///
/// ```
/// use futures::{future, Future};
/// use tokio_threadpool::{blocking, ThreadPool};
///
/// let pool = ThreadPool::new();
/// let read = future::poll_fn(|| blocking(|| std::fs::read_to_string("Cargo.toml")));
/// let text = pool.spawn_handle(read).wait().unwrap().unwrap();
/// assert!(text.contains("[package]"));
/// ```
pub fn blocking<F, T>(f: F) -> Poll01<T, BlockingError>
where
    F: FnOnce() -> T,
{
    if let Some(run) = DEFAULT.try_with(Cell::get).ok().flatten() {
        let (mut f, mut result) = (Some(f), None);
        let ran = run(&mut || {
            let f = f.take().expect("a `BlockingImpl` calls its function at most once");
            result = Some(f());
        })?;
        return Ok(match ran {
            Async::Ready(()) => Async::Ready(result.expect("ready means that it was called")),
            Async::NotReady => Async::NotReady,
        });
    }
    to_futures01(poll_blocking_with(None, f))
}

/// As [`blocking`], for `async` code: the task of `cx` is woken when it is its turn.
///
/// ```
/// use std::future::poll_fn;
/// use tokio_threadpool::{poll_blocking, ThreadPool};
/// use futures::Future;
///
/// let pool = ThreadPool::new();
/// let handle = pool.spawn(async {
///     let mut work = Some(|| std::thread::available_parallelism().is_ok());
///     poll_fn(|cx| poll_blocking(cx, || work.take().unwrap()())).await.unwrap()
/// });
/// assert!(handle.join().wait().unwrap());
/// ```
pub fn poll_blocking<F, T>(cx: &mut Context<'_>, f: F) -> Poll<Result<T, BlockingError>>
where
    F: FnOnce() -> T,
{
    poll_blocking_with(Some(cx.into()), f)
}

fn poll_blocking_with<F, T>(caller: Option<Caller<'_>>, f: F) -> Poll<Result<T, BlockingError>>
where
    F: FnOnce() -> T,
{
    worker::with_any(|worker| {
        let Some(worker) = worker.filter(|worker| worker.task() != 0) else {
            return Poll::Ready(Err(BlockingError(Reason::NoWorker)));
        };
        if worker.core().is_none() {
            // This task blocks already.
            return Poll::Ready(Ok(run(f)));
        }
        let pool = worker.pool();
        if pool.config.max_blocking == 0 {
            return Poll::Ready(Err(BlockingError(Reason::Forbidden)));
        }
        if pool.lifecycle.stage() == crate::lifecycle::Stage::Stopped {
            return Poll::Ready(Err(BlockingError(Reason::Shutdown)));
        }
        let caller = match caller {
            Some(caller) => caller,
            None if futures::task::is_in_task() => Caller::Futures01,
            None => {
                let permits = &pool.permits;
                if !permits.try_acquire(&mut permits.lock(), worker.task()) {
                    return Poll::Ready(Err(BlockingError(Reason::NoTask)));
                }
                return Poll::Ready(Ok(run_with_permit(worker, f)));
            }
        };
        pool.permits.poll_acquire(worker.task(), caller).map(|()| Ok(run_with_permit(worker, f)))
    })
}

/// Hands the core over, and runs `f`.
fn run_with_permit<T>(worker: &Worker, f: impl FnOnce() -> T) -> T {
    struct GiveBack<'a>(&'a Permits);
    impl Drop for GiveBack<'_> {
        fn drop(&mut self) {
            self.0.give_back(self.0.lock());
        }
    }
    let pool = worker.pool();
    let _give_back = GiveBack(&pool.permits);
    if let Some(core) = worker.take_core() {
        // Without a thread to take over, this one blocks with its core: the others steal its
        // tasks.
        if let Err(core) = pool.backups.hand_over(pool, core) {
            worker.put_core(core);
        }
    }
    run(f)
}

/// Code that blocks may take its time, and may run an executor of its own.
fn run<T>(f: impl FnOnce() -> T) -> T {
    tokio_task::without_budget(|| tokio_executor::exit(f))
}

/// Why [`blocking`] could not run its closure.
pub struct BlockingError(Reason);

#[derive(Clone, Copy, Debug)]
enum Reason {
    NoWorker,
    NoTask,
    Forbidden,
    Shutdown,
}

impl BlockingError {
    /// An error that says that no thread pool is at hand. For implementations of [`BlockingImpl`].
    #[doc(hidden)]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        BlockingError(Reason::NoWorker)
    }
}

impl fmt::Debug for BlockingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BlockingError").field(&self.0).finish()
    }
}

impl fmt::Display for BlockingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Reason::NoWorker => {
                "`blocking` called outside the poll of a task that runs on a thread pool"
            }
            Reason::NoTask => {
                "no thread is free for `blocking`, and no futures 0.1 task could be woken later; \
                 use `poll_blocking` in an `async` block"
            }
            Reason::Forbidden => "the thread pool's `max_blocking` is 0",
            Reason::Shutdown => "the thread pool is shutting down",
        })
    }
}

impl Error for BlockingError {}

/// Runs blocking code in place of a thread pool.
pub type BlockingImpl = fn(&mut dyn FnMut()) -> Poll01<(), BlockingError>;

thread_local! {
    static DEFAULT: Cell<Option<BlockingImpl>> = const { Cell::new(None) };
}

/// Restores what [`set_default`] replaced.
pub struct DefaultGuard<'a> {
    before: Option<BlockingImpl>,
    /// Tied to the thread.
    thread: PhantomData<(&'a (), *const ())>,
}

/// Makes `blocking` the way in which [`blocking`] runs its closure on this thread, until the guard
/// is dropped.
pub fn set_default<'a>(blocking: BlockingImpl) -> DefaultGuard<'a> {
    DefaultGuard { before: DEFAULT.with(|d| d.replace(Some(blocking))), thread: PhantomData }
}

/// Makes `blocking` the way in which [`blocking`] runs its closure on this thread, while `f` runs.
pub fn with_default<F, R>(blocking: BlockingImpl, enter: &mut Enter, f: F) -> R
where
    F: FnOnce(&mut Enter) -> R,
{
    let _guard = set_default(blocking);
    f(enter)
}

impl Drop for DefaultGuard<'_> {
    fn drop(&mut self) {
        let _ = DEFAULT.try_with(|default| default.set(self.before));
    }
}

impl fmt::Debug for DefaultGuard<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultGuard").finish_non_exhaustive()
    }
}
