//! Values, each of which comes out when it is due.

use crate::delay::after;
use crate::shared::nanos;
use crate::timer::Handle;
use crate::wheel::{Step, Wheel};
use crate::{clock, Delay, Error};
use futures::{Poll as Poll01, Stream as Stream01};
use futures_core::Stream;
use std::fmt;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::{Duration, Instant};
use tokio_task::{poll_proceed, to_futures01, Caller};

/// Values that come out one by one, each when its time has come.
///
/// A futures 0.1 `Stream` and a [`futures_core::Stream`]. It ends (`None`) whenever it is empty, and
/// goes on when something is inserted. It has its own timing wheel, and one delay for all values: so
/// a value costs no allocation by itself, and inserting, removing and resetting one takes constant
/// time. Values come in the order in which they are due; those that are due within the same 65.5
/// microseconds, in any order.
///
/// No value comes early.
///
/// # Errors
///
/// See [`Delay`]. The values are still there.
///
/// ```
/// use futures::{Future, Stream};
/// use std::time::Duration;
/// use tokio_timer::DelayQueue;
///
/// let mut queue = DelayQueue::new();
/// let slow = queue.insert("slow", Duration::from_secs(60));
/// queue.insert("quick", Duration::from_millis(1));
/// queue.insert("slower", Duration::from_secs(120));
/// queue.reset(&slow, Duration::from_millis(4));
///
/// let first = queue.take(2).map(|expired| expired.into_inner()).collect().wait()?;
/// assert_eq!(first, ["quick", "slow"]);
/// # Ok::<(), tokio_timer::Error>(())
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct DelayQueue<T> {
    wheel: Wheel<Queued<T>>,
    len: usize,
    /// Moment 0 of the wheel.
    start: Instant,
    /// The latest moment that is known to have come.
    now: u64,
    delay: Delay,
    inserted: u64,
}

struct Queued<T> {
    value: T,
    /// Which insertion this was; tells it from a later one with the same number.
    insertion: u64,
}

/// Names a value in a [`DelayQueue`]: the one of whose insertion it comes, until that is out.
#[derive(Clone, Debug)]
pub struct Key {
    index: u32,
    insertion: u64,
}

/// A value that is out of a [`DelayQueue`].
#[derive(Debug)]
pub struct Expired<T> {
    value: T,
}

impl<T> DelayQueue<T> {
    /// An empty queue. It waits by the timer that is the current one when it is first polled.
    pub fn new() -> DelayQueue<T> {
        DelayQueue::with_capacity(0)
    }

    /// An empty queue with room for `capacity` values, that waits by the timer of `handle`.
    pub fn with_capacity_and_handle(capacity: usize, handle: &Handle) -> DelayQueue<T> {
        let start = clock::now();
        let mut queue = DelayQueue {
            wheel: Wheel::new(),
            len: 0,
            start,
            now: 0,
            delay: handle.delay(start),
            inserted: 0,
        };
        queue.reserve(capacity);
        queue
    }

    /// An empty queue with room for `capacity` values.
    pub fn with_capacity(capacity: usize) -> DelayQueue<T> {
        DelayQueue::with_capacity_and_handle(capacity, &Handle::default())
    }

    /// Puts in `value`, which comes out at `when`; at the next poll if that has passed.
    ///
    /// A task that waits for the queue goes on to wait, for this value if it is the first.
    ///
    /// # Panics
    ///
    /// If there are more than a billion values.
    pub fn insert_at(&mut self, value: T, when: Instant) -> Key {
        self.inserted += 1;
        let queued = Queued { value, insertion: self.inserted };
        let Ok(index) = self.wheel.insert(self.moment(when), queued) else {
            panic!("a `DelayQueue` has no room for more values");
        };
        self.len += 1;
        self.hasten(when);
        Key { index, insertion: self.inserted }
    }

    /// Puts in `value`, which comes out when `timeout` has passed.
    ///
    /// # Panics
    ///
    /// If there are more than a billion values.
    pub fn insert(&mut self, value: T, timeout: Duration) -> Key {
        self.insert_at(value, after(clock::now(), timeout))
    }

    /// Takes a value out before its time.
    ///
    /// # Panics
    ///
    /// If the value of `key` is not in the queue any more.
    pub fn remove(&mut self, key: &Key) -> Expired<T> {
        let index = self.find(key);
        self.take(index)
    }

    /// Lets a value come out at `when` instead.
    ///
    /// # Panics
    ///
    /// If the value of `key` is not in the queue any more.
    pub fn reset_at(&mut self, key: &Key, when: Instant) {
        let index = self.find(key);
        self.wheel.refile(index, self.moment(when));
        self.hasten(when);
    }

    /// Lets a value come out when `timeout` has passed from now.
    ///
    /// # Panics
    ///
    /// If the value of `key` is not in the queue any more.
    pub fn reset(&mut self, key: &Key, timeout: Duration) {
        self.reset_at(key, after(clock::now(), timeout));
    }

    /// Drops all values. The room stays.
    pub fn clear(&mut self) {
        for index in 0..self.wheel.used() {
            if self.wheel.value(index).is_some() {
                self.take(index);
            }
        }
    }

    /// How many values there is room for.
    pub fn capacity(&self) -> usize {
        self.wheel.capacity()
    }

    /// Makes room for `additional` more values.
    ///
    /// # Panics
    ///
    /// If that makes more than a billion.
    pub fn reserve(&mut self, additional: usize) {
        let most = crate::pages::LIMIT as usize;
        assert!(additional <= most - self.len, "a `DelayQueue` has no room for so many values");
        let free = self.wheel.used() as usize - self.len;
        self.wheel.reserve(free, additional);
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The next value that is due, or `None` if there is no value. The one definition, for either
    /// generation.
    ///
    /// # Errors
    ///
    /// See [`Delay`].
    ///
    /// # Panics
    ///
    /// If it has to wait for `Caller::Futures01` outside a futures 0.1 task.
    pub fn poll_with(&mut self, caller: Caller<'_>) -> Poll<Option<Result<Expired<T>, Error>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        ready!(poll_proceed(caller));
        loop {
            match self.wheel.step(self.now) {
                Step::Due(index) => return Poll::Ready(Some(Ok(self.take(index)))),
                Step::Moved => {}
                Step::Until(first) => {
                    let deadline = after(self.start, Duration::from_nanos(first));
                    if deadline != self.delay.deadline() || self.delay.is_elapsed() {
                        self.delay.reset(deadline);
                    }
                    if let Err(error) = ready!(self.delay.poll_elapsed(caller)) {
                        return Poll::Ready(Some(Err(error)));
                    }
                    self.now = self.now.max(first);
                }
            }
        }
    }

    /// `when` may be before what a task waits for.
    fn hasten(&mut self, when: Instant) {
        if when < self.delay.deadline() {
            self.delay.reset(when);
        }
    }

    fn find(&self, key: &Key) -> u32 {
        match self.wheel.value(key.index) {
            Some(queued) if queued.insertion == key.insertion => key.index,
            _ => panic!("the key of a value that is not in the `DelayQueue` any more"),
        }
    }

    fn take(&mut self, index: u32) -> Expired<T> {
        let queued = self.wheel.remove(index).expect("an entry with a value");
        self.len -= 1;
        Expired { value: queued.value }
    }

    fn moment(&self, when: Instant) -> u64 {
        nanos(when.saturating_duration_since(self.start))
    }
}

impl<T> Default for DelayQueue<T> {
    fn default() -> Self {
        DelayQueue::new()
    }
}

impl<T> Unpin for DelayQueue<T> {}

impl<T> Stream01 for DelayQueue<T> {
    type Item = Expired<T>;
    type Error = Error;

    fn poll(&mut self) -> Poll01<Option<Expired<T>>, Error> {
        to_futures01(self.poll_with(Caller::Futures01).map(Option::transpose))
    }
}

impl<T> Stream for DelayQueue<T> {
    type Item = Result<Expired<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_with(cx.into())
    }
}

impl<T: fmt::Debug> fmt::Debug for DelayQueue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DelayQueue").field("len", &self.len).finish_non_exhaustive()
    }
}

impl<T> Expired<T> {
    /// The value.
    pub fn get_ref(&self) -> &T {
        &self.value
    }

    /// The value.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }
}
