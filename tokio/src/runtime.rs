//! A runtime: a pool of workers that share a reactor.
//!
//! [`run`] starts one, runs a future and all that it spawns, and returns when everything is done.
//! A program that wants more control holds a [`Runtime`]. [`current_thread`] has a runtime without
//! threads of its own.

mod builder;
pub mod current_thread;
mod enter;
pub(crate) mod handle;
mod shutdown;
mod task_executor;

pub use self::builder::Builder;
pub use self::enter::EnterGuard;
pub use self::handle::{Handle, TryCurrentError};
pub use self::shutdown::Shutdown;
pub use self::task_executor::TaskExecutor;

use std::fmt;
use std::future::{Future, IntoFuture};
use std::panic;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use tokio_executor::enter;
use tokio_executor::park::{Park, ParkThread};
use tokio_task::{IntoBlockOn, IntoTask, JoinHandle, TaskKind};
use tokio_threadpool::ThreadPool;

/// Starts a runtime, spawns `future` on it, and returns when the runtime is idle: when the future
/// and all that was spawned meanwhile have come to their end.
///
/// Takes a future of either generation, as [`tokio::spawn`](crate::spawn) does. The thread blocks.
/// If a task panics, the others go on.
///
/// # Panics
///
/// If this thread already runs an executor, for example inside another `run`; or if the runtime
/// cannot be started (see [`Builder::build`]).
///
/// ```
/// use futures::future;
///
/// tokio::run(async {
///     tokio::spawn(future::lazy(|| Ok(println!("0.1, spawned by async"))));
/// });
/// tokio::run(future::lazy(|| {
///     tokio::spawn(async { println!("async, spawned by 0.1") });
///     Ok(())
/// }));
/// ```
pub fn run<G: TaskKind>(future: impl IntoTask<G>) {
    let mut enter = enter().expect("`tokio::run` inside a runtime: spawn the future instead");
    let mut runtime = Runtime::new().expect("failed to start a runtime");
    runtime.spawn(future);
    enter.block_on(runtime.shutdown_on_idle()).expect("a shutdown does not fail");
}

/// A pool of workers that share a reactor.
///
/// Dropping it shuts it down as [`Runtime::shutdown_now`] does and waits for that, unless it is
/// dropped on one of its own threads.
///
/// ```
/// use tokio::runtime::Runtime;
///
/// let mut runtime = Runtime::new().unwrap();
/// let answer = runtime.block_on(async { 42 }); // std: the output
/// assert_eq!(answer, 42);
/// let answer = runtime.block_on(futures::future::ok::<_, ()>(42)); // 0.1: a `Result`
/// assert_eq!(answer, Ok(42));
/// ```
pub struct Runtime {
    pool: ThreadPool,
    /// Beside the pool, since a handle keeps nothing running.
    handle: Handle,
}

impl Runtime {
    /// A runtime with the defaults of [`Builder::new`].
    ///
    /// # Errors
    ///
    /// As [`Builder::build`].
    pub fn new() -> std::io::Result<Self> {
        Builder::new().build()
    }

    /// The runtime's reactor.
    #[deprecated(since = "0.1.5", note = "use `reactor` instead")]
    #[doc(hidden)]
    pub fn handle(&self) -> &tokio_reactor::Handle {
        &self.handle.reactor
    }

    /// The runtime's reactor.
    #[deprecated(
        since = "0.1.11",
        note = "there is a reactor in every task; the runtime's is found by itself"
    )]
    pub fn reactor(&self) -> &tokio_reactor::Handle {
        &self.handle.reactor
    }

    /// A handle that spawns on this runtime, from any thread. It does not keep it running.
    pub fn executor(&self) -> TaskExecutor {
        TaskExecutor::new(self.pool.sender().clone())
    }

    /// A name for the runtime, which spawns on it and enters it, from any thread. ([`Runtime::handle`]
    /// is 0.1's, for the reactor.)
    pub fn as_handle(&self) -> &Handle {
        &self.handle
    }

    /// Makes this thread use the runtime until the guard is dropped; see [`Handle::enter`].
    pub fn enter(&self) -> EnterGuard {
        self.handle.enter()
    }

    /// Spawns a future. For a futures 0.1 future this returns the runtime again, for a std future a
    /// [`JoinHandle`], which may be dropped freely.
    ///
    /// ```
    /// let mut runtime = tokio::runtime::Runtime::new().unwrap();
    /// runtime
    ///     .spawn(futures::future::lazy(|| Ok(())))
    ///     .spawn(futures::future::lazy(|| Ok(())));
    /// let handle = runtime.spawn(async { 1 });
    /// assert_eq!(runtime.block_on(async { handle.await.unwrap() }), 1);
    /// ```
    pub fn spawn<G: TaskKind>(&mut self, future: impl IntoTask<G>) -> G::Chain<'_, Self> {
        let plain = self.pool.spawn(future);
        G::chain(plain, self)
    }

    /// Runs a future on the runtime, and blocks this thread until it is ready.
    ///
    /// The future runs as a task, so it has to be `Send + 'static`, and so has what it yields; for one that
    /// is not there is [`Handle::block_on`], and [`current_thread`].
    ///
    /// Returns what it yields: a `Result` for a futures 0.1 future, the output of a std one. Tasks
    /// that were spawned meanwhile run on.
    ///
    /// # Panics
    ///
    /// If this thread already runs an executor; if the future panics, with its payload; if the
    /// runtime is shut down by somebody else.
    pub fn block_on<F, R: ?Sized, E: ?Sized>(&mut self, future: F) -> F::Output
    where
        F: IntoBlockOn<R, E>,
    {
        let mut enter = enter().expect("`block_on` inside a runtime: await or chain instead");
        match enter.block_on(self.pool.spawn_block_on(future)) {
            Ok(output) => output,
            Err(error) => match error.try_into_panic() {
                Ok(payload) => panic::resume_unwind(payload),
                Err(_) => panic!("the runtime was shut down before the future was ready"),
            },
        }
    }

    /// As [`Runtime::block_on`], then waits until the runtime is idle.
    pub fn block_on_all<F, R: ?Sized, E: ?Sized>(mut self, future: F) -> F::Output
    where
        F: IntoBlockOn<R, E>,
    {
        let output = self.block_on(future);
        let mut enter = enter().expect("`block_on` has left its executor");
        enter.block_on(self.shutdown_on_idle()).expect("a shutdown does not fail");
        output
    }

    /// Stops the runtime when no task is left. Until then tasks may spawn, and so may executors.
    ///
    /// ```
    /// use futures::Future;
    ///
    /// let mut runtime = tokio::runtime::Runtime::new().unwrap();
    /// runtime.spawn(async {});
    /// runtime.shutdown_on_idle().wait().unwrap();
    /// ```
    pub fn shutdown_on_idle(self) -> Shutdown {
        Shutdown::new(self.pool.shutdown_on_idle())
    }

    /// Stops the runtime now: each future is dropped, those that are being polled after that poll.
    pub fn shutdown_now(self) -> Shutdown {
        Shutdown::new(self.pool.shutdown_now())
    }

    /// As [`shutdown_now`](Runtime::shutdown_now), and waits until the runtime has stopped, or for
    /// `duration`. What a task or a closure of [`spawn_blocking`](crate::task::spawn_blocking()) is doing
    /// when the time is up goes on.
    ///
    /// # Panics
    ///
    /// If this thread already runs an executor.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let runtime = tokio::runtime::Runtime::new().unwrap();
    /// runtime.shutdown_timeout(Duration::from_secs(1));
    /// ```
    #[track_caller]
    pub fn shutdown_timeout(self, duration: Duration) {
        let _entered = enter().expect("`shutdown_timeout` inside a runtime: `shutdown_background`");
        // The time by which a thread sleeps, whatever clock the runtime has.
        let deadline = Instant::now().checked_add(duration);
        let mut park = ParkThread::new();
        let waker = Waker::from(park.unpark());
        let mut cx = Context::from_waker(&waker);
        let mut stopped = pin!(self.shutdown_now().into_future());
        while stopped.as_mut().poll(&mut cx).is_pending() {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let parked = match left {
                Some(Duration::ZERO) => return,
                Some(left) => park.park_timeout(left),
                None => park.park(),
            };
            parked.expect("a thread that sleeps does not fail");
        }
    }

    /// As [`shutdown_now`](Runtime::shutdown_now), and does not wait: the runtime stops by itself. May be
    /// called inside of a runtime, this one included.
    pub fn shutdown_background(self) {
        drop(self.shutdown_now());
    }

    /// Runs `f`, which may block, on the runtime's threads beside its tasks; see
    /// [`Handle::spawn_blocking`].
    ///
    /// # Panics
    ///
    /// As `Handle::spawn_blocking`.
    #[track_caller]
    pub fn spawn_blocking<F, T>(&self, f: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.handle.spawn_blocking(f)
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}
