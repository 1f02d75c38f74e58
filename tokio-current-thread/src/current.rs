//! Which executor runs on this thread.

use crate::core::Core;
use crate::door::Door;
use std::cell::RefCell;
use std::ptr;
use std::rc::Rc;
use std::thread;
use tokio_task::{IntoLocalTask, LocalTaskKind};

#[cfg(not(tokio_loom))]
thread_local! {
    static CURRENT: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
    /// The innermost executor whose tasks are polled inside of a poll by another one (`nested.rs`).
    static NESTED: RefCell<Option<Rc<Core>>> = const { RefCell::new(None) };
}

#[cfg(tokio_loom)]
loom::thread_local! {
    static CURRENT: RefCell<Option<Rc<Core>>> = RefCell::new(None);
    static NESTED: RefCell<Option<Rc<Core>>> = RefCell::new(None);
}

/// Spawns a future of either generation on the executor that runs on this thread.
///
/// The future need not be `Send`. For a futures 0.1 future (`Item = ()`, `Error = ()`) this returns
/// `()`, for a std future a [`JoinHandle`](tokio_task::JoinHandle), which may be dropped freely. The
/// future is polled later, not before this returns.
///
/// In a destructor that runs because the executor is dropped, the future is dropped at once, and a
/// join handle says that the task was cancelled.
///
/// # Panics
///
/// If no [`CurrentThread`](crate::CurrentThread) runs on this thread. Not while the thread is
/// panicking already: then the future is dropped.
///
/// Inside `LocalSet` of the crate `tokio` the future is spawned on the set.
///
/// ```
/// use futures::future;
/// use std::rc::Rc;
///
/// let shared = Rc::new(42);
/// let answer = tokio_current_thread::block_on_all(async {
///     tokio_current_thread::spawn(future::lazy(|| Ok(println!("0.1"))));
///     tokio_current_thread::spawn(async move { *shared }).await.unwrap()
/// });
/// assert_eq!(answer, 42);
/// ```
#[track_caller]
pub fn spawn<G: LocalTaskKind>(future: impl IntoLocalTask<G>) -> G::Plain {
    match spawn_on::<G>(nested().or_else(core), future.into_body()) {
        Ok(plain) => plain,
        Err(NotSpawned::Closed(body)) => G::cancelled(body),
        Err(NotSpawned::NoExecutor(body)) if thread::panicking() => G::cancelled(body),
        Err(NotSpawned::NoExecutor(body)) => {
            drop(body);
            panic!(
                "nothing on this thread runs tasks that need not be `Send`: spawn inside a \
                 `CurrentThread`, a runtime of the current thread or a `LocalSet`, or with its own \
                 method"
            );
        }
    }
}

/// Why a body comes back.
pub(crate) enum NotSpawned<B> {
    NoExecutor(B),
    Closed(B),
}

impl<B> NotSpawned<B> {
    pub(crate) fn into_body(self) -> B {
        match self {
            NotSpawned::NoExecutor(body) | NotSpawned::Closed(body) => body,
        }
    }
}

/// Spawns on the executor of this thread.
pub(crate) fn spawn_body<G: LocalTaskKind>(body: G::Body) -> Result<G::Plain, NotSpawned<G::Body>> {
    spawn_on::<G>(core(), body)
}

fn spawn_on<G: LocalTaskKind>(
    core: Option<Rc<Core>>,
    body: G::Body,
) -> Result<G::Plain, NotSpawned<G::Body>> {
    match core {
        Some(core) => core.spawn::<G>(body).map_err(NotSpawned::Closed),
        None => Err(NotSpawned::NoExecutor(body)),
    }
}

/// The core of this thread's executor.
pub(crate) fn core() -> Option<Rc<Core>> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// The core of the innermost executor that is nested in another one.
fn nested() -> Option<Rc<Core>> {
    NESTED.try_with(|nested| nested.borrow().clone()).ok().flatten()
}

/// Calls `f` with the core behind `door`, if that is the executor of this thread, or the innermost
/// that is nested in it. `f` runs no foreign code.
#[inline]
pub(crate) fn with<R>(door: &Door, f: impl FnOnce(&Core) -> R) -> Option<R> {
    let mut f = Some(f);
    let mut here = |current: &RefCell<Option<Rc<Core>>>| {
        let current = current.borrow();
        let core = current.as_ref().filter(|core| ptr::eq(&**core.door(), door))?;
        f.take().map(|f| f(core))
    };
    // An error means that the thread is ending.
    match CURRENT.try_with(&mut here) {
        Ok(Some(result)) => Some(result),
        _ => NESTED.try_with(here).ok().flatten(),
    }
}

/// Whether the executor behind `door` runs on this thread.
pub(crate) fn is(door: &Door) -> bool {
    with(door, |_| ()).is_some()
}

/// The time that an executor runs on this thread.
pub(crate) struct Scope {
    before: Option<Rc<Core>>,
    nested_before: Option<Rc<Core>>,
}

impl Scope {
    /// Makes `core` the executor of this thread, until the scope is dropped. It hides one that is nested
    /// in what runs around it.
    pub(crate) fn enter(core: &Rc<Core>) -> Scope {
        Scope { before: exchange(Some(core.clone())), nested_before: exchange_nested(None) }
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        drop(exchange_nested(self.nested_before.take()));
        drop(exchange(self.before.take()));
    }
}

/// The time that an executor polls inside of a poll by another one.
pub(crate) struct NestedScope(Option<Rc<Core>>);

impl NestedScope {
    /// Makes `core` the innermost executor, until the scope is dropped.
    pub(crate) fn enter(core: &Rc<Core>) -> NestedScope {
        NestedScope(exchange_nested(Some(core.clone())))
    }
}

impl Drop for NestedScope {
    fn drop(&mut self) {
        drop(exchange_nested(self.0.take()));
    }
}

fn exchange_nested(core: Option<Rc<Core>>) -> Option<Rc<Core>> {
    NESTED.try_with(|nested| nested.replace(core)).ok().flatten()
}

fn exchange(core: Option<Rc<Core>>) -> Option<Rc<Core>> {
    CURRENT.try_with(|current| current.replace(core)).ok().flatten()
}
