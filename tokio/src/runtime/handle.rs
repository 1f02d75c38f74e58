//! A name for a runtime, to spawn on it and to enter it.

use crate::runtime::EnterGuard;
use crate::task::spawn_blocking::beside;
use std::error::Error;
use std::fmt;
use std::future::{poll_fn, Future};
use std::pin::pin;
use tokio_current_thread::TaskExecutor;
use tokio_executor::{enter, set_default, DefaultExecutor, DefaultGuard};
use tokio_task::{with_budget, IntoLocalBlockOn, IntoTask, JoinHandle, LocalBlockOnKind, TaskKind};
use tokio_threadpool::Sender;
use tokio_timer::clock::Clock;

/// Names a runtime, with [workers](super::Runtime) or [of the current
/// thread](super::current_thread::Runtime): spawns on it from any thread, and makes a thread use its
/// reactor and its timers. Cheap to clone; it does not keep the runtime running.
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
    pub(super) spawner: Spawner,
    pub(super) reactor: tokio_reactor::Handle,
    pub(super) timer: tokio_timer::timer::Handle,
    pub(super) clock: Clock,
}

impl Handle {
    /// The runtime whose task is being polled on this thread, or that the thread has
    /// [entered](Handle::enter); of either kind.
    ///
    /// # Panics
    ///
    /// If there is none; see [`Handle::try_current`].
    ///
    /// ```
    /// use tokio::runtime::Handle;
    ///
    /// #[tokio::main(flavor = "current_thread")]
    /// async fn main() {
    ///     let handle = Handle::current();
    ///     let spawner = std::thread::spawn(move || handle.spawn(async { 42 }));
    ///     assert_eq!(spawner.join().unwrap().await.unwrap(), 42);
    /// }
    /// ```
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
    /// If the thread uses none, or only a part of one: an executor without a reactor and timers.
    pub fn try_current() -> Result<Handle, TryCurrentError> {
        let found = Spawner::current().and_then(|spawner| {
            Some(Handle {
                spawner,
                reactor: tokio_reactor::Handle::try_current()?,
                timer: tokio_timer::timer::Handle::try_current()?,
                clock: Clock::new(),
            })
        });
        found.ok_or(TryCurrentError(()))
    }

    /// Spawns a future of either generation. For a futures 0.1 future this returns `()`, for a std
    /// future a [`JoinHandle`], which may be dropped freely.
    ///
    /// If the runtime has shut down, the future is dropped, and the join handle says that the task was
    /// cancelled.
    pub fn spawn<G: TaskKind>(&self, future: impl IntoTask<G>) -> G::Plain {
        let body = future.into_body();
        match &self.spawner {
            Spawner::Pool(pool) => pool.spawn_body::<G>(body),
            Spawner::CurrentThread(handle) => handle.spawn_body::<G>(body),
        }
        .unwrap_or_else(G::cancelled)
    }

    /// Runs `f`, which may block, on the runtime's threads beside its tasks: as
    /// [`spawn_blocking`](crate::task::spawn_blocking()) does inside of the runtime, which tells more.
    ///
    /// # Panics
    ///
    /// If the runtime has no threads for that, and the system refuses the first of those of the process.
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
        let f = match &self.spawner {
            Spawner::CurrentThread(_) => f,
            Spawner::Pool(pool) => match pool.spawn_blocking_or_return(f) {
                Ok(handle) => return handle,
                Err(f) => f,
            },
        };
        let Handle { spawner, reactor, timer, clock } = self.clone();
        beside(Some(spawner), Some(reactor), Some(timer), clock, f)
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
        let mut future = pin!(future.into_std());
        // A limit to each poll: no other task waits for this one, but parts of it may wait for others.
        entered.block_on(poll_fn(|cx| with_budget(|| future.as_mut().poll(cx))))
    }
}

/// Where a runtime's tasks go.
#[derive(Clone)]
pub(crate) enum Spawner {
    Pool(Sender),
    CurrentThread(tokio_current_thread::Handle),
}

impl Spawner {
    /// That of this thread's executor.
    pub(crate) fn current() -> Option<Spawner> {
        DefaultExecutor::with_shared(|executor| {
            let executor = executor?.as_any();
            if let Some(pool) = executor.downcast_ref::<Sender>() {
                return Some(Spawner::Pool(pool.clone()));
            }
            let handle = match executor.downcast_ref::<TaskExecutor>() {
                Some(current) => current.handle()?,
                None => executor.downcast_ref::<tokio_current_thread::Handle>()?.clone(),
            };
            Some(Spawner::CurrentThread(handle))
        })
    }

    pub(crate) fn set_default(&self) -> DefaultGuard {
        match self {
            Spawner::Pool(pool) => set_default(pool.clone()),
            Spawner::CurrentThread(handle) => set_default(handle.clone()),
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle").finish_non_exhaustive()
    }
}

/// This thread uses no runtime. The error of [`Handle::try_current`].
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
