//! Spawning on the executor of this thread, whichever it is.

use crate::{global, Executor, SharedExecutor, SpawnError, TypedExecutor};
use futures::future::{self, ExecuteError, ExecuteErrorKind};
use futures::Future as Future01;
use std::cell::RefCell;
use std::thread;
use tokio_task::{Boxed, IntoTask, TaskKind};

/// Spawns a future of either generation on the executor of this thread.
///
/// For a futures 0.1 future (`Item = ()`, `Error = ()`, `Send + 'static`) it returns `()`. For an
/// `async` block or other std future that is `Send + 'static` with its output it returns a
/// [`JoinHandle`](tokio_task::JoinHandle), which may be dropped: the task then runs on.
///
/// If the executor rejects the task, because it has shut down, is full, or is in the middle of
/// taking another task on this thread (see [`Executor::shared`]), the future is dropped, and a
/// join handle yields an error that `is_cancelled`. To be told, use
/// [`DefaultExecutor::try_spawn`].
///
/// # Panics
///
/// If no executor is set for this thread. Except while the thread is panicking already, so that
/// a destructor which spawns does not abort the process: then the future is dropped as if it had
/// been rejected.
///
/// # Examples
///
/// ```
/// # struct Queue(Vec<tokio_task::Boxed>);
/// # impl tokio_executor::Executor for Queue {
/// #     fn spawn(&mut self, f: tokio_task::Boxed) -> Result<(), tokio_executor::SpawnError> {
/// #         self.0.push(f);
/// #         Ok(())
/// #     }
/// # }
/// use futures::future;
/// use tokio_executor::{enter, spawn, with_default};
///
/// let mut executor = Queue(Vec::new());
/// with_default(&mut executor, &mut enter().unwrap(), |_| {
///     spawn(future::lazy(|| Ok(println!("a futures 0.1 task"))));
///     let _handle = spawn(async { println!("a std task") });
/// });
/// # assert_eq!(executor.0.len(), 2);
/// ```
pub fn spawn<G: TaskKind>(future: impl IntoTask<G>) -> G::Plain {
    match offer::<G>(future.into_body()) {
        // A rejected task was dropped by the executor; its handle, if any, says so.
        Ok(offered) => offered.plain,
        Err(body) if thread::panicking() => G::cancelled(body),
        Err(body) => {
            drop(body);
            panic!("cannot spawn: {}", SpawnError::no_executor());
        }
    }
}

/// A task that an executor was asked to take.
struct Offered<P> {
    plain: P,
    taken: Result<(), SpawnError>,
}

/// Offers a task to this thread's executor. The body comes back if there is none.
fn offer<G: TaskKind>(body: G::Body) -> Result<Offered<G::Plain>, G::Body> {
    global::with_current(|executor| match executor {
        Some(executor) => {
            let (boxed, plain) = G::boxed(body);
            Ok(Offered { plain, taken: spawn_on(executor, boxed) })
        }
        None => Err(body),
    })
}

fn spawn_on(executor: &RefCell<dyn Executor>, future: Boxed) -> Result<(), SpawnError> {
    if let Ok(executor) = executor.try_borrow() {
        if let Some(shared) = executor.shared() {
            return shared.spawn_boxed(future);
        }
    }
    match executor.try_borrow_mut() {
        Ok(mut executor) => executor.spawn(future),
        Err(_) => Err(SpawnError::busy()),
    }
}

/// Whatever executor is the default of the thread that uses this.
///
/// It is not tied to the executor of the thread where it was made; each use looks again. On a
/// thread without a default executor every use fails with an error that
/// [is shutdown](SpawnError::is_shutdown).
///
/// As an [`Executor`], a [`TypedExecutor`] and a `futures::future::Executor` it takes futures 0.1;
/// [`DefaultExecutor::try_spawn`] takes either generation.
///
/// # `future::Executor`
///
/// `execute` asks [`Executor::status`] first, and hands the future back if that is an error. If
/// the executor rejects the future after it said that it would take it, the future is dropped, as
/// by an executor that shuts down right after the spawn, and the answer is `Ok`.
///
/// ```
/// use futures::future::Executor;
/// use tokio_executor::DefaultExecutor;
///
/// // No executor is set for this thread.
/// let error = DefaultExecutor::current().execute(futures::future::ok(())).unwrap_err();
/// let _the_same_future = error.into_future();
/// ```
#[derive(Clone, Debug)]
pub struct DefaultExecutor(());

impl DefaultExecutor {
    /// A handle to the default executor of whichever thread uses it. Never fails: see
    /// [`Executor::status`].
    pub fn current() -> DefaultExecutor {
        DefaultExecutor(())
    }

    /// Spawns a future of either generation, like [`spawn`](crate::spawn()), but never panics.
    ///
    /// # Errors
    ///
    /// A [`SpawnError`] if this thread has no executor or the executor rejects the task. The
    /// future has been dropped then.
    ///
    /// ```
    /// use tokio_executor::DefaultExecutor;
    ///
    /// // No executor is set for this thread.
    /// let mut executor = DefaultExecutor::current();
    /// assert!(executor.try_spawn(async { 1 }).unwrap_err().is_shutdown());
    /// assert!(executor.try_spawn(futures::future::ok(())).unwrap_err().is_shutdown());
    /// ```
    pub fn try_spawn<G: TaskKind>(
        &mut self,
        future: impl IntoTask<G>,
    ) -> Result<G::Plain, SpawnError> {
        match offer::<G>(future.into_body()) {
            Ok(offered) => offered.taken.map(|()| offered.plain),
            Err(_) => Err(SpawnError::no_executor()),
        }
    }

    /// Calls `f` with this thread's default executor, if it is one that
    /// [spawns through `&self`](Executor::shared).
    ///
    /// With [`SharedExecutor::as_any`] code that belongs to one executor can recognise it, and
    /// spawn on it without boxing the future. `f` may spawn, set another default, and call this.
    ///
    /// ```
    /// use tokio_executor::DefaultExecutor;
    ///
    /// assert!(DefaultExecutor::with_shared(|executor| executor.is_none()));
    /// ```
    #[inline]
    pub fn with_shared<R>(f: impl FnOnce(Option<&dyn SharedExecutor>) -> R) -> R {
        global::with_current(|executor| {
            // It is in exclusive use below us if this fails, and then it is not a shared one.
            let executor = executor.and_then(|executor| executor.try_borrow().ok());
            f(executor.as_ref().and_then(|executor| executor.shared()))
        })
    }
}

impl Executor for DefaultExecutor {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        global::with_current(|executor| match executor {
            Some(executor) => spawn_on(executor, future),
            None => Err(SpawnError::no_executor()),
        })
    }

    fn status(&self) -> Result<(), SpawnError> {
        global::with_current(|executor| {
            let executor = executor.ok_or_else(SpawnError::no_executor)?;
            if let Ok(executor) = executor.try_borrow() {
                if let Some(shared) = executor.shared() {
                    return shared.status();
                }
            }
            // Exclusive, so that it says what a spawn would.
            executor.try_borrow_mut().map_err(|_| SpawnError::busy())?.status()
        })
    }
}

impl<T> TypedExecutor<T> for DefaultExecutor
where
    T: Future01<Item = (), Error = ()> + Send + 'static,
{
    fn spawn(&mut self, future: T) -> Result<(), SpawnError> {
        Executor::spawn(self, Box::new(future))
    }

    fn status(&self) -> Result<(), SpawnError> {
        Executor::status(self)
    }
}

impl<T> future::Executor<T> for DefaultExecutor
where
    T: Future01<Item = (), Error = ()> + Send + 'static,
{
    fn execute(&self, future: T) -> Result<(), ExecuteError<T>> {
        if let Err(error) = Executor::status(self) {
            let kind = if error.is_at_capacity() {
                ExecuteErrorKind::NoCapacity
            } else {
                ExecuteErrorKind::Shutdown
            };
            return Err(ExecuteError::new(kind, future));
        }
        // The docs of the type say what becomes of an error.
        let _ = Executor::spawn(&mut self.clone(), Box::new(future));
        Ok(())
    }
}
