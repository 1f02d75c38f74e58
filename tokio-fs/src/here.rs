//! Where work that blocks is done: here, or on a thread of the crew.
//!
//! | polled | by | the work is done | the poll |
//! |---|---|---|---|
//! | in a task of a thread pool | either generation | in place, by the pool's `blocking` | is `Ready` |
//! | the same, all permits taken | either generation | later, in place | is `Pending` until it is this task's turn |
//! | the same, the pool allows no blocking or is ending | either generation | by the crew | is `Pending` until it is done |
//! | in a task elsewhere | either generation | by the crew | is `Pending` until it is done |
//! | outside any task | futures 0.1 | in place, which blocks the thread | is `Ready` |
//!
//! In the last row nobody could be woken: it is what `std::io::Write` means to code that knows no
//! tasks.

use futures::task::is_in_task;
use std::task::{ready, Context, Poll};
use tokio_task::{poll_proceed, to_std, Caller};
use tokio_threadpool::{blocking, poll_blocking};

/// Does `work` here if that may be: `Ready(Some(..))`. `Ready(None)`: it has not been done, and is
/// for the crew. `Pending`: it has not been done, and `caller` will be woken.
pub(crate) fn poll_here<T>(caller: Caller<'_>, work: impl FnOnce() -> T) -> Poll<Option<T>> {
    let outside = is_outside(caller);
    if !outside {
        ready!(poll_proceed(caller));
    }
    let mut work = Some(work);
    let mut run = || work.take().map(|work| work());
    let done = match caller {
        Caller::Futures01 => to_std(blocking(&mut run)),
        Caller::Std(waker) => poll_blocking(&mut Context::from_waker(waker), &mut run),
    };
    match ready!(done) {
        Ok(done) => Poll::Ready(done),
        Err(_) if outside => Poll::Ready(run()),
        Err(_) => Poll::Ready(None),
    }
}

/// Whether the caller is in no task at all.
pub(crate) fn is_outside(caller: Caller<'_>) -> bool {
    matches!(caller, Caller::Futures01) && !is_in_task()
}
