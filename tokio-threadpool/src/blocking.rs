//! Running code that blocks: the worker's core is laid open to other threads first.
//!
//! `permits` bounds the number of tasks that block at a time; `offer` tells how the core comes to
//! another thread if one needs it, and back if none did.

use crate::permits::Refused;
use crate::sync::thread_local;
use crate::worker::{self, Worker};
use futures::{Async, Poll as Poll01};
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::task::{ready, Context, Poll};
use tokio_executor::Enter;
use tokio_task::{to_futures01, Caller};

/// Runs `f`, which may block, on this thread; the pool's other tasks go on elsewhere.
///
/// To be called while a task of a [`ThreadPool`](crate::ThreadPool) is polled, directly or through
/// futures 0.1 combinators. Before `f` is called, this worker's queue and its turn at the reactor
/// are open to the other workers. If some sleep, one of them is woken as soon as there is a task to
/// run, and after 2 to 4 ms in any case; if none sleeps, another thread takes them over at once. So
/// a short closure costs no switch of threads, and a long one holds nobody up for longer. Inside a
/// `blocking`, another one just calls its closure.
///
/// `Ok(NotReady)` means that as many tasks block as
/// [`Builder::max_blocking`](crate::Builder::max_blocking) allows, or that the system refuses the
/// pool a thread and this is its last worker that does not block: `f` has not been called, and the
/// task is woken when it is its turn. The wake reaches a futures 0.1 task; in an `async` block use
/// [`poll_blocking`].
///
/// A pool that shuts down at once waits for the closures that run. Once its workers have stopped, one
/// that uses a socket or a timer of the shared `Park`
/// ([`Builder::shared_park`](crate::Builder::shared_park)), as in the facade's runtime, gets an error,
/// for nobody serves these any more. Those of a `Park` that each worker has for itself stay, unserved:
/// such a closure must not wait for them.
///
/// # Errors
///
/// If this thread polls no task of a thread pool, if the pool is shutting down or allows no
/// blocking at all, if the system refuses threads for longer than about a second while all other
/// workers block, or if `f` has to wait and there is no futures 0.1 task to wake later.
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
    to_futures01(erased(f, |f| match DEFAULT.try_with(Cell::get).ok().flatten() {
        Some(run) => match run(f) {
            Ok(Async::Ready(())) => Poll::Ready(Ok(())),
            Ok(Async::NotReady) => Poll::Pending,
            Err(error) => Poll::Ready(Err(error)),
        },
        None => poll_blocking_with(None, f, false),
    }))
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
    erased(f, |f| poll_blocking_with(Some(cx.into()), f, false))
}

/// As [`poll_blocking`]; if the system refuses threads, `f` waits for as long as it takes.
pub(crate) fn poll_blocking_patient<F, T>(
    cx: &mut Context<'_>,
    f: F,
) -> Poll<Result<T, BlockingError>>
where
    F: FnOnce() -> T,
{
    erased(f, |f| poll_blocking_with(Some(cx.into()), f, true))
}

/// Has `blocking` call `f` once, if it does, by a function of one type: all else is compiled once, not
/// again for every closure.
fn erased<F, T>(
    f: F,
    blocking: impl FnOnce(&mut dyn FnMut()) -> Poll<Result<(), BlockingError>>,
) -> Poll<Result<T, BlockingError>>
where
    F: FnOnce() -> T,
{
    let (mut f, mut result) = (Some(f), None);
    let polled = blocking(&mut || {
        let f = f.take().expect("it is called at most once");
        result = Some(f());
    });
    polled.map_ok(|()| result.expect("ready means that it was called"))
}

fn poll_blocking_with(
    caller: Option<Caller<'_>>,
    f: &mut dyn FnMut(),
    patient: bool,
) -> Poll<Result<(), BlockingError>> {
    worker::with_any(|worker| {
        let Some(worker) = worker.filter(|worker| worker.task() != 0) else {
            return Poll::Ready(Err(BlockingError(Reason::NoWorker)));
        };
        if worker.core().is_none() {
            // This task blocks already.
            run(f);
            return Poll::Ready(Ok(()));
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
                if !pool.permits.try_acquire(worker.task()) {
                    return Poll::Ready(Err(BlockingError(Reason::NoTask)));
                }
                let ran = run_with_permit(worker, f);
                return Poll::Ready(ran.map_err(|Refused| {
                    pool.permits.give_back();
                    BlockingError(Reason::NoThread)
                }));
            }
        };
        let task = worker.task();
        ready!(pool.permits.poll_acquire(task, caller, || worker.task_waker()));
        match run_with_permit(worker, f) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(Refused) => {
                let waker = worker.task_waker();
                let polled = pool.permits.poll_refused(task, caller, waker, patient);
                polled.map(|Refused| Err(BlockingError(Reason::NoThread)))
            }
        }
    })
}

/// Lays the core open, runs `f`, and takes the core back if nobody needed it. Does not run `f`, and
/// leaves the permit to the caller, if the pool's tasks would be left without a thread.
fn run_with_permit(worker: &Worker, f: &mut dyn FnMut()) -> Result<(), Refused> {
    struct TakeBack<'a>(&'a Worker, usize);
    impl Drop for TakeBack<'_> {
        fn drop(&mut self) {
            let TakeBack(worker, index) = *self;
            match worker.pool().offers.take(index) {
                Some(core) => {
                    worker.put_core(core);
                    worker.pool().permits.give_back();
                }
                // This thread is one too many until it waits for another core.
                None => worker.keep_permit(),
            }
        }
    }
    worker.use_permit();
    let core = worker.take_core().expect("who has no core needs no permit");
    let take_back = TakeBack(worker, core.index);
    if let Some(core) = worker.pool().offer(core) {
        mem::forget(take_back);
        worker.put_core(core);
        return Err(Refused);
    }
    worker.pool().permits.succeeded();
    run(f);
    Ok(())
}

/// Code that blocks may take its time, and may run an executor of its own.
fn run(f: &mut dyn FnMut()) {
    tokio_task::without_budget(|| tokio_executor::exit(f));
}

/// Why [`blocking`] could not run its closure.
pub struct BlockingError(Reason);

#[derive(Clone, Copy, Debug)]
enum Reason {
    NoWorker,
    NoTask,
    NoThread,
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

    pub(crate) fn forbidden() -> Self {
        BlockingError(Reason::Forbidden)
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
            Reason::NoThread => {
                "the system refuses the thread pool a thread, and all its other workers block"
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
