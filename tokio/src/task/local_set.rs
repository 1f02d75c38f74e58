//! Tasks that need not be `Send`, beside a runtime whose tasks have to be.
//!
//! The set is an executor of the current thread that never waits by itself: whoever awaits it polls its
//! tasks. What a set's tasks are woken by rings the set's bell, which wakes everyone who awaits it.
//!
//! # No task is forgotten
//!
//! Everyone who awaits the set has a seat at the bell. Whoever polls the set first leaves a waker in its
//! seat, then polls tasks, and when it leaves with tasks still ready, by whatever way out, it rings. A ring
//! wakes each waker that is there when it begins. So each task that is ready is seen by the one who is
//! polling now, or everyone has been woken since: if some of them are dropped instead of polled, the
//! others still come.
//!
//! # A set's own tasks may await it
//!
//! Such a task is polled by a poll of the set, and that goes on with the other tasks afterwards. So the
//! task needs no seat, polls no tasks itself, and does not ring. If it did, tasks would be polled one inside
//! of the other, however many there are; each ring would make them ready again; and a waker in a seat
//! would keep its task, which keeps the bell.

use crate::runtime::Runtime;
use std::collections::VecDeque;
use std::fmt;
use std::future::{poll_fn, Future};
use std::mem;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio_current_thread::CurrentThread;
use tokio_executor::park::{Park, Unpark};
use tokio_task::{
    with_budget, Caller, IntoLocalBlockOn, IntoLocalTask, LocalBlockOnKind, LocalTaskKind, Waiter,
};

/// How many tasks are polled before others get their turn.
const POLLS: usize = 64;

const OWN_SEAT: u64 = 0;

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
/// await it at a time, its own included: these are polled in turn like any other task, so none may block
/// the thread until another one is done. Dropping the set drops each future that is left, here; the sockets
/// and timers of the runtime around it, and what `tokio::spawn` means, are there meanwhile.
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
    /// The number of the next seat. Number 0 is the set's own, as a future.
    // Atomic for the compiler's messages alone, which would blame a `Cell` that a set is not `Send`.
    next_seat: AtomicU64,
}

impl LocalSet {
    /// An empty set.
    pub fn new() -> LocalSet {
        let bell = Arc::<Bell>::default();
        let executor = CurrentThread::new_with_park(Outside(bell.clone()));
        LocalSet { executor, bell, next_seat: AtomicU64::new(OWN_SEAT + 1) }
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
        let seat = self.take_seat();
        poll_fn(|cx| self.poll_beside(&seat, cx, |cx| future.as_mut().poll(cx))).await
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

    fn take_seat(&self) -> Seat<'_> {
        Seat { bell: &self.bell, number: self.next_seat.fetch_add(1, Relaxed) }
    }

    /// Polls `main`, and then tasks unless it is ready.
    fn poll_beside<R>(
        &self,
        seat: &Seat<'_>,
        cx: &mut Context<'_>,
        main: impl FnOnce(&mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        if self.executor.is_polling() {
            return self.executor.nest(|| main(cx));
        }
        self.bell.register(seat.number, Caller::from(&mut *cx));
        let _leaving = Leaving(self);
        self.executor.nest(|| {
            // What it is polled by may have no budget, and it has to let the tasks run.
            let polled = with_budget(|| main(cx));
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
        self.bell.register(OWN_SEAT, Caller::from(cx));
        let _leaving = Leaving(&self);
        self.executor.poll_ready(POLLS);
        if self.executor.is_idle() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for LocalSet {
    /// What destructors spawn by `spawn_local` is dropped; what is around the set stays as it is.
    fn drop(&mut self) {
        self.executor.shut_down_nested();
        self.bell.leave(OWN_SEAT);
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
///
/// The set's thread alone takes and leaves seats; any thread rings. Nobody clones, wakes or drops a waker
/// while the lock is held.
#[derive(Default)]
struct Bell {
    /// By the number of the seat. A waker that was woken is no longer here.
    waiting: Mutex<VecDeque<(u64, Waiter)>>,
}

impl Bell {
    fn waiting(&self) -> MutexGuard<'_, VecDeque<(u64, Waiter)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(&self, seat: u64, caller: Caller<'_>) {
        let is_it = |(number, _): &&mut (u64, Waiter)| *number == seat;
        let known = self.waiting().iter_mut().find(is_it).is_some_and(|(_, w)| w.will_wake(caller));
        if known {
            return;
        }
        let waiter = Waiter::from(caller);
        let mut waiting = self.waiting();
        let before = match waiting.iter_mut().find(is_it) {
            Some((_, place)) => Some(mem::replace(place, waiter)),
            None => {
                waiting.push_back((seat, waiter));
                None
            }
        };
        drop(waiting);
        drop(before);
    }

    fn leave(&self, seat: u64) {
        let mut waiting = self.waiting();
        let place = waiting.iter().position(|(number, _)| *number == seat);
        let left = place.and_then(|place| waiting.remove(place));
        drop(waiting);
        drop(left);
    }

    /// Who registers meanwhile goes to the end: each who was there before is woken.
    fn ring(&self) {
        let there = self.waiting().len();
        for _ in 0..there {
            let Some((_, waiter)) = self.waiting().pop_front() else { return };
            waiter.wake();
        }
    }
}

/// The place at the bell of one who awaits the set.
struct Seat<'a> {
    bell: &'a Bell,
    number: u64,
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        self.bell.leave(self.number);
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
