//! Running closures that block.

use crate::runtime::handle::Spawner;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_executor::DefaultExecutor;
use tokio_task::JoinHandle;
use tokio_threadpool::{Builder, Sender, ThreadPool};
use tokio_timer::clock::{self, Clock};
use tokio_timer::timer;

/// How many closures run at a time on the threads of the process.
const THREADS: usize = 100;

/// Runs `f`, which may block, beside the tasks, and returns a handle that waits for its result. For both
/// generations: await the handle, or [`join`](JoinHandle::join) it.
///
/// | called | `f` runs | at a time |
/// |---|---|---|
/// | in a task of a [`Runtime`](crate::runtime::Runtime), or on a thread that has [entered](crate::runtime::Runtime::enter) one | on the runtime's threads | [`blocking_threads`](crate::runtime::Builder::blocking_threads), 100 by default |
/// | anywhere else: on the runtime of the current thread, on a plain thread, under another executor; also if the runtime allows no `blocking_threads` | on threads of the process, which all such calls share: they start when they are needed, and all but one end when they are idle | 100 |
///
/// Those beyond the limit wait, first come, first served. Sockets and timers that `f` makes, and what it
/// spawns by [`tokio::spawn`](crate::spawn), belong to the caller's runtime in either case, which has to
/// go on running for them. If there is none, tasks run where `f` runs.
///
/// A panic of `f` comes out of the handle as a [`JoinError`](crate::task::JoinError).
/// [`JoinHandle::abort`] cancels `f` if it has not started; once it runs, it runs to its end. Dropping the
/// handle changes nothing. A runtime of its own counts `f` among its tasks: `shutdown_on_idle` waits for
/// it, `shutdown_now` for what has started. A runtime of the current thread waits only for who joins it.
///
/// If the runtime has shut down, `f` is dropped, and the handle says that it was cancelled.
///
/// # Panics
///
/// If the system refuses the first of the process's threads.
///
/// ```
/// use tokio::task::spawn_blocking;
///
/// #[tokio::main]
/// async fn main() {
///     let manifest = spawn_blocking(|| std::fs::read_to_string("Cargo.toml"));
///     assert!(manifest.await.unwrap().unwrap().contains("[package]"));
/// }
/// ```
///
/// With futures 0.1:
///
/// ```
/// use futures::{future, Future};
/// use tokio::task::spawn_blocking;
///
/// tokio::run(future::lazy(|| {
///     spawn_blocking(|| 6 * 7).join().map(|n| assert_eq!(n, 42)).map_err(|e| panic!("{e}"))
/// }));
/// ```
#[track_caller]
pub fn spawn_blocking<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let pool = DefaultExecutor::with_shared(|executor| {
        executor.and_then(|executor| executor.as_any().downcast_ref::<Sender>().cloned())
    });
    let f = match pool {
        None => f,
        Some(pool) => match pool.spawn_blocking_or_return(f) {
            Ok(handle) => return handle,
            Err(f) => f,
        },
    };
    let (reactor, timer) = (tokio_reactor::Handle::try_current(), timer::Handle::try_current());
    beside(Spawner::current(), reactor, timer, Clock::new(), f)
}

/// Runs `f` on the threads of the process, with these around it.
#[track_caller]
pub(crate) fn beside<F, T>(
    spawner: Option<Spawner>,
    reactor: Option<tokio_reactor::Handle>,
    timer: Option<timer::Handle>,
    clock: Clock,
    f: F,
) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let inside = move || {
        let _spawner = spawner.as_ref().map(Spawner::set_default);
        let _reactor = reactor.as_ref().map(tokio_reactor::set_default);
        let _timer = timer.as_ref().map(timer::set_default);
        let _clock = clock::set_default(&clock);
        f()
    };
    match threads_of_the_process().spawn_blocking_or_return(inside) {
        Ok(handle) => handle,
        Err(_) => unreachable!("it allows {THREADS}"),
    }
}

/// A pool that does nothing else. It is never shut down: closures do not outlive the process.
#[track_caller]
fn threads_of_the_process() -> Sender {
    static POOL: Mutex<Option<ThreadPool>> = Mutex::new(None);
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = &*pool {
        return pool.sender().clone();
    }
    let started = Builder::new()
        .pool_size(1)
        .max_blocking(THREADS)
        .keep_alive(Some(Duration::from_secs(60)))
        .name_prefix("tokio-blocking-")
        .try_build();
    match started {
        Ok(started) => pool.insert(started).sender().clone(),
        Err(error) => {
            drop(pool);
            panic!("`spawn_blocking` outside of a pool needs a thread: {error}")
        }
    }
}
