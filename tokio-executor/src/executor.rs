//! What an executor is, to those who do not know which one it is.

use crate::SpawnError;
use futures::Future as Future01;
use std::any::Any;
use tokio_task::Boxed;

/// Takes tasks and runs them to their end.
///
/// A task is a boxed futures 0.1 future, which is what the executors of the 0.1 family have in
/// common. std futures come to it through [`spawn`](crate::spawn()) or
/// [`DefaultExecutor::try_spawn`](crate::DefaultExecutor::try_spawn), which box them so that they
/// can be joined, aborted and woken as on an executor that knows them.
///
/// ```
/// use tokio_executor::{Executor, SpawnError};
///
/// struct Refuses;
///
/// impl Executor for Refuses {
///     fn spawn(&mut self, _future: tokio_task::Boxed) -> Result<(), SpawnError> {
///         Err(SpawnError::shutdown())
///     }
/// }
///
/// let executor: &mut dyn Executor = &mut Refuses;
/// assert!(executor.spawn(Box::new(futures::future::ok(()))).unwrap_err().is_shutdown());
/// ```
pub trait Executor {
    /// Takes `future`, to poll it until it ends.
    ///
    /// Usually it is queued; whether it has been polled when this returns is up to the executor.
    /// On shutdown the executor drops what has not ended.
    ///
    /// # Errors
    ///
    /// A [`SpawnError`] if the executor does not take it; `future` is dropped then. `Ok` does not
    /// promise that it will run to its end: the executor may be shut down before.
    fn spawn(
        &mut self,
        future: Box<dyn Future01<Item = (), Error = ()> + Send>,
    ) -> Result<(), SpawnError>;

    /// Whether a spawn would probably succeed. A hint: what it says may be outdated when it
    /// returns. `Ok` unless the executor says otherwise.
    ///
    /// # Errors
    ///
    /// What [`spawn`](Executor::spawn) would fail with.
    fn status(&self) -> Result<(), SpawnError> {
        Ok(())
    }

    /// This executor as one that spawns through `&self`; `None` unless the executor says otherwise.
    ///
    /// The default executor of a thread that has none of this is borrowed mutably while it takes
    /// a task, so a spawn from inside that spawn fails with an error that
    /// [is at capacity](SpawnError::is_at_capacity). See [`SharedExecutor`].
    fn shared(&self) -> Option<&dyn SharedExecutor> {
        None
    }
}

/// An executor whose `spawn` needs no exclusive access: a handle to a queue, for example.
///
/// Taking a task can run foreign code: a rejected future is dropped, and its destructor may spawn
/// again, on the same executor. Through `&mut self` that would be two mutable borrows of one
/// executor, so it is refused; through `&self` it just works. An executor offers it with
/// [`Executor::shared`].
///
/// Not necessarily `Send` or `Sync`: it is used on the thread that it is the default of.
pub trait SharedExecutor {
    /// Takes `future`, like [`Executor::spawn`]. It may be called again from inside itself, and
    /// should hold no lock when it drops `future`.
    ///
    /// # Errors
    ///
    /// A [`SpawnError`] if the executor does not take `future`, which is dropped then.
    fn spawn_boxed(&self, future: Boxed) -> Result<(), SpawnError>;

    /// Whether a spawn would probably succeed, like [`Executor::status`].
    ///
    /// # Errors
    ///
    /// What [`spawn_boxed`](SharedExecutor::spawn_boxed) would fail with.
    fn status(&self) -> Result<(), SpawnError>;

    /// The executor itself, so that code which was written for one executor can recognise it
    /// behind the trait, and then spawn without the box.
    fn as_any(&self) -> &dyn Any;
}

impl<E: Executor + ?Sized> Executor for Box<E> {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        (**self).spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        (**self).status()
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        (**self).shared()
    }
}
