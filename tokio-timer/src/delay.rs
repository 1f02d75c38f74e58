//! A wait until a moment.

use crate::clock;
use crate::dues::Fate;
use crate::shared::Key;
use crate::timer::Handle;
use crate::Error;
use futures::{Future as Future01, Poll as Poll01};
use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::ptr;
use std::task::{ready, Context, Poll};
use std::time::{Duration, Instant};
use tokio_task::{poll_proceed, to_futures01, Caller};

/// Completes when its deadline has come.
///
/// A futures 0.1 `Future`, and a std `IntoFuture`: `.and_then(..)` it or `.await` it. Where a std
/// `Future` is asked for, as by `join!`, pass `delay.into_future()`.
///
/// It comes to a timer at its first poll: until then it costs nothing. It never completes early. It
/// may be late, by how precisely its timer can wait, and by what the task waits for its turn.
/// Dropping it ends the wait, and leaves nothing behind in the timer; one that sleeps until just
/// then wakes up once for nothing.
///
/// # Errors
///
/// [`Error::shutdown`] if the timer is gone, [`Error::at_capacity`] if it has too many delays.
///
/// ```
/// use futures::Future;
/// use std::time::{Duration, Instant};
/// use tokio_timer::Delay;
///
/// let deadline = Instant::now() + Duration::from_millis(2);
/// Delay::new(deadline).wait()?;
/// assert!(Instant::now() >= deadline);
/// futures03::executor::block_on(async { Delay::new(Instant::now()).await })?;
/// # Ok::<(), tokio_timer::Error>(())
/// ```
#[must_use = "futures do nothing unless polled or awaited"]
pub struct Delay {
    deadline: Instant,
    /// Names a timer from the first poll on, at the latest.
    handle: Handle,
    /// What the timer knows it by, from the first time that it had to wait.
    key: Option<Key>,
    stage: Stage,
    /// Who waits, if that can be told without the timer.
    waits: Option<Identity>,
    /// It was due, but its task had spent its budget in that poll. The next poll does not ask
    /// again: before this is polled, something else in the task may spend the budget each time.
    refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Not registered; the next poll will.
    Idle,
    Waiting,
    Elapsed,
}

/// What a std waker consists of. While the timer has the waker, no other one is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    data: usize,
    vtable: usize,
}

impl Identity {
    fn of(caller: Caller<'_>) -> Option<Identity> {
        match caller {
            Caller::Futures01 => None,
            Caller::Std(waker) => Some(Identity {
                data: waker.data().addr(),
                vtable: ptr::from_ref(waker.vtable()).addr(),
            }),
        }
    }
}

impl Delay {
    /// A delay until `deadline`, by the timer that is the current one of the thread that polls it
    /// first; see [`Handle`].
    pub fn new(deadline: Instant) -> Delay {
        Delay::new_with_handle(deadline, Handle::default())
    }

    /// A delay until `duration` from now, or for as long as can be.
    pub(crate) fn new_timeout(duration: Duration) -> Delay {
        Delay::new(after(clock::now(), duration))
    }

    pub(crate) fn new_with_handle(deadline: Instant, handle: Handle) -> Delay {
        Delay { deadline, handle, key: None, stage: Stage::Idle, waits: None, refused: false }
    }

    /// When this completes.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether the timer has found that the deadline has come.
    ///
    /// True once a poll was `Ready`, and perhaps before the poll that would be.
    pub fn is_elapsed(&self) -> bool {
        self.stage == Stage::Elapsed || self.fate() == Some(Fate::Fired)
    }

    /// Makes it complete at `deadline` instead, whether it has completed or not.
    ///
    /// The task that waits for it still does, without another poll. A later deadline, and any before
    /// the first poll, takes no lock.
    pub fn reset(&mut self, deadline: Instant) {
        self.deadline = deadline;
        if self.stage == Stage::Elapsed {
            self.stage = Stage::Idle;
        }
        if let (Stage::Waiting, Some(timer), Some(key)) =
            (self.stage, self.handle.named(), self.key)
        {
            if !timer.move_to(key, timer.moment(deadline)) {
                self.stage = Stage::Idle;
            }
        }
    }

    /// Completes when the deadline has come. The one definition, for either generation.
    ///
    /// # Errors
    ///
    /// See [`Delay`].
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<Result<(), Error>> {
        ready!(self.poll_elapsed(caller))?;
        if !self.refused && poll_proceed(caller).is_pending() {
            self.refused = true;
            return Poll::Pending;
        }
        self.refused = false;
        Poll::Ready(Ok(()))
    }

    /// The same whatever the task has done in this poll already: for a limit to what a task does.
    pub(crate) fn poll_elapsed(&mut self, caller: Caller<'_>) -> Poll<Result<(), Error>> {
        if self.stage == Stage::Waiting {
            match self.fate() {
                Some(Fate::Waiting(_)) => {
                    let identity = Identity::of(caller);
                    if identity.is_some() && identity == self.waits {
                        return Poll::Pending;
                    }
                    if self.still_waits(caller) {
                        self.waits = identity;
                        return Poll::Pending;
                    }
                    // It has just fired, or its timer has just ended.
                    return self.poll_elapsed(caller);
                }
                Some(Fate::Fired) => self.stage = Stage::Elapsed,
                Some(Fate::Gone) | None => return Poll::Ready(Err(Error::shutdown())),
            }
        }
        if self.stage == Stage::Elapsed {
            return Poll::Ready(Ok(()));
        }
        let timer = self.handle.resolve()?;
        let due = timer.moment(self.deadline);
        if timer.has_seen(due) {
            self.stage = Stage::Elapsed;
            return Poll::Ready(Ok(()));
        }
        match self.key {
            Some(key) => timer.register_again(key, due, caller)?,
            None => self.key = Some(timer.register(due, caller)?),
        }
        self.stage = Stage::Waiting;
        self.waits = Identity::of(caller);
        Poll::Pending
    }

    fn fate(&self) -> Option<Fate> {
        match (self.stage, self.handle.named(), self.key) {
            (Stage::Waiting, Some(timer), Some(key)) => Some(timer.fate(key)),
            _ => None,
        }
    }

    fn still_waits(&self, caller: Caller<'_>) -> bool {
        match (self.handle.named(), self.key) {
            (Some(timer), Some(key)) => timer.wait(key, caller),
            _ => false,
        }
    }
}

/// `now` and `duration`, or a century if that is out of reach.
pub(crate) fn after(now: Instant, duration: Duration) -> Instant {
    now.checked_add(duration).unwrap_or_else(|| now + A_CENTURY)
}

const A_CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Drop for Delay {
    fn drop(&mut self) {
        if let (Some(timer), Some(key)) = (self.handle.named(), self.key) {
            timer.free(key);
        }
    }
}

impl Future01 for Delay {
    type Item = ();
    type Error = Error;

    fn poll(&mut self) -> Poll01<(), Error> {
        to_futures01(self.poll_with(Caller::Futures01))
    }
}

impl IntoFuture for Delay {
    type Output = Result<(), Error>;
    type IntoFuture = Delaying;

    fn into_future(self) -> Delaying {
        Delaying(self)
    }
}

impl fmt::Debug for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delay")
            .field("deadline", &self.deadline)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// A [`Delay`] as a std `Future`.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled or awaited"]
pub struct Delaying(Delay);

impl Future for Delaying {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_with(cx.into())
    }
}
