//! Spawning what need not be `Send`.

use tokio_task::{IntoLocalTask, LocalTaskKind};

/// Spawns a future of either generation on this thread: on the [`LocalSet`](crate::task::LocalSet) that
/// polls this task, otherwise on the thread's
/// [`current_thread::Runtime`](crate::runtime::current_thread::Runtime). The future need not be `Send`.
///
/// For a futures 0.1 future (`Item = ()`, `Error = ()`) this returns `()`, for a std future a
/// [`JoinHandle`](crate::task::JoinHandle), which may be dropped freely.
///
/// # Panics
///
/// If there is neither: a runtime with workers runs what is not `Send` in a `LocalSet` alone. Not while the
/// thread is panicking already: then the future is dropped.
///
/// ```
/// use std::rc::Rc;
/// use tokio::task::spawn_local;
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() {
///     let shared = Rc::new(42);
///     assert_eq!(spawn_local(async move { *shared }).await.unwrap(), 42);
///     spawn_local(futures::future::lazy(|| Ok(println!("0.1"))));
/// }
/// ```
#[track_caller]
pub fn spawn_local<G: LocalTaskKind>(future: impl IntoLocalTask<G>) -> G::Plain {
    tokio_current_thread::spawn(future)
}
