//! Permits that are counted, taken and given back, and the queue of those who wait for one.
//!
//! The semaphore, the lock (one permit) and the bounded channel (a permit for each place in it)
//! are made of this.
//!
//! # The word
//!
//! ```text
//!                                    2       1         0
//! ┌──────────────────────────────────┬────────┬────────┐
//! │ permits that nobody holds        │ QUEUED │ CLOSED │
//! └──────────────────────────────────┴────────┴────────┘
//! ```
//!
//! | bits | meaning | who takes, who gives |
//! |---|---|---|
//! | permits > 0 | there are permits, and nobody waits | anyone, by exchanging the word |
//! | permits = 0 | there is none, and nobody waits | anyone may give, by exchanging the word |
//! | `QUEUED` | there is none, and somebody waits | who gives takes the lock, and hands over to the first in the queue |
//! | `CLOSED` | nobody gets a permit any more; they may still be given back | – |
//!
//! `QUEUED` is set and cleared under the lock of the queue alone, and only while there is no
//! permit. Permits grow only while it is not set. So **while somebody waits there are no
//! permits to be had past the queue**: it is first come, first served.
//!
//! # Transitions
//!
//! | event | word | queue |
//! |---|---|---|
//! | take | permits − 1 | – |
//! | wait, under the lock | `QUEUED`, if there is still no permit | a place at the end |
//! | give n | permits + n | – |
//! | give n to a queue, under the lock | without `QUEUED` if all in it got one, + what is left | the first n places are granted |
//! | leave, under the lock | without `QUEUED` if it was the last | its place is gone; a grant goes on to the next |
//! | close, under the lock | `CLOSED`, without `QUEUED` | all places are refused |
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | take: exchange | Acquire | give | who takes sees what was done under the permit before |
//! | give: exchange | Release | take | as above |
//! | take: load, and the exchange when it fails; `is_closed` | Acquire | close | who is refused sees what led to the closing |
//! | wait: load, and the exchange when it fails | Relaxed | – | closing happens under the lock, which is held |
//! | close: set `CLOSED` | Release | take | as above |
//! | set and clear `QUEUED` | Relaxed | – | it only sends others to the lock, which orders the rest |
//! | give: load; `available` | Relaxed | – | a hint, or a number that is old when it is read |
//!
//! (That giving under the lock is released too, for whoever takes without it, no model shows.)
//!
//! # Nobody waits for a permit that is there
//!
//! A place is taken only after an exchange that, under the lock, saw no permit in the very word in
//! which it set `QUEUED` (or found it set). Whoever gives exchanges the same word. If the giver
//! comes first, the exchange of the waiter fails and it takes the permit. If the waiter comes
//! first, the giver sees `QUEUED`, takes the lock after the waiter let it go, and finds the place.

mod claim;
#[cfg(all(test, tokio_loom))]
mod model;
mod waitlist;

pub(crate) use self::claim::{Acquire as Acquiring, Claim};
use self::waitlist::{Place, Waitlist};
use crate::sync::{lock, AtomicUsize, Mutex, MutexGuard};
use crate::wakes::Wakes;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::task::Poll;
use tokio_task::{Caller, Waiter};

pub(crate) struct Permits {
    word: AtomicUsize,
    queue: Mutex<Waitlist>,
}

const CLOSED: usize = 0b01;
const QUEUED: usize = 0b10;
const ONE: usize = 0b100;

/// Why there was no permit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refusal {
    Closed,
    NoPermits,
}

/// There will be no permits any more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Closed;

impl Permits {
    /// As many as there can be.
    pub(crate) const MAX: usize = usize::MAX / ONE;

    pub(crate) fn new(permits: usize) -> Self {
        assert!(permits <= Self::MAX, "more than {} permits", Self::MAX);
        Permits { word: AtomicUsize::new(permits * ONE), queue: Mutex::new(Waitlist::new()) }
    }

    pub(crate) fn available(&self) -> usize {
        self.word.load(Relaxed) / ONE
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.word.load(Acquire) & CLOSED != 0
    }

    /// True for good once it is closed and `all` permits were given back. One look at the word:
    /// a permit that was taken later would have been refused.
    pub(crate) fn is_closed_with(&self, all: usize) -> bool {
        self.word.load(Relaxed) == (all * ONE) | CLOSED
    }

    /// Takes a permit if there is one, past nobody: while somebody waits there is none.
    #[inline]
    pub(crate) fn try_take(&self) -> Result<(), Refusal> {
        let mut seen = self.word.load(Acquire);
        loop {
            if seen & CLOSED != 0 {
                return Err(Refusal::Closed);
            }
            if seen < ONE {
                return Err(Refusal::NoPermits);
            }
            match self.word.compare_exchange_weak(seen, seen - ONE, Acquire, Acquire) {
                Ok(_) => return Ok(()),
                Err(now) => seen = now,
            }
        }
    }

    /// Takes a permit, or a place at the end of the queue.
    fn take_or_wait(&self, caller: Caller<'_>) -> Result<Claim, Closed> {
        // Cloned before the lock, and dropped, if it is not needed, after it: foreign code.
        let waiter = Waiter::from(caller);
        let mut queue = self.lock();
        let mut seen = self.word.load(Relaxed);
        while seen & QUEUED == 0 {
            if seen & CLOSED != 0 {
                drop(queue);
                return Err(Closed);
            }
            let (then, claim) = match seen < ONE {
                true => (seen | QUEUED, None),
                false => (seen - ONE, Some(Claim::Held)),
            };
            match self.word.compare_exchange(seen, then, Acquire, Relaxed) {
                Ok(_) => match claim {
                    Some(held) => {
                        drop(queue);
                        return Ok(held);
                    }
                    None => break,
                },
                Err(now) => seen = now,
            }
        }
        Ok(Claim::Waiting(queue.push(waiter)))
    }

    /// Looks at a place in the queue. After `Ready` the place is gone.
    fn poll_place(&self, place: usize, caller: Caller<'_>) -> Poll<Result<(), Closed>> {
        // Dropped after the lock is let go: foreign code.
        let mut waiter = None;
        let mut queue = self.lock();
        if let Place::Waiting(known) = queue.get(place) {
            if known.will_wake(caller) {
                return Poll::Pending;
            }
            drop(queue);
            let cloned = waiter.insert(Waiter::from(caller));
            queue = self.lock();
            if let Place::Waiting(known) = queue.get(place) {
                std::mem::swap(known, cloned);
                return Poll::Pending;
            }
        }
        match queue.remove(place) {
            Place::Granted => Poll::Ready(Ok(())),
            Place::Refused => Poll::Ready(Err(Closed)),
            Place::Waiting(_) => unreachable!("looked at under the same lock"),
        }
    }

    /// What became of a place, without waiting for it.
    fn try_place(&self, place: usize) -> Result<(), Refusal> {
        let mut queue = self.lock();
        if let Place::Waiting(_) = queue.get(place) {
            return Err(Refusal::NoPermits);
        }
        match queue.remove(place) {
            Place::Granted => Ok(()),
            _ => Err(Refusal::Closed),
        }
    }

    /// Gives up a place; if it has been granted meanwhile, the permit goes on. True if so.
    fn leave(&self, place: usize) -> bool {
        let mut queue = self.lock();
        let removed = queue.remove(place);
        if matches!(removed, Place::Waiting(_)) && queue.is_empty() {
            self.word.fetch_and(!QUEUED, Relaxed);
        }
        drop(queue);
        let granted = matches!(removed, Place::Granted);
        if granted {
            self.give(1);
        }
        granted
    }

    /// Gives `n` permits to those who wait, and the rest to whoever comes.
    #[inline]
    pub(crate) fn give(&self, n: usize) {
        let mut seen = self.word.load(Relaxed);
        while seen & QUEUED == 0 {
            match self.word.compare_exchange_weak(seen, raised(seen, n), Release, Relaxed) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
        self.hand_over(n);
    }

    fn hand_over(&self, n: usize) {
        assert!(n <= Self::MAX, "{TOO_MANY}");
        let mut wakes = Wakes::default();
        let mut queue = self.lock();
        let mut left = n;
        while left > 0 {
            let Some(waiter) = queue.grant_first() else { break };
            wakes.push(waiter);
            left -= 1;
        }
        if queue.is_empty() {
            let mut seen = self.word.load(Relaxed);
            while let Err(now) = self.word.compare_exchange_weak(
                seen,
                raised(seen & !QUEUED, left),
                Release,
                Relaxed,
            ) {
                seen = now;
            }
        }
        drop(queue);
        wakes.wake();
    }

    /// Refuses all who wait, and all who come.
    pub(crate) fn close(&self) {
        let mut queue = self.lock();
        self.word.fetch_or(CLOSED, Release);
        self.word.fetch_and(!QUEUED, Relaxed);
        let wakes = queue.refuse_all();
        drop(queue);
        wakes.wake();
    }

    fn lock(&self) -> MutexGuard<'_, Waitlist> {
        lock(&self.queue)
    }
}

const TOO_MANY: &str = "too many permits";

/// The word with `n` permits more.
fn raised(word: usize, n: usize) -> usize {
    n.checked_mul(ONE).and_then(|n| word.checked_add(n)).expect(TOO_MANY)
}
