//! One executor to a thread: an executor that blocks a thread would stop the one around it.

use crate::park::{Park, ParkThread};
use crate::sync::thread_local;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use tokio_task::{without_budget, IntoLocalBlockOn, LocalBlockOnKind};

thread_local! {
    static ENTERED: Cell<bool> = const { Cell::new(false) };
}

/// Marks this thread as one that runs an executor, until the [`Enter`] is dropped.
///
/// Whoever is about to block a thread until futures are done calls this first: it fails inside an
/// executor, whose other tasks that would stop. It sets no default executor: see
/// [`with_default`](crate::with_default).
///
/// # Errors
///
/// [`EnterError`] if the thread runs an executor already, or if its thread-local storage is being
/// torn down.
///
/// ```
/// let outer = tokio_executor::enter().unwrap();
/// assert!(tokio_executor::enter().is_err());
/// drop(outer);
/// assert!(tokio_executor::enter().is_ok());
/// ```
pub fn enter() -> Result<Enter, EnterError> {
    match ENTERED.try_with(|entered| entered.replace(true)) {
        Ok(false) => Ok(Enter { on_exit: Vec::new(), permanent: false }),
        Ok(true) | Err(_) => Err(EnterError(())),
    }
}

/// Runs `f` as if this thread did not run an executor; the thread runs one again afterwards if it
/// did before. For code that gave its executor another thread to go on with.
#[doc(hidden)]
pub fn exit<F: FnOnce() -> R, R>(f: F) -> R {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = ENTERED.try_with(|entered| entered.set(self.0));
        }
    }
    let _restore = ENTERED.try_with(|entered| Restore(entered.replace(false)));
    f()
}

/// Shows that its thread runs an executor; made by [`enter`]. It stays on that thread.
///
/// Dropping it ends that: first the callbacks of [`Enter::on_exit`] are called, then the thread
/// may enter again.
pub struct Enter {
    /// Callbacks that need not be `Send`: they keep `Enter` on its thread, as the flag must.
    on_exit: Vec<Box<dyn FnOnce()>>,
    permanent: bool,
}

impl Enter {
    /// Has `f` called when this is dropped, after the callbacks registered before.
    ///
    /// The thread still counts as entered meanwhile. If a callback panics, the rest is still
    /// called, and the (first) panic goes on after that; while the thread unwinds already, it is
    /// swallowed.
    ///
    /// ```
    /// let mut enter = tokio_executor::enter().unwrap();
    /// enter.on_exit(|| println!("first"));
    /// enter.on_exit(|| println!("second"));
    /// ```
    pub fn on_exit<F>(&mut self, f: F)
    where
        F: FnOnce() + 'static,
    {
        self.on_exit.push(Box::new(f));
    }

    /// Marks the thread for the rest of its life, as a worker of an executor does.
    ///
    /// The callbacks of [`Enter::on_exit`] are dropped without being called.
    pub fn make_permanent(mut self) {
        self.permanent = true;
    }

    /// Blocks this thread until `future`, of either generation, is done.
    ///
    /// Returns a futures 0.1 future's `Result<Item, Error>`, or a std future's output. The future
    /// is polled here, and need be neither `Send` nor `'static`. Between polls the thread sleeps,
    /// see [`ParkThread`]; so this runs no tasks and no reactor: others must do that. Nothing is
    /// allocated per poll.
    ///
    /// # Panics
    ///
    /// If the future does.
    ///
    /// ```
    /// let mut enter = tokio_executor::enter().unwrap();
    /// assert_eq!(enter.block_on(async { 42 }), 42);
    /// assert_eq!(enter.block_on(futures::future::err::<(), _>("no")), Err("no"));
    /// ```
    pub fn block_on<G: LocalBlockOnKind>(&mut self, future: impl IntoLocalBlockOn<G>) -> G::Output {
        // A parker of its own: should a poll block on something else on this thread in turn, that
        // must not swallow a wake-up meant for this future.
        let mut park = ParkThread::new();
        let waker = Waker::from(park.unpark());
        let mut cx = Context::from_waker(&waker);
        let mut future = pin!(future.into_std());
        without_budget(|| loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            let Ok(()) = park.park();
        })
    }
}

impl Drop for Enter {
    fn drop(&mut self) {
        if self.permanent {
            return;
        }
        let mut panicked = None;
        for callback in self.on_exit.drain(..) {
            if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(callback)) {
                panicked.get_or_insert(payload);
            }
        }
        let _ = ENTERED.try_with(|entered| entered.set(false));
        if let Some(payload) = panicked {
            if !thread::panicking() {
                panic::resume_unwind(payload);
            }
        }
    }
}

impl fmt::Debug for Enter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enter").field("on_exit", &self.on_exit.len()).finish_non_exhaustive()
    }
}

/// [`enter`] was called on a thread that runs an executor already.
pub struct EnterError(());

impl fmt::Debug for EnterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterError").field("reason", &self.to_string()).finish()
    }
}

impl fmt::Display for EnterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "cannot run an executor on a thread that runs one already: spawn the future, or block \
             on it from another thread",
        )
    }
}

impl Error for EnterError {}
