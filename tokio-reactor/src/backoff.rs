//! Waiting for a while, for resources that have to back off.

use crate::deadlines::{Added, Deadline};
use crate::shared::Shared;
use crate::Handle;
use std::fmt;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio_task::{Caller, Waiter};

/// A wait that a reactor ends, for resources that have to back off: a listener when the process is
/// out of file descriptors.
///
/// It is coarse (milliseconds, never early) and made for the rare case. It is idle until
/// [`start`](Backoff::start); dropping it ends the wait. Serves both generations.
///
/// ```
/// use std::future::poll_fn;
/// use std::time::{Duration, Instant};
/// use tokio_reactor::Backoff;
///
/// let mut backoff = Backoff::new();
/// let begin = Instant::now();
/// backoff.start(Duration::from_millis(5));
/// futures03::executor::block_on(poll_fn(|cx| backoff.poll_elapsed(cx.into())));
/// assert!(begin.elapsed() >= Duration::from_millis(5));
/// ```
#[derive(Default)]
pub struct Backoff {
    handle: Handle,
    until: Option<Instant>,
    /// Where the reactor has it in its list.
    listed: Option<Listed>,
}

struct Listed {
    reactor: Arc<Shared>,
    deadline: Deadline,
}

impl Backoff {
    /// An idle one. It waits by the reactor that is the default one when it is first polled.
    pub fn new() -> Self {
        Backoff::default()
    }

    /// An idle one that waits by the reactor of `handle`.
    pub fn with_handle(handle: &Handle) -> Self {
        Backoff { handle: handle.clone(), until: None, listed: None }
    }

    /// Begins to wait for `delay` from now, instead of what it may be waiting for.
    pub fn start(&mut self, delay: Duration) {
        self.reset();
        // What cannot be represented never comes; a century is as good.
        let now = Instant::now();
        self.until = Some(now.checked_add(delay).unwrap_or(now + A_CENTURY));
    }

    /// `Ready` when the wait is over, or there is none, else `caller` is woken when it is. It is
    /// idle again after that.
    ///
    /// Also `Ready` if there is no reactor to wait by: the operation will report that.
    ///
    /// # Panics
    ///
    /// When it has to wait, for [`Caller::Futures01`] outside a futures 0.1 task.
    pub fn poll_elapsed(&mut self, caller: Caller<'_>) -> Poll<()> {
        match self.until {
            Some(at) if at > Instant::now() => {
                let known = |l: &Listed| l.reactor.deadlines.will_wake(l.deadline, caller);
                if self.listed.as_ref().is_some_and(known) || self.list(at, caller) {
                    return Poll::Pending;
                }
            }
            _ => {}
        }
        self.reset();
        Poll::Ready(())
    }

    /// Ends the wait; no task is woken for it any more.
    pub fn reset(&mut self) {
        self.until = None;
        self.listed = None;
    }

    /// True from [`start`](Backoff::start) until the wait has been seen to be over.
    pub fn is_waiting(&self) -> bool {
        self.until.is_some()
    }

    /// Has the reactor wake `caller` at `at`. False if there is none.
    fn list(&mut self, at: Instant, caller: Caller<'_>) -> bool {
        self.listed = None;
        let Ok(reactor) = self.handle.resolve() else { return false };
        let deadline = match reactor.deadlines.add(at, Waiter::from(caller)) {
            Added::Later(deadline) => deadline,
            Added::First(deadline) => {
                reactor.unpark();
                deadline
            }
            Added::Gone => return false,
        };
        self.listed = Some(Listed { reactor, deadline });
        true
    }
}

const A_CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Drop for Listed {
    fn drop(&mut self) {
        self.reactor.deadlines.remove(self.deadline);
    }
}

impl fmt::Debug for Backoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backoff").field("until", &self.until).finish_non_exhaustive()
    }
}
