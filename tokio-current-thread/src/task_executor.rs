//! The executor of this thread, as a value.

use crate::current::{self, spawn_body};
use crate::Handle;
use futures::future::{self, ExecuteError, ExecuteErrorKind};
use futures::Future as Future01;
use std::any::Any;
use std::marker::PhantomData;
use std::rc::Rc;
use tokio_executor::{Executor, SharedExecutor, SpawnError, TypedExecutor};
use tokio_task::{Boxed, Futures01, IntoLocalTask, LocalTaskKind, TaskKind};

/// Spawns on the [`CurrentThread`](crate::CurrentThread) that runs on this thread when it is used.
///
/// Each use looks again. Outside of a running executor every spawn fails with an error that
/// [is shutdown](SpawnError::is_shutdown), as it does in destructors that run because the executor is
/// dropped.
///
/// ```
/// use tokio_current_thread::{block_on_all, TaskExecutor};
///
/// block_on_all(async {
///     let future = Box::new(futures::future::ok(()));
///     TaskExecutor::current().spawn_local(future).unwrap();
///     assert_eq!(TaskExecutor::current().try_spawn(async { 1 }).unwrap().await.unwrap(), 1);
/// });
/// assert!(TaskExecutor::current().try_spawn(async {}).unwrap_err().is_shutdown());
/// ```
#[derive(Clone, Debug)]
pub struct TaskExecutor {
    /// What it spawns may not be `Send`, so it names one thread.
    stays: PhantomData<Rc<()>>,
}

impl TaskExecutor {
    /// The executor of the thread that uses it. Never fails: see [`Executor::status`].
    pub fn current() -> TaskExecutor {
        TaskExecutor { stays: PhantomData }
    }

    /// Spawns a boxed futures 0.1 future, which need not be `Send`.
    ///
    /// # Errors
    ///
    /// If no executor runs on this thread, or it is being dropped; the future is dropped then.
    pub fn spawn_local(
        &mut self,
        future: Box<dyn Future01<Item = (), Error = ()>>,
    ) -> Result<(), SpawnError> {
        self.try_spawn(future)
    }

    /// Spawns a future of either generation, which need not be `Send`, as [`spawn`](crate::spawn())
    /// does, but never panics.
    ///
    /// # Errors
    ///
    /// As for [`TaskExecutor::spawn_local`].
    pub fn try_spawn<G: LocalTaskKind>(
        &self,
        future: impl IntoLocalTask<G>,
    ) -> Result<G::Plain, SpawnError> {
        spawn_body::<G>(future.into_body()).map_err(|_| SpawnError::shutdown())
    }

    /// Spawns what [`IntoTask`](tokio_task::IntoTask) has made of a future. If there is no executor
    /// to take it, it comes back.
    #[doc(hidden)]
    pub fn spawn_send_body<G: TaskKind>(&self, body: G::Body) -> Result<G::Plain, G::Body> {
        match current::core() {
            Some(core) => core.spawn_send::<G>(body),
            None => Err(body),
        }
    }

    /// What spawns on the executor of this thread from any other one.
    #[doc(hidden)]
    pub fn handle(&self) -> Option<Handle> {
        current::core().map(|core| Handle::new(core.door().clone()))
    }

    fn has_executor(&self) -> Result<(), SpawnError> {
        match current::core() {
            Some(core) => core.door().status(),
            None => Err(SpawnError::shutdown()),
        }
    }
}

impl SharedExecutor for TaskExecutor {
    fn spawn_boxed(&self, future: Boxed) -> Result<(), SpawnError> {
        self.try_spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.has_executor()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Executor for TaskExecutor {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.try_spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.has_executor()
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        Some(self)
    }
}

impl<F> TypedExecutor<F> for TaskExecutor
where
    F: Future01<Item = (), Error = ()> + 'static,
{
    fn spawn(&mut self, future: F) -> Result<(), SpawnError> {
        self.try_spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.has_executor()
    }
}

impl<F> future::Executor<F> for TaskExecutor
where
    F: Future01<Item = (), Error = ()> + 'static,
{
    fn execute(&self, future: F) -> Result<(), ExecuteError<F>> {
        spawn_body::<F>(Futures01::new(future)).map_err(|refused| {
            let future = refused.into_body().into_future();
            ExecuteError::new(ExecuteErrorKind::Shutdown, future)
        })
    }
}
