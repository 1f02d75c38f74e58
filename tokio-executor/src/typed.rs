//! Spawning without a box.

use crate::SpawnError;

/// Takes tasks of the type `T` and runs them to their end.
///
/// A library that spawns one known future can ask for `E: TypedExecutor<ThatFuture>`: then the
/// future need not be boxed, and not be `Send` if the executor does not ask for it. `T` may belong
/// to either generation; which ones an executor takes, its impls say.
///
/// ```
/// use futures::Future;
/// use tokio_executor::{SpawnError, TypedExecutor};
///
/// /// Runs each task on the spot.
/// struct Inline;
///
/// impl<T: Future<Item = (), Error = ()>> TypedExecutor<T> for Inline {
///     fn spawn(&mut self, future: T) -> Result<(), SpawnError> {
///         let _ = future.wait();
///         Ok(())
///     }
/// }
///
/// Inline.spawn(futures::future::ok(())).unwrap();
/// ```
pub trait TypedExecutor<T> {
    /// Takes `future`, to poll it until it ends.
    ///
    /// # Errors
    ///
    /// A [`SpawnError`] if the executor does not take it; `future` is dropped then.
    fn spawn(&mut self, future: T) -> Result<(), SpawnError>;

    /// Whether a spawn would probably succeed. A hint: what it says may be outdated when it
    /// returns. `Ok` unless the executor says otherwise.
    ///
    /// # Errors
    ///
    /// What [`spawn`](TypedExecutor::spawn) would fail with.
    fn status(&self) -> Result<(), SpawnError> {
        Ok(())
    }
}

impl<E: TypedExecutor<T> + ?Sized, T> TypedExecutor<T> for Box<E> {
    fn spawn(&mut self, future: T) -> Result<(), SpawnError> {
        (**self).spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        (**self).status()
    }
}
