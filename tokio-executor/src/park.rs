//! How a thread sleeps until there is work: the hinge between an executor and what it waits with.
//!
//! An executor that has nothing to do calls [`Park::park`]. What that does is not its business: a
//! [`ParkThread`] sleeps, a reactor waits for events and hands them out, a timer fires what is due
//! and parks in what is below it. Whoever has work for the sleeping thread calls
//! [`Unpark::unpark`], from any thread.
//!
//! # `ParkThread`
//!
//! One flag, "unparked", beside the token that std has for each thread.
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `unpark`: swap in true | Release | `park` | who returns from `park` sees what led to *each* `unpark` before |
//! | `park`: swap out | Acquire | `unpark` | as above; as a swap, it keeps no `unpark` for the next time |
//!
//! Both are read-modify-writes, so a second `unpark` that finds the flag set still publishes.
//!
//! No `unpark` is lost: the first one that sets the flag gives the thread its token after that.
//! The parking thread takes the flag, or finds it not set and waits for the token; if the flag was
//! set in between, the token is there or comes. A token of someone else makes it look once more.
//! `park/model.rs` checks this.

use crate::sync::{self, AtomicBool, Thread};
use std::error::Error;
use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::Arc;
use std::task::{Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};
use tokio_task::Never;

#[cfg(all(test, tokio_loom))]
mod model;

/// Blocks a thread until it is unparked, and may do the waiting thread's chores meanwhile.
///
/// # Contract
///
/// - `park` returns after an [`Unpark::unpark`] of a handle of this. One that came before, since
///   the last return, makes it return at once; several count as one. What the unparking thread
///   wrote before is visible when `park` returns.
/// - `park` may return without that, "spuriously": because it did something that may have brought
///   work, such as handing out events, or for no reason. Callers look whether there is work, and
///   park again.
/// - After an error or a return, the parker can be used again.
pub trait Park {
    /// What wakes up the thread that parks in this.
    type Unpark: Unpark;

    /// Why parking can fail.
    type Error;

    /// A handle to wake up the thread with. It may outlive the parker, and does nothing then.
    fn unpark(&self) -> Self::Unpark;

    /// Blocks until unparked.
    ///
    /// # Errors
    ///
    /// Whatever hinders the parker to wait or to do its chores. Nothing is known about an `unpark`
    /// that came meanwhile: look for work.
    fn park(&mut self) -> Result<(), Self::Error>;

    /// Blocks until unparked, but about `duration` at most. With a `duration` of zero it does not
    /// block, and does the chores that `park` would do.
    ///
    /// # Errors
    ///
    /// As for [`Park::park`]. That the time is up is no error.
    fn park_timeout(&mut self, duration: Duration) -> Result<(), Self::Error>;
}

/// Wakes up the thread that parks in a [`Park`].
pub trait Unpark: Sync + Send + 'static {
    /// Makes the current or, if there is none, the next `park` return. Can be called from any
    /// thread, the parking one included; does not block on it, and does not panic.
    fn unpark(&self);
}

impl Unpark for Box<dyn Unpark> {
    fn unpark(&self) {
        (**self).unpark();
    }
}

impl Unpark for Arc<dyn Unpark> {
    fn unpark(&self) {
        (**self).unpark();
    }
}

/// Parks the thread that made it, by sleeping.
///
/// Several on one thread are independent: one never takes an `unpark` of another. It never returns
/// spuriously.
///
/// It sleeps with `std::thread::park`, so code on the same thread which uses that too has to
/// expect, as ever, that its token is taken, and keep a flag.
///
/// ```
/// use tokio_executor::park::{Park, ParkThread, Unpark};
///
/// let mut park = ParkThread::new();
/// let unpark = park.unpark();
/// std::thread::spawn(move || unpark.unpark());
/// park.park().unwrap();
/// ```
pub struct ParkThread {
    token: Arc<Token>,
    /// Only the thread in `token` is woken, so only that one may park.
    stays: PhantomData<Rc<()>>,
}

/// Wakes up the thread of a [`ParkThread`].
///
/// As a [`Waker`], it is how a std future is polled on a thread that parks between polls; the
/// conversion does not allocate.
///
/// ```
/// use std::task::Waker;
/// use tokio_executor::park::{Park, ParkThread};
///
/// let mut park = ParkThread::new();
/// let waker = Waker::from(park.unpark());
/// waker.wake();
/// park.park().unwrap(); // at once
/// ```
#[derive(Clone)]
pub struct UnparkThread(Arc<Token>);

/// The error of [`ParkThread`], which does not fail: there is none.
#[derive(Debug)]
pub struct ParkError(pub(crate) Never);

struct Token {
    unparked: AtomicBool,
    thread: Thread,
}

impl ParkThread {
    /// A parker for this thread.
    pub fn new() -> ParkThread {
        ParkThread {
            token: Arc::new(Token { unparked: AtomicBool::new(false), thread: sync::current() }),
            stays: PhantomData,
        }
    }
}

impl Park for ParkThread {
    type Unpark = UnparkThread;
    type Error = ParkError;

    fn unpark(&self) -> UnparkThread {
        UnparkThread(self.token.clone())
    }

    fn park(&mut self) -> Result<(), ParkError> {
        while !self.token.take() {
            sync::park();
        }
        Ok(())
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), ParkError> {
        let Some(end) = Instant::now().checked_add(duration) else {
            // Beyond what the clock can tell.
            return self.park();
        };
        while !self.token.take() {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::park_timeout(left);
        }
        Ok(())
    }
}

impl Token {
    fn unpark(&self) {
        if !self.unparked.swap(true, Release) {
            self.thread.unpark();
        }
    }

    fn take(&self) -> bool {
        self.unparked.swap(false, Acquire)
    }
}

impl Wake for Token {
    fn wake(self: Arc<Self>) {
        self.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.unpark();
    }
}

impl Unpark for UnparkThread {
    fn unpark(&self) {
        self.0.unpark();
    }
}

impl From<UnparkThread> for Waker {
    fn from(unpark: UnparkThread) -> Waker {
        Waker::from(unpark.0)
    }
}

impl Default for ParkThread {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ParkThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParkThread").finish_non_exhaustive()
    }
}

impl fmt::Debug for UnparkThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnparkThread").finish_non_exhaustive()
    }
}

impl fmt::Display for ParkError {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl Error for ParkError {}
