//! Spawning, for libraries that leave the choice of an executor to the program.

pub use tokio_executor::{DefaultExecutor, Executor, SpawnError, TypedExecutor};
pub use tokio_task::Spawn;

use tokio_current_thread::{Handle, TaskExecutor};
use tokio_task::{IntoTask, TaskKind};
use tokio_threadpool::Sender;

/// Spawns a future of either generation on the executor of this thread.
///
/// * A futures 0.1 future (`Item = ()`, `Error = ()`, `Send + 'static`): returns a [`Spawn`], which
///   converts to a ready 0.1 future, so that `stream.for_each(tokio::spawn)` works.
/// * A std future (`Send + 'static` with its output): returns a
///   [`JoinHandle`](crate::task::JoinHandle).
///
/// The executor of a thread is the runtime whose task is being polled there, or what was set
/// by `tokio_executor::with_default`. If it has shut down, or takes no more tasks, the future is
/// dropped, and a `JoinHandle` says that the task was cancelled.
///
/// # Panics
///
/// If the thread has no executor: that is outside a runtime. Not while the thread is already
/// panicking: then the future is dropped.
///
/// ```
/// use futures::future;
///
/// tokio::run(async {
///     let answer = tokio::spawn(async { 42 }); // std
///     tokio::spawn(future::lazy(|| Ok(()))); // futures 0.1
///     assert_eq!(answer.await.unwrap(), 42);
/// });
/// ```
pub fn spawn<G: TaskKind>(future: impl IntoTask<G>) -> G::Handle {
    let mut future = Some(future);
    // Our own executors take the future as it is; others want it boxed.
    let plain = DefaultExecutor::with_shared(|executor| {
        let executor = executor?.as_any();
        if let Some(pool) = executor.downcast_ref::<Sender>() {
            let body = future.take()?.into_body();
            return Some(pool.spawn_body::<G>(body).unwrap_or_else(G::cancelled));
        }
        if let Some(current) = executor.downcast_ref::<TaskExecutor>() {
            let body = future.take()?.into_body();
            return Some(current.spawn_send_body::<G>(body).unwrap_or_else(G::cancelled));
        }
        let elsewhere = executor.downcast_ref::<Handle>()?;
        let body = future.take()?.into_body();
        Some(elsewhere.spawn_body::<G>(body).unwrap_or_else(G::cancelled))
    });
    G::handle(match (plain, future) {
        (Some(plain), _) => plain,
        (None, future) => tokio_executor::spawn(future.expect("taken only by ours")),
    })
}

#[deprecated(since = "0.1.2", note = "use `tokio::runtime::current_thread` instead")]
#[doc(hidden)]
pub mod current_thread;

/// The pool under its old path.
#[deprecated(since = "0.1.8", note = "use the `tokio-threadpool` crate instead")]
#[doc(hidden)]
pub mod thread_pool {
    pub use tokio_threadpool::{Builder, Sender, Shutdown, ThreadPool};
}
