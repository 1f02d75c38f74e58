//! Tasks that need not be `Send`, beside a runtime whose tasks have to be.
//!
//! The set is an executor of the current thread that never waits by itself: whoever awaits it polls its
//! tasks. What a set's tasks are woken by rings the set's bell, which wakes everyone who awaits it.
//!
//! # No task is forgotten
//!
//! Whoever polls a set first leaves its waker at the bell, then polls tasks, and when it leaves with
//! tasks still ready, by whatever way out, it rings. So each task that is ready is seen by the one who
//! is polling now, or everyone has been woken since: if some of them are dropped instead of polled,
//! the others still come. A ring that falls between taking the place of a waker at the bell and
//! putting that beside misses it, but then somebody is polling: the first case.

use crate::runtime::Runtime;
use std::fmt;
use std::future::{poll_fn, Future};
use std::mem;
use std::pin::{pin, Pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio_current_thread::CurrentThread;
use tokio_executor::park::{Park, Unpark};
use tokio_task::{
    Caller, IntoLocalBlockOn, IntoLocalTask, LocalBlockOnKind, LocalTaskKind, Waiter, WaiterCell,
};

/// How many tasks are polled before others get their turn.
const POLLS: usize = 64;

/// A set of tasks that need not be `Send`, driven by whoever awaits it.
///
/// It runs inside whatever polls futures on the thread that made it: [`Handle::block_on`],
/// `#[tokio::main]` and `#[tokio::test]`, the runtime of the current thread, or `block_on` of another
/// project. (The tasks of a pool and `Runtime::block_on` take only what is `Send`, which this is not.)
/// Its tasks use the sockets and timers of that runtime. Inside,
/// [`spawn_local`](crate::task::spawn_local()) spawns on the set, and [`tokio::spawn`](crate::spawn) on the
/// runtime around it.
///
/// Tasks are polled only while somebody awaits the set: by [`run_until`](LocalSet::run_until), or as
/// the std future that it is, which is ready when no task is left. Several tasks of one thread may
/// await it at a time. Dropping the set drops each future that is left, here.
///
/// A panic in a task goes to its join handle. If there is none, as for futures 0.1, it comes out of
/// the poll of the set; the other tasks are as they were.
///
/// ```
/// use std::rc::Rc;
/// use tokio::task::{self, LocalSet};
///
/// #[tokio::main]
/// async fn main() {
///     let set = LocalSet::new();
///     let shared = Rc::new(41);
///     let answer = set.run_until(async move {
///         task::spawn_local(async move { *shared + 1 }).await.unwrap()
///     });
///     assert_eq!(answer.await, 42);
/// }
/// ```
///
/// With tasks of futures 0.1:
///
/// ```
/// use futures::future;
/// use std::{cell::Cell, rc::Rc};
/// use tokio::runtime::Runtime;
/// use tokio::task::LocalSet;
///
/// let runtime = Runtime::new()?;
/// let set = LocalSet::new();
/// let count = Rc::new(Cell::new(0));
/// let counted = count.clone();
/// set.spawn_local(future::lazy(move || Ok(counted.set(counted.get() + 1))));
/// runtime.as_handle().block_on(set);
/// assert_eq!(count.get(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// [`Handle::block_on`]: crate::runtime::Handle::block_on
pub struct LocalSet {
    executor: CurrentThread<Outside>,
    bell: Arc<Bell>,
}

impl LocalSet {
    /// An empty set.
    pub fn new() -> LocalSet {
        let bell = Arc::<Bell>::default();
        LocalSet { executor: CurrentThread::new_with_park(Outside(bell.clone())), bell }
    }

    /// Spawns a future of either generation on the set. For a futures 0.1 future this returns `()`, for a
    /// std future a [`JoinHandle`](crate::task::JoinHandle), which may be dropped freely.
    ///
    /// It is polled when the set is awaited.
    pub fn spawn_local<G: LocalTaskKind>(&self, future: impl IntoLocalTask<G>) -> G::Plain {
        let plain = self.executor.spawn_plain(future);
        self.bell.ring();
        plain
    }

    /// Waits for `future`, of either generation, and polls the set's tasks meanwhile. They stay when it is
    /// ready.
    ///
    /// Returns a futures 0.1 future's `Result`, or a std future's output. Dropping this drops `future`; the
    /// tasks stay too.
    ///
    /// # Panics
    ///
    /// If `future` panics, or a task that no join handle waits for.
    pub async fn run_until<G: LocalBlockOnKind>(
        &self,
        future: impl IntoLocalBlockOn<G>,
    ) -> G::Output {
        let mut future = pin!(future.into_std());
        poll_fn(|cx| self.poll_beside(cx, |cx| future.as_mut().poll(cx))).await
    }

    /// Blocks this thread on [`run_until`](LocalSet::run_until), with `runtime` entered: as
    /// [`Handle::block_on`](crate::runtime::Handle::block_on).
    ///
    /// # Panics
    ///
    /// As `run_until`; and if this thread already runs an executor.
    ///
    /// ```
    /// let runtime = tokio::runtime::Runtime::new()?;
    /// let set = tokio::task::LocalSet::new();
    /// let task = set.spawn_local(async { std::rc::Rc::new(42) });
    /// assert_eq!(*set.block_on(&runtime, task).unwrap(), 42);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn block_on<G: LocalBlockOnKind>(
        &self,
        runtime: &Runtime,
        future: impl IntoLocalBlockOn<G>,
    ) -> G::Output {
        runtime.as_handle().block_on(self.run_until(future))
    }

    /// Polls `main`, and then tasks unless it is ready.
    fn poll_beside<R>(
        &self,
        cx: &mut Context<'_>,
        main: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        self.bell.register(cx);
        let _leaving = Leaving(self);
        self.executor.nest(|| {
            let polled = main(cx);
            if polled.is_pending() {
                self.executor.poll_ready(POLLS);
            }
            polled
        })
    }
}

/// Ready when no task is left.
impl Future for LocalSet {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.bell.register(cx);
        let _leaving = Leaving(&self);
        self.executor.poll_ready(POLLS);
        if self.executor.is_idle() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Default for LocalSet {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for LocalSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSet").field("executor", &self.executor).finish_non_exhaustive()
    }
}

/// Rings if tasks are ready when a poll of the set is over.
struct Leaving<'a>(&'a LocalSet);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if self.0.executor.has_ready() {
            self.0.bell.ring();
        }
    }
}

/// Wakes everyone who awaits the set.
#[derive(Default)]
struct Bell {
    /// Who polled the set last: often the only one.
    last: WaiterCell,
    others: Mutex<Vec<Waiter>>,
}

impl Bell {
    fn others(&self) -> MutexGuard<'_, Vec<Waiter>> {
        self.others.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(&self, cx: &mut Context<'_>) {
        if let Some(Waiter::Std(before)) = self.last.register(Caller::from(cx)) {
            let mut others = self.others();
            let known = others.iter().any(|other| other.will_wake(Caller::Std(&before)));
            if !known {
                others.push(Waiter::Std(before));
                return;
            }
            drop(others);
            drop(before);
        }
    }

    fn ring(&self) {
        self.last.wake();
        let woken = mem::take(&mut *self.others());
        woken.into_iter().for_each(Waiter::wake);
    }
}

/// What is outside of the set: there the thread waits.
struct Outside(Arc<Bell>);

impl Park for Outside {
    type Unpark = Ringer;
    type Error = ();

    fn unpark(&self) -> Ringer {
        Ringer(self.0.clone())
    }

    /// The executor of a set is never run in a way that parks.
    fn park(&mut self) -> Result<(), ()> {
        Err(())
    }

    fn park_timeout(&mut self, _: Duration) -> Result<(), ()> {
        Err(())
    }
}

struct Ringer(Arc<Bell>);

impl Unpark for Ringer {
    fn unpark(&self) {
        self.0.ring();
    }
}
