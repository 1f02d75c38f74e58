//! The runtime, and why it stops.

use super::{Builder, Handle};
use std::error::Error;
use std::fmt;
use std::io;
use tokio_current_thread::{CurrentThread, Entered, TaskExecutor};
use tokio_executor::{enter, EnterError};
use tokio_reactor::Reactor;
use tokio_task::{ByStd, IntoLocalBlockOn, IntoLocalTask, LocalBlockOnKind, LocalTaskKind};
use tokio_timer::clock::{self, Clock};
use tokio_timer::timer::{self, Timer};

/// Runs sockets, timers and tasks on the thread that calls it. It stays on that thread.
///
/// Dropping it drops each future that has not ended, here. Its sockets and timers then find that
/// their reactor and timer are gone.
///
/// ```
/// use std::rc::Rc;
/// use tokio::runtime::current_thread::Runtime;
///
/// let mut runtime = Runtime::new()?;
/// let shared = Rc::new(7);
/// let task = runtime.spawn(async move { *shared });
/// assert_eq!(runtime.block_on(task).unwrap(), 7);
/// assert_eq!(runtime.block_on(futures::future::ok::<_, ()>(8)), Ok(8));
/// runtime.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Runtime {
    reactor: tokio_reactor::Handle,
    timer: timer::Handle,
    clock: Clock,
    executor: CurrentThread<Timer<Reactor>>,
}

impl Runtime {
    /// A runtime with the defaults of [`Builder::new`].
    ///
    /// # Errors
    ///
    /// As [`Builder::build`].
    pub fn new() -> io::Result<Runtime> {
        Builder::new().build()
    }

    pub(super) fn of(
        reactor: tokio_reactor::Handle,
        driver: Timer<Reactor>,
        clock: Clock,
    ) -> Runtime {
        let timer = driver.handle();
        Runtime { reactor, timer, clock, executor: CurrentThread::new_with_park(driver) }
    }

    /// A handle that spawns on this runtime, from any thread.
    pub fn handle(&self) -> Handle {
        Handle::new(self.executor.handle())
    }

    /// Spawns a future, which is polled when the runtime is run next. It need not be `Send`.
    ///
    /// For a futures 0.1 future this returns the runtime again, for a std future a
    /// [`JoinHandle`](crate::task::JoinHandle), which may be dropped freely.
    ///
    /// ```
    /// let mut runtime = tokio::runtime::current_thread::Runtime::new()?;
    /// runtime.spawn(futures::future::ok(())).spawn(futures::future::ok(()));
    /// drop(runtime.spawn(async { println!("std") }));
    /// runtime.run().unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn spawn<G: LocalTaskKind>(&mut self, future: impl IntoLocalTask<G>) -> G::Chain<'_, Self> {
        let plain = self.executor.spawn_plain(future);
        G::chain(plain, self)
    }

    /// Runs `future`, and the tasks beside it, until `future` is done. The tasks that have not ended
    /// then wait for the next run.
    ///
    /// `future` is of either generation, and need be neither `Send` nor `'static`. For futures 0.1
    /// this returns its result, for std its output.
    ///
    /// # Panics
    ///
    /// If this thread runs an executor already, or the reactor fails; if the future panics, or a task
    /// that no join handle waits for.
    #[track_caller]
    pub fn block_on<G: LocalBlockOnKind>(&mut self, f: impl IntoLocalBlockOn<G>) -> G::Output {
        let future = f.into_std();
        self.enter(|entered| entered.block_on::<ByStd<G::Future>>(future))
            .expect("`block_on` inside a runtime: await or chain instead")
            .expect("the runtime's reactor failed")
    }

    /// Runs until no task is left, waiting for those that are not ready.
    ///
    /// # Errors
    ///
    /// If this thread runs an executor already, or the reactor fails.
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for.
    pub fn run(&mut self) -> Result<(), RunError> {
        match self.enter(|entered| entered.run()) {
            Ok(run) => run.map_err(|_| RunError { reason: "the runtime's reactor failed" }),
            Err(_) => Err(RunError { reason: "`run` on a thread that runs an executor already" }),
        }
    }

    /// Runs `f` with this runtime's reactor, timers, clock and executor as those of the thread.
    fn enter<R>(
        &mut self,
        f: impl FnOnce(&mut Entered<'_, Timer<Reactor>>) -> R,
    ) -> Result<R, EnterError> {
        let Runtime { reactor, timer, clock, executor } = self;
        let mut enter = enter()?;
        Ok(tokio_reactor::with_default(reactor, &mut enter, |enter| {
            timer::with_default(timer, enter, |enter| {
                clock::with_default(clock, enter, |enter| {
                    let default = &mut TaskExecutor::current();
                    tokio_executor::with_default(default, enter, |enter| {
                        f(&mut executor.enter(enter))
                    })
                })
            })
        }))
    }
}

impl Drop for Runtime {
    /// Destructors of futures find the runtime around them, as in a poll; what they spawn is dropped.
    fn drop(&mut self) {
        let _reactor = tokio_reactor::set_default(&self.reactor);
        let _timer = timer::set_default(&self.timer);
        let _clock = clock::set_default(&self.clock);
        let _executor = tokio_executor::set_default(TaskExecutor::current());
        self.executor.shut_down();
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("executor", &self.executor).finish_non_exhaustive()
    }
}

/// Why [`Runtime::run`] stopped with tasks left.
#[derive(Debug)]
pub struct RunError {
    reason: &'static str,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl Error for RunError {}
