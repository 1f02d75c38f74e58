//! Whom this thread spawns on: a stack of executors in thread-local storage.
//!
//! | set by | kept by the stack as | leaves when |
//! |---|---|---|
//! | [`set_default`] | a counted reference | its guard is dropped on this thread, or the thread ends |
//! | [`with_default`] | a pointer into the frame of that call | the call returns or unwinds |
//!
//! The last one in the stack is the default. Each leaves on its own, wherever it stands: a guard
//! that outlives the call of `with_default` it was made in restores no executor that is gone.
//!
//! Each is in a `RefCell`, since a spawn may run a destructor that spawns: two mutable borrows
//! are refused, not made.

use crate::sync::thread_local;
use crate::{Enter, Executor, SharedExecutor, SpawnError};
use std::cell::RefCell;
use std::fmt;
use std::ptr::{self, NonNull};
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use tokio_task::Boxed;

thread_local! {
    static INSTALLED: RefCell<Vec<Installed>> = const { RefCell::new(Vec::new()) };
}

#[derive(Clone)]
enum Installed {
    Owned(Rc<Owned<dyn Executor>>),
    /// Points into a frame of [`with_default`], whose [`Frame`] removes this.
    Scoped(NonNull<RefCell<dyn Executor>>),
}

struct Owned<E: ?Sized> {
    number: u64,
    executor: RefCell<E>,
}

static LAST_NUMBER: Mutex<u64> = Mutex::new(0);

/// Makes `executor` the default of this thread until the guard is dropped.
///
/// Then the one that was the default before is the default again. If guards are not dropped in the
/// reverse order of their making, the default is the last executor that was set and whose guard
/// still lives. A forgotten guard leaves its executor in place until the thread ends.
///
/// The guard may be sent to another thread, but has no effect when dropped there: the executor
/// then stays in place until its own thread ends, which drops it.
///
/// While the thread-local storage of the thread is torn down, no default can be set: `executor`
/// is dropped at once.
///
/// ```
/// use tokio_executor::{set_default, DefaultExecutor, Executor, SpawnError};
///
/// struct Full;
///
/// impl Executor for Full {
///     fn spawn(&mut self, _future: tokio_task::Boxed) -> Result<(), SpawnError> {
///         Err(SpawnError::at_capacity())
///     }
///     fn status(&self) -> Result<(), SpawnError> {
///         Err(SpawnError::at_capacity())
///     }
/// }
///
/// let guard = set_default(Full);
/// assert!(DefaultExecutor::current().status().unwrap_err().is_at_capacity());
/// drop(guard);
/// assert!(DefaultExecutor::current().status().unwrap_err().is_shutdown());
/// ```
pub fn set_default<T>(executor: T) -> DefaultGuard
where
    T: Executor + 'static,
{
    // Never given twice, also on two threads: a guard may be dropped on any.
    let number = {
        let mut last = LAST_NUMBER.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        *last
    };
    install(Installed::Owned(Rc::new(Owned { number, executor: RefCell::new(executor) })));
    DefaultGuard { number }
}

/// Keeps an executor the default of a thread; made by [`set_default`].
#[must_use = "when this is dropped, the executor is no longer the default"]
pub struct DefaultGuard {
    number: u64,
}

impl Drop for DefaultGuard {
    fn drop(&mut self) {
        remove(|installed| match installed {
            Installed::Owned(owned) => owned.number == self.number,
            Installed::Scoped(_) => false,
        });
    }
}

impl fmt::Debug for DefaultGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultGuard").finish_non_exhaustive()
    }
}

/// Makes `executor` the default of this thread while `f` runs.
///
/// Calls nest: when `f` returns or panics, the default is again the one before. `enter` shows that
/// this thread is one that runs an executor; it is handed to `f`, to block on futures with.
///
/// While the thread-local storage of the thread is torn down, `f` runs without a default.
///
/// ```
/// use tokio_executor::{enter, with_default, DefaultExecutor, Executor, SpawnError};
///
/// struct Count<'a>(&'a mut usize);
///
/// impl Executor for Count<'_> {
///     fn spawn(&mut self, _future: tokio_task::Boxed) -> Result<(), SpawnError> {
///         *self.0 += 1;
///         Ok(())
///     }
/// }
///
/// let mut spawned = 0;
/// with_default(&mut Count(&mut spawned), &mut enter().unwrap(), |_enter| {
///     tokio_executor::spawn(futures::future::ok(()));
///     tokio_executor::spawn(async {});
/// });
/// assert_eq!(spawned, 2);
/// ```
pub fn with_default<T, F, R>(executor: &mut T, enter: &mut Enter, f: F) -> R
where
    T: Executor,
    F: FnOnce(&mut Enter) -> R,
{
    let cell = RefCell::new(Borrowed(executor));
    let _frame = Frame::install(&cell);
    f(enter)
}

/// The executor that [`with_default`] borrows.
struct Borrowed<'a, T>(&'a mut T);

impl<T: Executor> Executor for Borrowed<'_, T> {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.0.spawn(future)
    }

    fn status(&self) -> Result<(), SpawnError> {
        self.0.status()
    }

    fn shared(&self) -> Option<&dyn SharedExecutor> {
        self.0.shared()
    }
}

/// A call of [`with_default`]: dropping this takes its executor off the stack.
struct Frame(NonNull<RefCell<dyn Executor>>);

impl Frame {
    /// The caller drops this before `cell` goes or moves.
    fn install<'a>(cell: &'a RefCell<dyn Executor + 'a>) -> Self {
        let cell = NonNull::from(cell);
        // SAFETY: only the lifetime in the type changes, and a pointer promises nothing by it.
        let cell = unsafe {
            std::mem::transmute::<
                NonNull<RefCell<dyn Executor + 'a>>,
                NonNull<RefCell<dyn Executor + 'static>>,
            >(cell)
        };
        install(Installed::Scoped(cell));
        Frame(cell)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        remove(|installed| match installed {
            Installed::Scoped(cell) => ptr::addr_eq(cell.as_ptr(), self.0.as_ptr()),
            Installed::Owned(_) => false,
        });
    }
}

fn install(executor: Installed) {
    // An error means that the storage is gone; the executor is dropped with the closure.
    let _ = INSTALLED.try_with(|stack| stack.borrow_mut().push(executor));
}

fn remove(is_it: impl Fn(&Installed) -> bool) {
    let removed = INSTALLED.try_with(|stack| {
        let mut stack = stack.borrow_mut();
        stack.iter().rposition(is_it).map(|i| stack.remove(i))
    });
    // Foreign code, with the stack not borrowed.
    drop(removed);
}

/// Calls `f` with the default executor of this thread, if there is one and the thread's storage
/// is not gone.
///
/// The type says `'static`, which an executor of [`with_default`] need not be. Nothing can be had
/// from an executor that would outlive `f`: all that its methods return borrows from it.
#[inline]
pub(crate) fn with_current<R>(f: impl FnOnce(Option<&RefCell<dyn Executor>>) -> R) -> R {
    let current = INSTALLED.try_with(|stack| stack.borrow().last().cloned()).ok().flatten();
    match &current {
        // The count keeps it alive, should `f` drop its guard.
        Some(Installed::Owned(owned)) => f(Some(&owned.executor)),
        Some(Installed::Scoped(cell)) => {
            // SAFETY: `cell` came from this thread's stack just now, so the `Frame` that removes
            // it lives. It is in a frame of `with_default` that called us, directly or not, and
            // returns after us; and it is declared after the cell, which it therefore does not
            // outlive. The cell is shared, never borrowed as a whole; who may use what is in it,
            // the `RefCell` decides.
            f(Some(unsafe { cell.as_ref() }))
        }
        None => f(None),
    }
}
