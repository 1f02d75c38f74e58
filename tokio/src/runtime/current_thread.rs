//! A runtime that runs everything on the thread that calls it: sockets, timers and tasks.
//!
//! Its tasks need not be `Send`. It starts no thread, and runs only inside [`Runtime::block_on`] and
//! [`Runtime::run`]: in between, tasks wait.
//!
//! ```
//! use std::rc::Rc;
//! use tokio::runtime::current_thread::{block_on_all, spawn};
//!
//! let shared = Rc::new(41);
//! let answer = block_on_all(async move {
//!     spawn(async move { *shared + 1 }).await.unwrap()
//! });
//! assert_eq!(answer, 42);
//! ```
//!
//! Inside it [`spawn`] takes what need not be `Send`, and [`tokio::spawn`](crate::spawn) what has to
//! be; both spawn on this runtime. Other threads spawn by a [`Handle`].
//!
//! A panic in a task goes to its join handle. If there is none, as for futures 0.1, it comes out of the
//! call that runs the runtime, which can be called again.

mod builder;
mod handle;
mod run;

pub use self::builder::Builder;
pub use self::handle::Handle;
pub use self::run::{RunError, Runtime};
pub use tokio_current_thread::{spawn, TaskExecutor};

use tokio_task::{IntoLocalBlockOn, IntoLocalTask, LocalBlockOnKind, LocalTaskKind};

/// Starts a runtime on this thread, runs `future` and all that is spawned meanwhile, and returns when
/// all of it has ended.
///
/// For a futures 0.1 future this returns its result, for a std future its output. The future need be
/// neither `Send` nor `'static`.
///
/// # Panics
///
/// If this thread runs an executor already, or the system refuses the reactor's descriptors; if the
/// future panics, or a task that no join handle waits for.
///
/// ```
/// use tokio::runtime::current_thread::block_on_all;
///
/// assert_eq!(block_on_all(async { 42 }), 42);
/// assert_eq!(block_on_all(futures::future::ok::<_, ()>(42)), Ok(42));
/// ```
#[track_caller]
pub fn block_on_all<G: LocalBlockOnKind>(future: impl IntoLocalBlockOn<G>) -> G::Output {
    let mut runtime = Runtime::new().expect("failed to start a runtime");
    let output = runtime.block_on(future);
    runtime.run().expect("failed to run the tasks that are left");
    output
}

/// Starts a runtime on this thread, spawns `future` on it, and returns when no task is left.
///
/// # Panics
///
/// As [`block_on_all`].
///
/// ```
/// use std::rc::Rc;
///
/// let not_send = Rc::new(1);
/// tokio::runtime::current_thread::run(async move { println!("{not_send}") });
/// tokio::runtime::current_thread::run(futures::future::lazy(|| Ok(println!("0.1"))));
/// ```
#[track_caller]
pub fn run<G: LocalTaskKind>(future: impl IntoLocalTask<G>) {
    let mut runtime = Runtime::new().expect("failed to start a runtime");
    runtime.spawn(future);
    runtime.run().expect("`run` inside a runtime: spawn the future instead");
}
