//! Which reactor the default handle stands for: this thread's, or the fallback.

use crate::{Handle, Reactor};
use std::cell::RefCell;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock, PoisonError};
use tokio_executor::Enter;

thread_local! {
    /// The guards of this thread that are alive, the latest last, and whom they name.
    static CURRENT: RefCell<Vec<(u64, Handle)>> = const { RefCell::new(Vec::new()) };
}

static FALLBACK: OnceLock<Handle> = OnceLock::new();

/// Keeps a reactor the current one of a thread; see [`set_default`].
///
/// Guards may be dropped in any order: the latest that is left decides. Dropped on another
/// thread, a guard changes nothing.
#[must_use = "dropping this restores the reactor of before"]
pub struct DefaultGuard {
    id: u64,
}

/// Makes the reactor of `handle` the current one of this thread until the guard is dropped.
///
/// The current reactor is the one that [`Handle::default`] stands for. Inside the scope of another
/// `set_default` the new one counts.
///
/// # Panics
///
/// If `handle` is itself the default handle, which names no reactor.
///
/// ```
/// use tokio_reactor::{set_default, Reactor};
///
/// let reactor = Reactor::new()?;
/// let _guard = set_default(&reactor.handle());
/// // sockets that are bound now come to `reactor`
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn set_default(handle: &Handle) -> DefaultGuard {
    static NEXT: AtomicU64 = AtomicU64::new(0);

    assert!(handle.names_reactor(), "`set_default` with a handle that names no reactor");
    let guard = DefaultGuard { id: NEXT.fetch_add(1, Relaxed) };
    // While the thread's storage is torn down nothing is remembered.
    let _ = CURRENT.try_with(|current| current.borrow_mut().push((guard.id, handle.clone())));
    guard
}

/// Runs `f` with the reactor of `handle` as the current one of this thread.
///
/// `enter` shows that the thread is inside an executor, and is handed on.
///
/// # Panics
///
/// If `handle` is the default handle, which names no reactor.
pub fn with_default<F, R>(handle: &Handle, enter: &mut Enter, f: F) -> R
where
    F: FnOnce(&mut Enter) -> R,
{
    let _guard = set_default(handle);
    f(enter)
}

/// The current reactor of this thread.
pub(crate) fn handle() -> Option<Handle> {
    CURRENT.try_with(|current| current.borrow().last().map(|(_, handle)| handle.clone())).ok()?
}

/// The reactor of threads that have none. Started if there is none yet.
pub(crate) fn fallback() -> io::Result<&'static Handle> {
    static STARTING: Mutex<()> = Mutex::new(());

    if let Some(handle) = FALLBACK.get() {
        return Ok(handle);
    }
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = FALLBACK.get() {
        return Ok(handle);
    }
    let background = Reactor::new()?.background()?;
    let ours = background.handle().clone();
    if FALLBACK.set(ours).is_ok() {
        background.forget();
    }
    // Otherwise `set_fallback` was faster, and dropping ours shuts it down.
    FALLBACK.get().ok_or_else(|| io::Error::other("no fallback reactor"))
}

/// Makes `handle` the fallback.
pub(crate) fn set_fallback(handle: &Handle) -> Result<(), SetFallbackError> {
    FALLBACK.set(handle.clone()).map_err(|_| SetFallbackError(()))
}

impl Drop for DefaultGuard {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|current| current.borrow_mut().retain(|(id, _)| *id != self.id));
    }
}

impl fmt::Debug for DefaultGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultGuard").finish_non_exhaustive()
    }
}

/// There is a fallback reactor already.
///
/// The error of [`Reactor::set_fallback`].
#[derive(Clone, Debug)]
pub struct SetFallbackError(());

/// The name that [`SetFallbackError`] once had.
#[deprecated(note = "renamed to `SetFallbackError`")]
#[doc(hidden)]
pub type SetDefaultError = SetFallbackError;

impl fmt::Display for SetFallbackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fallback reactor is set already, or was started because a thread needed it")
    }
}

impl std::error::Error for SetFallbackError {}
