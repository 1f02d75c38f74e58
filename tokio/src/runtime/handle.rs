//! A name for a runtime, to spawn on it and to enter it.

use crate::runtime::EnterGuard;
use crate::task::spawn_blocking::beside;
use std::error::Error;
use std::fmt;
use tokio_executor::{enter, DefaultExecutor};
use tokio_task::{IntoLocalBlockOn, IntoTask, JoinHandle, LocalBlockOnKind, TaskKind};
use tokio_threadpool::Sender;
use tokio_timer::clock::Clock;

/// Names a [`Runtime`](super::Runtime): spawns on it from any thread, and makes a thread use its reactor
/// and its timers. Cheap to clone; it does not keep the runtime running.
///
/// ```
/// use tokio::runtime::{Handle, Runtime};
///
/// let mut runtime = Runtime::new().unwrap();
/// let handle = runtime.block_on(async { Handle::current() });
/// let task = std::thread::spawn(move || handle.spawn(async { 42 })).join().unwrap();
/// assert_eq!(runtime.block_on(async { task.await.unwrap() }), 42);
/// ```
#[derive(Clone)]
pub struct Handle {
    pub(super) executor: Sender,
    pub(super) reactor: tokio_reactor::Handle,
    pub(super) timer: tokio_timer::timer::Handle,
    pub(super) clock: Clock,
}

impl Handle {
    /// The runtime whose task is being polled on this thread, or that the thread has
    /// [entered](Handle::enter).
    ///
    /// # Panics
    ///
    /// If there is none; see [`Handle::try_current`].
    #[track_caller]
    pub fn current() -> Handle {
        match Handle::try_current() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// The runtime of this thread.
    ///
    /// # Errors
    ///
    /// If the thread uses none, or one of another kind: a runtime of the current thread has a handle of
    /// its own, [`current_thread::Handle`](super::current_thread::Handle).
    pub fn try_current() -> Result<Handle, TryCurrentError> {
        let executor = DefaultExecutor::with_shared(|executor| {
            executor.and_then(|executor| executor.as_any().downcast_ref::<Sender>().cloned())
        });
        let found = executor.and_then(|executor| {
            Some(Handle {
                executor,
                reactor: tokio_reactor::Handle::try_current()?,
                timer: tokio_timer::timer::Handle::try_current()?,
                clock: Clock::new(),
            })
        });
        found.ok_or(TryCurrentError(()))
    }

    /// Spawns a future of either generation. For a futures 0.1 future this returns `()`, for a std
    /// future a [`JoinHandle`](crate::task::JoinHandle), which may be dropped freely.
    ///
    /// If the runtime has shut down, the future is dropped, and the join handle says that the task was
    /// cancelled.
    pub fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> G::Plain {
        self.executor.spawn_body::<G>(future.into_body()).unwrap_or_else(G::cancelled)
    }

    /// Runs `f`, which may block, on the runtime's threads beside its tasks: as
    /// [`spawn_blocking`](crate::task::spawn_blocking()) does inside of the runtime, which tells more.
    ///
    /// # Panics
    ///
    /// If the runtime allows no `blocking_threads`, and the system refuses the first of those of the process.
    ///
    /// ```
    /// let mut runtime = tokio::runtime::Runtime::new().unwrap();
    /// let answer = runtime.as_handle().spawn_blocking(|| 6 * 7);
    /// assert_eq!(runtime.block_on(async { answer.await.unwrap() }), 42);
    /// ```
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        match self.executor.spawn_blocking_or_return(f) {
            Ok(handle) => handle,
            Err(f) => {
                let (reactor, timer) = (self.reactor.clone(), self.timer.clone());
                beside(Some(reactor), Some(timer), self.clock.clone(), f)
            }
        }
    }

    /// Makes this thread use the runtime until the guard is dropped: [`tokio::spawn`](crate::spawn)
    /// spawns there, and sockets and timers that are made here belong to it.
    ///
    /// ```
    /// let runtime = tokio::runtime::Runtime::new().unwrap();
    /// let _guard = runtime.enter();
    /// tokio::spawn(async {});
    /// ```
    pub fn enter(&self) -> EnterGuard {
        EnterGuard::new(self)
    }

    /// Polls a future of either generation on this thread until it is done, with the runtime entered.
    ///
    /// The future need be neither `Send` nor `'static`. What it spawns runs on the runtime, which has
    /// to be running; its sockets and timers are the runtime's. Returns a futures 0.1 future's `Result`, or
    /// a std future's output.
    ///
    /// # Panics
    ///
    /// If this thread already runs an executor, and if the future does.
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// let runtime = tokio::runtime::Runtime::new().unwrap();
    /// let not_send = Rc::new(41);
    /// let answer = runtime.as_handle().block_on(async {
    ///     tokio::spawn(async { 1 }).await.unwrap() + *not_send
    /// });
    /// assert_eq!(answer, 42);
    /// ```
    #[track_caller]
    pub fn block_on<G: LocalBlockOnKind>(&self, future: impl IntoLocalBlockOn<G>) -> G::Output {
        let mut entered = enter().expect("`block_on` inside a runtime: await or chain instead");
        let _guard = self.enter();
        entered.block_on(future)
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// This thread uses no runtime with workers. The error of [`Handle::try_current`].
#[derive(Debug)]
pub struct TryCurrentError(());

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "this thread has no runtime: call this in a task of one, or after `Runtime::enter`",
        )
    }
}

impl Error for TryCurrentError {}
