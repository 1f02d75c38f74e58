//! What can be spawned on the thread that polls it: futures of either generation that need not be
//! `Send`.
//!
//! They live in the same task as the others ([`Task::local`]). What each thread may do with one, and
//! what that touches:
//!
//! | who | may | touches |
//! |---|---|---|
//! | the owner: the thread that made the task | run or drop the queue entry | body, output, links |
//! | a waker or notifier, on any thread | wake, clone, drop; the last reference frees the block | state; the schedule, which is `Send + Sync`; memory |
//! | a handle whose output is `Send`, on any thread | poll, abort, drop | state; the output, the handle's waker |
//! | a handle whose output is not `Send` | the same, on the owner alone: it is not `Send` either | the same |
//! | the schedule, on any thread | carry an entry to its owner, or leak it | the link |
//!
//! So what is not `Send` stays on its thread:
//!
//! * The **body** is dropped by `Header::poll` and `Header::cancel` alone, which `Task::run` and
//!   `Drop for Task` call: by the contract of `Task::local`, on the owner.
//! * The **output** is written there too. It is dropped by the polling thread, which is the owner, or
//!   taken or dropped by the handle.
//! * **Freeing** the block runs no destructor of either: a task that is freed is complete, or leaked
//!   its entry, and then the runtime's reference keeps the block for ever.
//!
//! It is the executor's part that each entry comes back to the owner, also while it shuts down and
//! afterwards, when wakers live on: `tokio-current-thread` shows how.

use crate::entry::Unscheduled;
use crate::task::body::{Body, Futures01, Std};
use crate::task::{Schedule, Task};
use crate::{ByStd, JoinHandle};
use futures::Future as Future01;
use std::future::Future;

/// What spawning a future of some kind on the own thread returns; as
/// [`TaskKind`](crate::TaskKind), without `Send`. Sealed.
pub trait LocalTaskKind: sealed::LocalTaskKind {
    /// What a task polls.
    type Body: Body;
    /// What a spawn returns that returned nothing in 0.1: `()`, or a [`JoinHandle`].
    type Plain;
    /// What `Runtime::spawn` returns: the runtime again, or a [`JoinHandle`].
    type Chain<'a, R: 'a>;

    /// A queued task for `body`, which goes to `schedule` when it is woken.
    ///
    /// # Safety
    ///
    /// As for [`Task::local`].
    unsafe fn task<S: Schedule>(body: Self::Body, schedule: S) -> (Task, Self::Plain);

    /// Turns what a plain spawn returned into what `Runtime::spawn` returns.
    fn chain<'a, R: 'a>(plain: Self::Plain, runtime: &'a mut R) -> Self::Chain<'a, R>;

    /// Drops `body`, and returns what stands for a task that was cancelled at once.
    fn cancelled(body: Self::Body) -> Self::Plain {
        // SAFETY: the one entry is dropped here. There will be no other: the task is complete.
        unsafe { Self::task(body, Unscheduled) }.1
    }
}

/// What can be spawned on the own thread: an `async` block or std future that is `'static` with its
/// output, or a futures 0.1 future that is `'static` with `Item = ()` and `Error = ()`. Sealed.
///
/// ```
/// use std::rc::Rc;
/// use tokio_task::{IntoLocalTask, LocalTaskKind};
///
/// fn spawns<G: LocalTaskKind>(_: impl IntoLocalTask<G>) {}
///
/// let shared = Rc::new(1);
/// spawns(futures::future::lazy({ let shared = shared.clone(); move || Ok(drop(shared)) }));
/// spawns(async move { shared });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be spawned",
    label = "not a future that a task can run",
    note = "a task of a single-threaded executor is an `async` block or std future that is `'static` with its output, or a futures 0.1 future that is `'static` with `Item = (), Error = ()`"
)]
pub trait IntoLocalTask<G: LocalTaskKind>: sealed::IntoLocalTask<G> + Sized {
    /// The future, ready to be polled by a task.
    fn into_body(self) -> G::Body;
}

impl<F: Future01<Item = (), Error = ()> + 'static> LocalTaskKind for F {
    type Body = Futures01<F>;
    type Plain = ();
    type Chain<'a, R: 'a> = &'a mut R;

    #[inline]
    unsafe fn task<S: Schedule>(body: Futures01<F>, schedule: S) -> (Task, ()) {
        // SAFETY: the caller's promise.
        (unsafe { Task::local(body, schedule) }, ())
    }

    fn chain<'a, R: 'a>((): (), runtime: &'a mut R) -> &'a mut R {
        runtime
    }
}

impl<F: Future01<Item = (), Error = ()> + 'static> IntoLocalTask<F> for F {
    #[inline]
    fn into_body(self) -> Futures01<F> {
        Futures01::new(self)
    }
}

impl<F: Future<Output: 'static> + 'static> LocalTaskKind for ByStd<F> {
    type Body = Std<F>;
    type Plain = JoinHandle<F::Output>;
    type Chain<'a, R: 'a> = JoinHandle<F::Output>;

    #[inline]
    unsafe fn task<S: Schedule>(body: Std<F>, schedule: S) -> (Task, JoinHandle<F::Output>) {
        // SAFETY: the caller's promise.
        unsafe { Task::local_with_handle(body, schedule) }
    }

    fn chain<'a, R: 'a>(plain: JoinHandle<F::Output>, _: &'a mut R) -> JoinHandle<F::Output> {
        plain
    }
}

impl<F: Future<Output: 'static> + 'static> IntoLocalTask<ByStd<F>> for F {
    #[inline]
    fn into_body(self) -> Std<F> {
        Std(self)
    }
}

mod sealed {
    use crate::ByStd;
    use futures::Future as Future01;
    use std::future::Future;

    pub trait LocalTaskKind {}
    impl<F: Future01<Item = (), Error = ()> + 'static> LocalTaskKind for F {}
    impl<F: Future> LocalTaskKind for ByStd<F> {}

    pub trait IntoLocalTask<G> {}
    impl<F: Future01> IntoLocalTask<F> for F {}
    impl<F: Future> IntoLocalTask<ByStd<F>> for F {}
}
