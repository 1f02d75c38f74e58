//! The executor.

use crate::core::Core;
use crate::pace::Pace;
use crate::{BlockError, Entered, Handle, RunError, RunTimeoutError, Turn, TurnError};
use futures::Future as Future01;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;
use tokio_executor::park::{Park, ParkThread};
use tokio_executor::{enter, Enter, Executor, SpawnError, TypedExecutor};
use tokio_task::{
    Boxed, ByStd, Futures01, IntoLocalBlockOn, IntoLocalTask, LocalBlockOnKind, LocalTaskKind,
};

/// Runs tasks of both generations on one thread, and waits in a `P` when none is ready.
///
/// Its tasks need not be `Send`. It runs only inside of [`run`](CurrentThread::run),
/// [`block_on`](CurrentThread::block_on), [`turn`](CurrentThread::turn) and
/// [`run_timeout`](CurrentThread::run_timeout); in between, tasks wait, and wakes are remembered.
///
/// Dropping it drops the future of each task that has not ended, once, on this thread. Wakers and
/// join handles may live on, on any thread: they find the task ended.
///
/// # Panics in tasks
///
/// A panic ends its task. It goes to the task's join handle. If nobody holds one, as for every
/// futures 0.1 task, it comes out of the call that runs the executor. Then the other tasks are as
/// they were, and the executor can be run again.
///
/// # Fairness
///
/// Ready tasks are polled in the order in which they became ready. After 64 polls, or about 200 us,
/// the parker is asked (without waiting), and so sockets and timers go on while tasks are always
/// ready. Wakes from other threads are looked at in each round, at least every 16 polls.
///
/// ```
/// use futures::Future;
/// use std::{cell::Cell, rc::Rc};
/// use tokio_current_thread::CurrentThread;
///
/// let count = Rc::new(Cell::new(0));
/// let (one, two) = (count.clone(), count.clone());
/// let mut executor = CurrentThread::new();
/// executor.spawn(futures::future::lazy(move || Ok(one.set(one.get() + 1)))); // futures 0.1
/// executor.spawn(async move { two.set(two.get() + 1) }); // std
/// executor.run().unwrap();
/// assert_eq!(count.get(), 2);
/// ```
pub struct CurrentThread<P: Park = ParkThread> {
    pub(crate) core: Rc<Core>,
    pub(crate) pace: Pace,
    /// Dropped last: what tasks hold may need it.
    pub(crate) park: P,
}

impl CurrentThread<ParkThread> {
    /// An executor that sleeps while no task is ready.
    pub fn new() -> Self {
        CurrentThread::new_with_park(ParkThread::new())
    }
}

impl<P: Park> CurrentThread<P> {
    /// An executor that waits in `park`, for example in a reactor.
    ///
    /// If `park` wakes a task of this executor from inside its own `park`, on this thread, that does
    /// not also unpark it: it is expected to return by itself once it has done its chores, as
    /// reactors and timers do.
    ///
    /// ```
    /// use tokio_current_thread::CurrentThread;
    /// use tokio_executor::park::ParkThread;
    ///
    /// let executor = CurrentThread::new_with_park(ParkThread::new());
    /// assert!(executor.is_idle());
    /// ```
    pub fn new_with_park(park: P) -> Self {
        let core = Core::new(Box::new(park.unpark()));
        CurrentThread { core, pace: Pace::new(), park }
    }

    /// Whether there is no task that has not ended.
    pub fn is_idle(&self) -> bool {
        self.core.is_idle()
    }

    /// Spawns a future, which is polled when the executor is run next. It need not be `Send`.
    ///
    /// For a futures 0.1 future (`Item = ()`, `Error = ()`) this returns the executor again, for a
    /// std future a [`JoinHandle`](tokio_task::JoinHandle), which may be dropped freely.
    ///
    /// ```
    /// use tokio_current_thread::CurrentThread;
    ///
    /// let mut executor = CurrentThread::new();
    /// executor.spawn(futures::future::ok(())).spawn(futures::future::err(()));
    /// let handle = executor.spawn(async { 6 * 7 });
    /// assert_eq!(executor.block_on(handle).unwrap().unwrap(), 42);
    /// ```
    pub fn spawn<G: LocalTaskKind>(&mut self, future: impl IntoLocalTask<G>) -> G::Chain<'_, Self> {
        let plain = self.spawn_plain(future);
        G::chain(plain, self)
    }

    /// As [`CurrentThread::spawn`], for who returns something else than this executor.
    #[doc(hidden)]
    pub fn spawn_plain<G: LocalTaskKind>(&self, future: impl IntoLocalTask<G>) -> G::Plain {
        self.core.spawn::<G>(future.into_body()).unwrap_or_else(G::cancelled)
    }

    /// Runs `future`, and the tasks beside it, until `future` is done. The tasks that have not ended
    /// then wait for the next run.
    ///
    /// `future` is of either generation, and need be neither `Send` nor `'static`. For futures 0.1
    /// this returns its result, for std `Ok` with its output.
    ///
    /// # Errors
    ///
    /// The future's own; or that this thread runs an executor already, or the parker failed; see
    /// [`BlockError::into_inner`]. A future that was not done is dropped.
    ///
    /// # Panics
    ///
    /// If the future panics, or a task that no join handle waits for.
    ///
    /// ```
    /// use tokio_current_thread::CurrentThread;
    ///
    /// let mut executor = CurrentThread::new();
    /// assert_eq!(executor.block_on(async { 1 }).unwrap(), 1);
    /// let error = executor.block_on(futures::future::err::<(), _>("no")).unwrap_err();
    /// assert_eq!(error.into_inner(), Some("no"));
    /// ```
    pub fn block_on<G: LocalBlockOnKind>(
        &mut self,
        future: impl IntoLocalBlockOn<G>,
    ) -> Result<G::Item, BlockError<G::Error>> {
        let mut enter = enter()?;
        self.enter(&mut enter).block_on(future)
    }

    /// Runs until no task is left, waiting for those that are not ready. Tasks may spawn, and so may
    /// other threads by a [`Handle`] meanwhile.
    ///
    /// # Errors
    ///
    /// If this thread runs an executor already, or the parker failed.
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for.
    pub fn run(&mut self) -> Result<(), RunError> {
        let mut enter = enter().map_err(|_| RunError::new())?;
        self.enter(&mut enter).run()
    }

    /// Runs until no task is left, or until `duration` has gone by. Each ready task is polled at
    /// least once, whatever the `duration`.
    ///
    /// # Errors
    ///
    /// If time is up and tasks are left; if this thread runs an executor already, or the parker
    /// failed; see [`RunTimeoutError::is_timeout`].
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for.
    pub fn run_timeout(&mut self, duration: Duration) -> Result<(), RunTimeoutError> {
        let mut enter = enter()?;
        self.enter(&mut enter).run_timeout(duration)
    }

    /// Asks the parker once, then polls each ready task once.
    ///
    /// If no task is ready, the parker waits: up to `duration`, or with `None` as long as it takes,
    /// also if there is no task at all. What becomes ready during the turn is left for the next one.
    ///
    /// # Errors
    ///
    /// If this thread runs an executor already, or the parker failed.
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for; those behind it stay ready.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tokio_current_thread::CurrentThread;
    ///
    /// let mut executor = CurrentThread::new();
    /// executor.spawn(async {});
    /// assert!(executor.turn(None).unwrap().has_polled());
    /// assert!(!executor.turn(Some(Duration::ZERO)).unwrap().has_polled());
    /// ```
    pub fn turn(&mut self, duration: Option<Duration>) -> Result<Turn, TurnError> {
        let mut enter = enter().map_err(|_| TurnError::new())?;
        self.enter(&mut enter).turn(duration)
    }

    /// What dropping does: for who wants it done in a place of their choice. Later spawns are dropped.
    #[doc(hidden)]
    pub fn shut_down(&mut self) {
        self.core.shut_down();
    }

    /// This executor on a thread that `enter` marks as one that runs an executor.
    pub fn enter<'a>(&'a mut self, enter: &'a mut Enter) -> Entered<'a, P> {
        Entered::new(self, enter)
    }

    /// What the executor waits with.
    pub fn get_park(&self) -> &P {
        &self.park
    }

    /// What the executor waits with.
    pub fn get_park_mut(&mut self) -> &mut P {
        &mut self.park
    }

    /// A handle that spawns on this executor, from any thread.
    pub fn handle(&self) -> Handle {
        Handle::new(self.core.door().clone())
    }
}

impl<P: Park> Drop for CurrentThread<P> {
    fn drop(&mut self) {
        self.core.shut_down();
    }
}

impl<P: Park> Executor for CurrentThread<P> {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.core.spawn_send::<Boxed>(Futures01::new(future)).map_err(|_| SpawnError::shutdown())
    }
}

impl<P: Park, T: Future01<Item = (), Error = ()> + 'static> TypedExecutor<T> for CurrentThread<P> {
    fn spawn(&mut self, future: T) -> Result<(), SpawnError> {
        self.core.spawn::<T>(Futures01::new(future)).map_err(|_| SpawnError::shutdown())
    }
}

impl Default for CurrentThread<ParkThread> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Park> fmt::Debug for CurrentThread<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentThread").field("core", &self.core).finish_non_exhaustive()
    }
}

/// Runs `future` and all that is spawned meanwhile on this thread, and returns when all of it has
/// ended. Starts an executor for that, without a reactor and timers.
///
/// For a futures 0.1 future this returns its result, for a std future its output.
///
/// # Panics
///
/// If this thread runs an executor already; if the future panics, or a task that no join handle
/// waits for.
///
/// ```
/// use tokio_current_thread::{block_on_all, spawn};
///
/// let answer = block_on_all(async {
///     spawn(async { println!("printed before `block_on_all` returns") });
///     42
/// });
/// assert_eq!(answer, 42);
/// assert_eq!(block_on_all(futures::future::ok::<_, ()>(42)), Ok(42));
/// ```
pub fn block_on_all<G: LocalBlockOnKind>(future: impl IntoLocalBlockOn<G>) -> G::Output {
    let mut enter = enter().expect("failed to start an executor");
    let mut executor = CurrentThread::new();
    let mut entered = executor.enter(&mut enter);
    // `ParkThread` does not fail.
    let output = entered.block_on::<ByStd<_>>(future.into_std()).expect("failed to wait");
    entered.run().expect("failed to wait");
    output
}
