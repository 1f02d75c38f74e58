//! Which timer the default handle stands for on this thread.

use super::Handle;
use crate::shared::Shared;
use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use tokio_executor::Enter;

thread_local! {
    /// The guards of this thread that are alive, the latest last, and their timers.
    static CURRENT: RefCell<Vec<(u64, Arc<Shared>)>> = const { RefCell::new(Vec::new()) };
}

/// Makes the timer of `handle` the current one of this thread until the guard is dropped.
///
/// Guards may be dropped in any order: the latest that is left decides. Dropped on another
/// thread, a guard changes nothing.
///
/// # Panics
///
/// If `handle` names no timer, as the default handle does.
///
/// ```
/// use std::time::Duration;
/// use tokio_timer::{timer, Timer};
///
/// let timer = Timer::default();
/// let _guard = timer::set_default(&timer.handle());
/// let delay = tokio_timer::sleep(Duration::from_secs(1)); // by `timer`
/// # drop(delay);
/// ```
pub fn set_default(handle: &Handle) -> DefaultGuard {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let timer = handle.named().expect("`set_default` with a handle that names no timer");
    let guard = DefaultGuard { id: NEXT.fetch_add(1, Relaxed) };
    // While the thread's storage is torn down nothing is remembered.
    let _ = CURRENT.try_with(|current| current.borrow_mut().push((guard.id, timer.clone())));
    guard
}

/// Runs `f` with the timer of `handle` as the current one of this thread.
///
/// `enter` shows that the thread is inside an executor, and is handed on.
///
/// # Panics
///
/// If `handle` names no timer, as the default handle does.
pub fn with_default<F, R>(handle: &Handle, enter: &mut Enter, f: F) -> R
where
    F: FnOnce(&mut Enter) -> R,
{
    let _guard = set_default(handle);
    f(enter)
}

/// The current timer of this thread.
#[inline]
pub(super) fn timer() -> Option<Arc<Shared>> {
    CURRENT.try_with(|current| current.borrow().last().map(|(_, timer)| timer.clone())).ok()?
}

/// Keeps a timer the current one of a thread; made by [`set_default`].
#[must_use = "dropping this restores the timer of before"]
pub struct DefaultGuard {
    id: u64,
}

impl Drop for DefaultGuard {
    fn drop(&mut self) {
        let mut removed = None;
        let _ = CURRENT.try_with(|current| {
            let mut current = current.borrow_mut();
            if let Some(at) = current.iter().position(|(id, _)| *id == self.id) {
                removed = Some(current.remove(at));
            }
        });
        // Foreign code, if it is the last of its timer; and the list is free again.
        drop(removed);
    }
}

impl fmt::Debug for DefaultGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultGuard").finish_non_exhaustive()
    }
}
