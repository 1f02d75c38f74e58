//! Blocking inside of a task.

use futures::Async;
use tokio_threadpool::blocking;

/// Runs `f`, which may block, here and now, and lets the worker's other tasks go on elsewhere meanwhile.
///
/// For blocking inside of a poll; where the work can be moved away, [`spawn_blocking`] is better: other
/// futures of the same task, as in `join!`, stand still while `f` runs. Inside of `f` a thread may block on
/// futures: see [`Handle::block_on`](crate::runtime::Handle::block_on).
///
/// In a task of a [`Runtime`](crate::runtime::Runtime) another thread takes over the worker, within the limit
/// of [`blocking_threads`](crate::runtime::Builder::blocking_threads). Beyond the limit, and everywhere else,
/// `f` just runs: the worker, or the runtime of the current thread, waits for it.
///
/// # Panics
///
/// If `f` does.
///
/// ```
/// use tokio::task::block_in_place;
///
/// tokio::run(async {
///     let manifest = block_in_place(|| std::fs::read_to_string("Cargo.toml"));
///     assert!(manifest.unwrap().contains("[package]"));
/// });
/// ```
///
/// [`spawn_blocking`]: crate::task::spawn_blocking()
pub fn block_in_place<T>(f: impl FnOnce() -> T) -> T {
    let mut f = Some(f);
    let mut call = || f.take().map(|f| f());
    match blocking(&mut call) {
        Ok(Async::Ready(output)) => output,
        Ok(Async::NotReady) | Err(_) => call(),
    }
    .expect("it is called once")
}
