//! What can be spawned and blocked on: a future of either generation behind one bound.
//!
//! The traits have a parameter that the compiler infers and that no one writes: the *kind*. For a
//! futures 0.1 future it is the future's own type, for a std future [`ByStd`] of it. A type that
//! is a `Future` of one generation fits one impl, so inference goes through; a type that is a
//! `Future` of both fits both, and the compiler asks which (E0283). No type of this workspace is.

use crate::relay::Relay;
use crate::task::body::{Body, Futures01, Futures01Result, Std};
use crate::task::{Schedule, Task};
use crate::{JoinHandle, Never};
use futures::future::FutureResult;
use futures::{Future as Future01, IntoFuture as IntoFuture01};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

/// A spawned futures 0.1 future, as `spawn` returns it. It converts to a 0.1 future that is ready,
/// so that `stream.for_each(tokio::spawn)` works.
pub struct Spawn(());

impl IntoFuture01 for Spawn {
    type Future = FutureResult<(), ()>;
    type Item = ();
    type Error = ();

    fn into_future(self) -> Self::Future {
        futures::future::ok(())
    }
}

impl fmt::Debug for Spawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawn").finish()
    }
}

/// The kind of a std future `F`. Never made; it stands in signatures.
#[derive(Debug)]
pub struct ByStd<F>(PhantomData<F>, Never);

/// A 0.1 future, boxed for an executor that takes no other.
pub type Boxed = Box<dyn Future01<Item = (), Error = ()> + Send>;

/// What spawning a future of some kind returns. Sealed.
pub trait TaskKind: sealed::TaskKind {
    /// What a task polls.
    type Body: Body + Send;
    /// What a spawn returns that returned nothing in 0.1: `()`, or a [`JoinHandle`].
    type Plain;
    /// What `tokio::spawn` returns: a [`Spawn`], or a [`JoinHandle`].
    type Handle;
    /// What `Runtime::spawn` returns: the runtime again, or a [`JoinHandle`].
    type Chain<'a, R: 'a>;

    /// A queued task for `body`, which goes to `schedule` when it is woken.
    fn task<S: Schedule>(body: Self::Body, schedule: S) -> (Task, Self::Plain);

    /// A futures 0.1 future that is `body`, for an executor of another family.
    fn boxed(body: Self::Body) -> (Boxed, Self::Plain);

    /// Turns what a plain spawn returned into what `tokio::spawn` returns.
    fn handle(plain: Self::Plain) -> Self::Handle;

    /// Turns what a plain spawn returned into what `Runtime::spawn` returns.
    fn chain<'a, R: 'a>(plain: Self::Plain, runtime: &'a mut R) -> Self::Chain<'a, R>;

    /// Drops `body`, and returns what stands for a task that was cancelled at once.
    fn cancelled(body: Self::Body) -> Self::Plain {
        Self::task(body, Unscheduled).1
    }
}

/// What can be spawned: an `async` block or std future that is `Send + 'static` with its output,
/// or a futures 0.1 future that is `Send + 'static` with `Item = ()` and `Error = ()`. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be spawned",
    label = "not a future that a task can run",
    note = "a task is an `async` block or std future that is `Send + 'static` with its output, or a futures 0.1 future that is `Send + 'static` with `Item = (), Error = ()`"
)]
pub trait IntoTask<G: TaskKind>: sealed::IntoTask<G> + Sized {
    /// The future, ready to be polled by a task.
    fn into_body(self) -> G::Body;
}

impl<F: Future01<Item = (), Error = ()> + Send + 'static> TaskKind for F {
    type Body = Futures01<F>;
    type Plain = ();
    type Handle = Spawn;
    type Chain<'a, R: 'a> = &'a mut R;

    #[inline]
    fn task<S: Schedule>(body: Futures01<F>, schedule: S) -> (Task, ()) {
        (Task::new(body, schedule), ())
    }

    fn boxed(body: Futures01<F>) -> (Boxed, ()) {
        (Box::new(body.into_future()), ())
    }

    fn handle((): ()) -> Spawn {
        Spawn(())
    }

    fn chain<'a, R: 'a>((): (), runtime: &'a mut R) -> &'a mut R {
        runtime
    }
}

impl<F: Future01<Item = (), Error = ()> + Send + 'static> IntoTask<F> for F {
    #[inline]
    fn into_body(self) -> Futures01<F> {
        Futures01::new(self)
    }
}

impl<F: Future<Output: Send + 'static> + Send + 'static> TaskKind for ByStd<F> {
    type Body = Std<F>;
    type Plain = JoinHandle<F::Output>;
    type Handle = JoinHandle<F::Output>;
    type Chain<'a, R: 'a> = JoinHandle<F::Output>;

    #[inline]
    fn task<S: Schedule>(body: Std<F>, schedule: S) -> (Task, JoinHandle<F::Output>) {
        Task::with_handle(body, schedule)
    }

    fn boxed(body: Std<F>) -> (Boxed, JoinHandle<F::Output>) {
        let (relay, handle) = Relay::new(body);
        (Box::new(relay), handle)
    }

    fn handle(plain: JoinHandle<F::Output>) -> JoinHandle<F::Output> {
        plain
    }

    fn chain<'a, R: 'a>(plain: JoinHandle<F::Output>, _: &'a mut R) -> JoinHandle<F::Output> {
        plain
    }
}

impl<F: Future<Output: Send + 'static> + Send + 'static> IntoTask<ByStd<F>> for F {
    #[inline]
    fn into_body(self) -> Std<F> {
        Std(self)
    }
}

/// What a runtime can block on from another thread: a std future that is `Send + 'static` with its
/// output, or a futures 0.1 future that is `Send + 'static` with its item and error. Sealed.
///
/// `R` and `E` are inferred: the item and error of a 0.1 future, markers for a std one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be blocked on",
    label = "not a future that a runtime can run to its end",
    note = "that is a futures 0.1 or a std future; both it and what it yields must be `Send + 'static`"
)]
pub trait IntoBlockOn<R: ?Sized, E: ?Sized>: sealed::IntoBlockOn<R, E> + Sized {
    /// What a task polls.
    type Body: Body<Output = Self::Output> + Send;
    /// `Result<R, E>`, or the std future's output.
    type Output: Send + 'static;

    /// The future, ready to be polled by a task.
    fn into_body(self) -> Self::Body;
}

/// Stands for the item and the error of a std future. Unsized, which no item is.
#[derive(Debug)]
pub struct ByStdOutput(#[allow(dead_code)] str);

impl<F, R, E> IntoBlockOn<R, E> for F
where
    F: Future01<Item = R, Error = E> + Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    type Body = Futures01Result<F>;
    type Output = Result<R, E>;

    fn into_body(self) -> Futures01Result<F> {
        Futures01Result::new(self)
    }
}

impl<F> IntoBlockOn<ByStdOutput, ByStdOutput> for F
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    type Body = Std<F>;
    type Output = F::Output;

    fn into_body(self) -> Std<F> {
        Std(self)
    }
}

/// What a thread can block on while it polls the future itself. Sealed.
pub trait LocalBlockOnKind: sealed::LocalBlockOnKind {
    /// `Result<Item, Error>`, or the std future's output.
    type Output;
    /// The item, or the std future's output.
    type Item;
    /// The error, or [`Never`].
    type Error;
    /// The future as a std one.
    type Future: Future<Output = Self::Output>;

    /// Turns what the future yielded into a `Result`, for who has more errors to add.
    fn into_result(output: Self::Output) -> Result<Self::Item, Self::Error>;
}

/// What a thread can block on while it polls the future itself: any future of either generation,
/// whether or not it is `Send` or `'static`. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be blocked on",
    label = "neither a futures 0.1 nor a std future"
)]
pub trait IntoLocalBlockOn<G: LocalBlockOnKind>: sealed::IntoLocalBlockOn<G> + Sized {
    /// The future as a std one.
    fn into_std(self) -> G::Future;
}

impl<F: Future01> LocalBlockOnKind for F {
    type Output = Result<F::Item, F::Error>;
    type Item = F::Item;
    type Error = F::Error;
    type Future = crate::Futures01AsStd<F>;

    fn into_result(output: Self::Output) -> Result<F::Item, F::Error> {
        output
    }
}

impl<F: Future01> IntoLocalBlockOn<F> for F {
    fn into_std(self) -> crate::Futures01AsStd<F> {
        crate::Futures01AsStd::new(self)
    }
}

impl<F: Future> LocalBlockOnKind for ByStd<F> {
    type Output = F::Output;
    type Item = F::Output;
    type Error = Never;
    type Future = F;

    fn into_result(output: F::Output) -> Result<F::Output, Never> {
        Ok(output)
    }
}

impl<F: Future> IntoLocalBlockOn<ByStd<F>> for F {
    fn into_std(self) -> F {
        self
    }
}

impl<T> JoinHandle<T> {
    /// Drops `body`, and returns the handle of a task that was cancelled at once. For executors
    /// that take no more tasks.
    pub fn cancelled<B: Body<Output = T> + Send>(body: B) -> JoinHandle<T>
    where
        T: Send,
    {
        Task::with_handle(body, Unscheduled).1
    }
}

/// The schedule of a task that is never run.
pub(crate) struct Unscheduled;

// SAFETY: no `Runner` exists for it, so no task of it is ever in a list.
unsafe impl Schedule for Unscheduled {
    fn schedule(&self, task: Task) {
        drop(task);
    }

    fn completed(&self) {}

    fn panicked(&self, _payload: Box<dyn std::any::Any + Send>) {}

    fn returns(&self, _owner: u32) -> &crate::Returns {
        unreachable!("a task that is never run is in no list")
    }
}

mod sealed {
    use super::ByStd;
    use futures::Future as Future01;
    use std::future::Future;

    pub trait TaskKind {}
    impl<F: Future01<Item = (), Error = ()> + Send + 'static> TaskKind for F {}
    impl<F: Future> TaskKind for ByStd<F> {}

    pub trait IntoTask<G> {}
    impl<F: Future01> IntoTask<F> for F {}
    impl<F: Future> IntoTask<ByStd<F>> for F {}

    pub trait IntoBlockOn<R: ?Sized, E: ?Sized> {}
    impl<F: Future01<Item = R, Error = E>, R, E> IntoBlockOn<R, E> for F {}
    impl<F: Future> IntoBlockOn<super::ByStdOutput, super::ByStdOutput> for F {}

    pub trait LocalBlockOnKind {}
    impl<F: Future01> LocalBlockOnKind for F {}
    impl<F: Future> LocalBlockOnKind for ByStd<F> {}

    pub trait IntoLocalBlockOn<G> {}
    impl<F: Future01> IntoLocalBlockOn<F> for F {}
    impl<F: Future> IntoLocalBlockOn<ByStd<F>> for F {}
}
