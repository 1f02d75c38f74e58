//! How many operations of resources one poll of a task may complete before it has to let others run.
//!
//! A task whose sockets are always ready never returns from its poll by itself. So each
//! operation asks [`poll_proceed`] first. After 128 grants in one poll it is refused: it
//! answers `Pending` and has woken its caller, so the task goes to the back of its queue.
//!
//! Some callers poll again at once whatever they are told: futures 0.1's `FuturesUnordered`, or
//! an executor nested inside the task. So after 32 refusals in a row there are grants again: the
//! poll never spins without progress.

use crate::sync::thread_local;
use crate::Caller;
use std::cell::Cell;
use std::task::Poll;

const GRANTS: u8 = 128;
const REFUSALS: u8 = 32;

#[derive(Clone, Copy)]
enum Budget {
    /// Not inside a task of this runtime: nobody to be fair to.
    Unlimited,
    Grants(u8),
    Refusals(u8),
}

thread_local! {
    static BUDGET: Cell<Budget> = const { Cell::new(Budget::Unlimited) };
}

/// Asks whether a resource may carry out one more operation in this poll.
///
/// `Pending` means that `caller` has been woken and the resource should return `Pending` without
/// trying. Outside a task of this runtime the answer is always `Ready`. Serves both generations.
///
/// ```
/// use std::task::{Poll, Waker};
/// use tokio_task::{poll_proceed, Caller};
///
/// assert!(poll_proceed(Caller::Std(Waker::noop())).is_ready());
/// ```
#[inline]
pub fn poll_proceed(caller: Caller<'_>) -> Poll<()> {
    // The storage is gone only while the thread ends; then nobody is behind in a queue.
    let granted = BUDGET
        .try_with(|budget| match budget.get() {
            Budget::Unlimited => true,
            Budget::Grants(0) => {
                budget.set(Budget::Refusals(REFUSALS - 1));
                false
            }
            Budget::Grants(n) => {
                budget.set(Budget::Grants(n - 1));
                true
            }
            Budget::Refusals(0) => {
                budget.set(Budget::Grants(GRANTS - 1));
                true
            }
            Budget::Refusals(n) => {
                budget.set(Budget::Refusals(n - 1));
                false
            }
        })
        .unwrap_or(true);
    if granted {
        return Poll::Ready(());
    }
    caller.wake();
    Poll::Pending
}

/// Runs `poll` with a fresh budget, and restores the one around it. For executors that poll a future
/// which is no [`Task`](crate::Task), beside those that are.
///
/// ```
/// use std::task::Waker;
/// use tokio_task::{poll_proceed, Caller};
///
/// let caller = Caller::Std(Waker::noop());
/// tokio_task::with_budget(|| {
///     let grants = (0..1000).take_while(|_| poll_proceed(caller).is_ready());
///     assert_eq!(grants.count(), 128);
/// });
/// ```
#[inline]
pub fn with_budget<R>(poll: impl FnOnce() -> R) -> R {
    scoped(Budget::Grants(GRANTS), poll)
}

/// Runs `f` without a limit: for code that may block, and for executors nested in a task.
///
/// ```
/// assert_eq!(tokio_task::without_budget(|| 1), 1);
/// ```
pub fn without_budget<R>(f: impl FnOnce() -> R) -> R {
    scoped(Budget::Unlimited, f)
}

#[inline]
fn scoped<R>(inside: Budget, f: impl FnOnce() -> R) -> R {
    struct Restore(Budget);
    impl Drop for Restore {
        fn drop(&mut self) {
            let _ = BUDGET.try_with(|budget| budget.set(self.0));
        }
    }
    let _restore = BUDGET.try_with(|budget| Restore(budget.replace(inside)));
    f()
}

#[cfg(all(test, not(any(tokio_loom, tokio_shuttle))))]
mod tests {
    use super::*;
    use std::task::Waker;

    fn ask() -> bool {
        poll_proceed(Caller::Std(Waker::noop())).is_ready()
    }

    #[test]
    fn grants_then_refusals_then_grants() {
        with_budget(|| {
            assert_eq!((0..GRANTS).filter(|_| ask()).count(), GRANTS as usize);
            assert_eq!((0..REFUSALS).filter(|_| ask()).count(), 0);
            assert!(ask());
        });
        assert!((0..1000).all(|_| ask()));
    }

    #[test]
    fn a_nested_budget_leaves_the_outer_one() {
        with_budget(|| {
            for _ in 0..GRANTS {
                assert!(ask());
            }
            with_budget(|| assert!(ask()));
            without_budget(|| assert!((0..1000).all(|_| ask())));
            assert!(!ask());
        });
    }
}
