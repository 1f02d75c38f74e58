//! Where the two generations of task meet.
//!
//! | | being polled now (borrowed) | parked (owned) |
//! |---|---|---|
//! | futures 0.1 | [`Caller::Futures01`] (ambient) | [`Waiter::Futures01`] |
//! | std | [`Caller::Std`] | [`Waiter::Std`] |
//!
//! A resource takes a `Caller`, keeps a `Waiter`, and never asks which it was.

use futures::task::{self, Task};
use std::task::{Context, Waker};

/// The task that is being polled right now.
///
/// Every operation of a resource that can be called from both generations is written once,
/// as a function that takes a `Caller`. Its futures 0.1 spelling passes
/// [`Caller::Futures01`], its std spelling `cx.into()`.
///
/// ```
/// use std::task::{Context, Waker};
/// use tokio_task::Caller;
///
/// let mut cx = Context::from_waker(Waker::noop());
/// let caller: Caller<'_> = (&mut cx).into();
/// caller.wake();
/// ```
#[derive(Clone, Copy, Debug)]
pub enum Caller<'a> {
    /// Whatever `futures::task::current()` says, asked only when it is needed. Not replaced by
    /// a pool-level handle: a 0.1 combinator may have put its own notifier in between.
    Futures01,
    /// The waker of the `Context` that the poll was given.
    Std(&'a Waker),
}

impl Caller<'_> {
    /// Asks for the caller to be polled again.
    ///
    /// # Panics
    ///
    /// For `Caller::Futures01` outside a futures 0.1 task.
    pub fn wake(self) {
        match self {
            Caller::Futures01 => task::current().notify(),
            Caller::Std(waker) => waker.wake_by_ref(),
        }
    }
}

impl<'a> From<&mut Context<'a>> for Caller<'a> {
    fn from(cx: &mut Context<'a>) -> Self {
        Caller::Std(cx.waker())
    }
}

/// A task that asked to be woken.
///
/// Made from a [`Caller`]. Making one allocates nothing when the task belongs to this runtime:
/// it counts a reference to the task.
///
/// ```
/// use std::task::Waker;
/// use tokio_task::{Caller, Waiter};
///
/// let waiter = Waiter::from(Caller::Std(Waker::noop()));
/// assert!(waiter.will_wake(Caller::Std(Waker::noop())));
/// waiter.wake();
/// ```
#[derive(Clone, Debug)]
pub enum Waiter {
    /// A futures 0.1 task.
    Futures01(Task),
    /// A std task.
    Std(Waker),
}

impl Waiter {
    /// Asks for the task to be polled again, and gives up the reference to it.
    pub fn wake(self) {
        match self {
            Waiter::Futures01(task) => task.notify(),
            Waiter::Std(waker) => waker.wake(),
        }
    }

    /// Asks for the task to be polled again.
    pub fn wake_by_ref(&self) {
        match self {
            Waiter::Futures01(task) => task.notify(),
            Waiter::Std(waker) => waker.wake_by_ref(),
        }
    }

    /// True only if waking this is the same as waking `caller`; false may also mean
    /// "cannot tell". Compares addresses; runs no foreign code.
    pub fn will_wake(&self, caller: Caller<'_>) -> bool {
        match (self, caller) {
            (Waiter::Futures01(task), Caller::Futures01) => task.will_notify_current(),
            (Waiter::Std(waker), Caller::Std(other)) => waker.will_wake(other),
            _ => false,
        }
    }
}

impl From<Caller<'_>> for Waiter {
    /// # Panics
    ///
    /// For `Caller::Futures01` outside a futures 0.1 task.
    fn from(caller: Caller<'_>) -> Self {
        match caller {
            Caller::Futures01 => Waiter::Futures01(task::current()),
            Caller::Std(waker) => Waiter::Std(waker.clone()),
        }
    }
}
