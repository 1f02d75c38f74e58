//! Running an executor on a thread that is marked as one that runs an executor.

use crate::core::Core;
use crate::current::Scope;
use crate::drive::{self, Stopped};
use crate::{BlockError, CurrentThread, RunError, RunTimeoutError, TurnError};
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio_executor::park::Park;
use tokio_executor::Enter;
use tokio_task::{with_budget, IntoLocalBlockOn, IntoLocalTask, LocalBlockOnKind, LocalTaskKind};

/// A [`CurrentThread`] on a thread that is marked as one that runs an executor; made by
/// [`CurrentThread::enter`].
///
/// ```
/// use tokio_current_thread::CurrentThread;
///
/// let mut enter = tokio_executor::enter().unwrap();
/// let mut executor = CurrentThread::new();
/// let mut entered = executor.enter(&mut enter);
/// entered.spawn(async { println!("hello") });
/// entered.run().unwrap();
/// ```
pub struct Entered<'a, P: Park + 'a> {
    executor: &'a mut CurrentThread<P>,
    /// Shows that no other executor runs here.
    _enter: &'a mut Enter,
}

impl<'a, P: Park> Entered<'a, P> {
    pub(crate) fn new(executor: &'a mut CurrentThread<P>, enter: &'a mut Enter) -> Self {
        Entered { executor, _enter: enter }
    }

    /// Spawns a future, as [`CurrentThread::spawn`] does.
    pub fn spawn<G: LocalTaskKind>(&mut self, future: impl IntoLocalTask<G>) -> G::Chain<'_, Self> {
        let plain = self.executor.spawn_plain(future);
        G::chain(plain, self)
    }

    /// Runs `future` and the tasks until `future` is done, as [`CurrentThread::block_on`] does.
    ///
    /// # Errors
    ///
    /// The future's own, or that the parker failed; see [`BlockError::into_inner`].
    ///
    /// # Panics
    ///
    /// If the future panics, or a task that no join handle waits for.
    pub fn block_on<G: LocalBlockOnKind>(
        &mut self,
        future: impl IntoLocalBlockOn<G>,
    ) -> Result<G::Item, BlockError<G::Error>> {
        match self.block_on_std(future.into_std()) {
            Ok(output) => G::into_result(output).map_err(BlockError::of_future),
            Err(Stopped::Park | Stopped::TimedOut) => Err(BlockError::of_executor()),
        }
    }

    /// The main future is pinned here and polled inside `drive`. Its waker is the door itself.
    fn block_on_std<F: Future>(&mut self, future: F) -> Result<F::Output, Stopped> {
        let mut future = pin!(future);
        let waker = Waker::from(self.executor.core.door().clone());
        let mut cx = Context::from_waker(&waker);
        let mut first = true;
        self.drive(None, |core| {
            // Taken at first too: it may be set by a waker of an earlier main future.
            let woken = core.door().take_root();
            if !mem::take(&mut first) && !woken {
                return None;
            }
            core.count_poll();
            match with_budget(|| future.as_mut().poll(&mut cx)) {
                Poll::Ready(output) => Some(output),
                Poll::Pending => None,
            }
        })
    }

    /// Runs until no task is left, as [`CurrentThread::run`] does.
    ///
    /// # Errors
    ///
    /// If the parker failed.
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for.
    pub fn run(&mut self) -> Result<(), RunError> {
        self.drive(None, none_left).map_err(|_| RunError::new())
    }

    /// Runs until no task is left or the time is up, as [`CurrentThread::run_timeout`] does.
    ///
    /// # Errors
    ///
    /// If time is up, or the parker failed; see [`RunTimeoutError::is_timeout`].
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for.
    pub fn run_timeout(&mut self, duration: Duration) -> Result<(), RunTimeoutError> {
        // Beyond what the clock can tell, there is no limit.
        let deadline = Instant::now().checked_add(duration);
        self.drive(deadline, none_left).map_err(|stopped| match stopped {
            Stopped::TimedOut => RunTimeoutError::timed_out(),
            Stopped::Park => RunTimeoutError::of_executor(),
        })
    }

    /// Asks the parker once, then polls each ready task once, as [`CurrentThread::turn`] does.
    ///
    /// # Errors
    ///
    /// If the parker failed.
    ///
    /// # Panics
    ///
    /// If a task panics that no join handle waits for.
    pub fn turn(&mut self, duration: Option<Duration>) -> Result<Turn, TurnError> {
        let CurrentThread { core, park, pace } = &mut *self.executor;
        let _scope = Scope::enter(core);
        match drive::turn(core, park, pace, duration) {
            Ok(polled) => Ok(Turn { polled }),
            Err(_) => Err(TurnError::new()),
        }
    }

    /// What the executor waits with.
    pub fn get_park(&self) -> &P {
        &self.executor.park
    }

    /// What the executor waits with.
    pub fn get_park_mut(&mut self) -> &mut P {
        &mut self.executor.park
    }

    fn drive<R>(
        &mut self,
        deadline: Option<Instant>,
        done: impl FnMut(&Core) -> Option<R>,
    ) -> Result<R, Stopped> {
        let CurrentThread { core, park, pace } = &mut *self.executor;
        let core: &Rc<Core> = core;
        let _scope = Scope::enter(core);
        drive::drive(core, park, pace, deadline, done)
    }
}

fn none_left(core: &Core) -> Option<()> {
    core.is_idle().then_some(())
}

impl<'a, P: Park> fmt::Debug for Entered<'a, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").field("executor", &self.executor).finish_non_exhaustive()
    }
}

/// What a turn did.
#[derive(Debug)]
pub struct Turn {
    polled: bool,
}

impl Turn {
    /// Whether a task was polled.
    pub fn has_polled(&self) -> bool {
        self.polled
    }
}
