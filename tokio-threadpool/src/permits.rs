//! How many tasks may block at a time.
//!
//! A task that finds no permit free waits; when one is given back it goes to the task that has
//! waited longest, which is woken. A task that was granted a permit and does not use it in its next
//! poll, or ends, loses it to the next one. So that there is a next poll, the task itself is woken
//! too, not just the futures in it that wait: these may have been dropped since.
//!
//! Futures that share a task share its permit: all of them that wait are woken, and whichever is
//! polled first uses it.
//!
//! # When the system refuses threads
//!
//! A closure that got a permit but would leave no thread to the pool's tasks (`backup`) waits as
//! well, in front of all others, and its permit is free again. So permits are free while tasks
//! wait for one: they are *stalled*. Nobody comes by them, since whoever waits was first, and one
//! is granted for another attempt whenever a closure ends, and by any worker each standby period
//! ([`Permits::retry`]). An attempt that succeeds grants the next one. After [`ATTEMPTS`] that the
//! system refused in a row, closures get an error, one after the other.

#[cfg(all(test, tokio_loom))]
mod model;

use crate::sync::{AtomicBool, AtomicU32, AtomicUsize, Mutex, MutexGuard};
use crate::thread;
use std::collections::{HashMap, VecDeque};
use std::mem;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::PoisonError;
use std::task::{Poll, Waker};
use tokio_task::{Caller, Waiter};

/// How many attempts to get a thread the system may refuse in a row until a closure gets an error.
/// With one each standby period they take a second.
const ATTEMPTS: u32 = 500;

/// The permits of a pool, and who waits for one.
#[derive(Debug)]
pub(crate) struct Permits {
    shared: Mutex<Shared>,
    /// How many tasks wait or were granted a permit. Relaxed: changed under the lock; a thread
    /// that polls a task sees at least what the task itself did, and what led to its wake.
    known: AtomicUsize,
    /// Whether tasks wait though permits are free. Relaxed: a hint. The worker that makes it true
    /// sees it when it lies down; for the others a standby period more does not matter.
    stalled: AtomicBool,
    /// How many attempts to get a thread were refused since the last that succeeded. Relaxed: an
    /// estimate.
    refused: AtomicU32,
}

#[derive(Debug)]
struct Shared {
    free: usize,
    /// By number. A task is here while it waits and while it has a permit that it has not used.
    tasks: HashMap<usize, Entry>,
    granted: usize,
    /// Places and numbers of the tasks, longest waiting first; also of some that wait no more.
    queue: VecDeque<(u64, usize)>,
    places: u64,
}

/// The system refuses threads, and has for too long.
#[derive(Debug)]
pub(crate) struct Refused;

#[derive(Debug)]
struct Entry {
    /// None once a permit was granted.
    place: Option<u64>,
    waiters: Vec<Waiter>,
    task: Option<Waker>,
}

impl Shared {
    fn try_acquire(&mut self, task: usize) -> bool {
        if self.take_granted(task) {
            return true;
        }
        // Whoever waits was first.
        if self.free == 0 || self.somebody_waits() {
            return false;
        }
        self.free -= 1;
        true
    }

    /// Whether `task` was granted a permit, which the caller now has.
    fn take_granted(&mut self, task: usize) -> bool {
        if self.granted == 0 || self.tasks.get(&task).is_none_or(|entry| entry.place.is_some()) {
            return false;
        }
        // Whoever was woken has been taken out of it.
        self.tasks.remove(&task);
        self.granted -= 1;
        true
    }

    fn somebody_waits(&self) -> bool {
        self.tasks.len() > self.granted
    }

    /// Adds a waiter, and a waker of its task; returns the waker before. A task that is new here
    /// goes to the front of the queue, or to its end.
    fn wait(
        &mut self,
        task: usize,
        waiter: Waiter,
        waker: Option<Waker>,
        front: bool,
    ) -> Option<Waker> {
        let Shared { tasks, queue, places, .. } = self;
        let entry = tasks.entry(task).or_insert_with(|| {
            *places += 1;
            let place = (*places, task);
            if front {
                queue.push_front(place);
            } else {
                queue.push_back(place);
            }
            Entry { place: Some(*places), waiters: Vec::with_capacity(1), task: None }
        });
        entry.waiters.push(waiter);
        mem::replace(&mut entry.task, waker)
    }

    /// Grants a permit to who waits longest; if nobody does, the permit is free.
    fn give_back(&mut self) -> Option<(Vec<Waiter>, Option<Waker>)> {
        while let Some((place, task)) = self.queue.pop_front() {
            if let Some(entry) = self.tasks.get_mut(&task).filter(|e| e.place == Some(place)) {
                entry.place = None;
                self.granted += 1;
                return Some((mem::take(&mut entry.waiters), entry.task.take()));
            }
        }
        self.free += 1;
        None
    }

    /// Forgets places of those who wait no more, once they are the most.
    fn tidy(&mut self) {
        if self.queue.len() > 2 * self.tasks.len() + 16 {
            let tasks = &self.tasks;
            self.queue.retain(|(place, task)| {
                tasks.get(task).is_some_and(|entry| entry.place == Some(*place))
            });
        }
    }
}

impl Permits {
    pub(crate) fn new(permits: usize) -> Self {
        let shared = Shared {
            free: permits,
            tasks: HashMap::new(),
            granted: 0,
            queue: VecDeque::new(),
            places: 0,
        };
        Permits {
            shared: Mutex::new(shared),
            known: AtomicUsize::new(0),
            stalled: AtomicBool::new(false),
            refused: AtomicU32::new(0),
        }
    }

    /// A permit for `task`, or a place in the queue. `waker` makes a waker of the task, for when
    /// `caller` is a part of it.
    pub(crate) fn poll_acquire(
        &self,
        task: usize,
        caller: Caller<'_>,
        waker: impl FnOnce() -> Option<Waker>,
    ) -> Poll<()> {
        {
            let mut shared = self.lock();
            if shared.try_acquire(task) {
                self.publish(&shared);
                return Poll::Ready(());
            }
            let known = shared.tasks.get(&task);
            if known.is_some_and(|e| e.waiters.iter().any(|waiter| waiter.will_wake(caller))) {
                return Poll::Pending;
            }
        }
        // Cloning runs foreign code, so not under the lock.
        let waiter = Waiter::from(caller);
        let waker = waker();
        let mut shared = self.lock();
        if shared.try_acquire(task) {
            self.publish(&shared);
            drop(shared);
            drop((waiter, waker));
            return Poll::Ready(());
        }
        let replaced = shared.wait(task, waiter, waker, false);
        self.publish(&shared);
        drop(shared);
        drop(replaced);
        Poll::Pending
    }

    /// `task`, which has a permit, got no thread to take its place. Gives the permit back; the
    /// task waits for another attempt, unless there were too many, and it is not `patient`.
    pub(crate) fn poll_refused(
        &self,
        task: usize,
        caller: Caller<'_>,
        waker: Option<Waker>,
        patient: bool,
    ) -> Poll<Refused> {
        let waiter = Waiter::from(caller);
        let mut shared = self.lock();
        let refused = (self.refused.load(Relaxed) + 1).min(ATTEMPTS);
        self.refused.store(refused, Relaxed);
        if refused == ATTEMPTS && !patient {
            // The next one that waits gets its error.
            self.give_back_with(shared);
            drop((waiter, waker));
            return Poll::Ready(Refused);
        }
        shared.free += 1;
        // The others are to get their errors.
        let front = refused < ATTEMPTS;
        let replaced = shared.wait(task, waiter, waker, front);
        self.publish(&shared);
        drop(shared);
        drop(replaced);
        Poll::Pending
    }

    /// A closure has a thread to take its place, or needs none: others may have one too.
    #[inline]
    pub(crate) fn succeeded(&self) {
        if self.refused.load(Relaxed) != 0 {
            self.refused.store(0, Relaxed);
        }
        if self.is_stalled() {
            self.retry();
        }
    }

    /// Whether tasks wait though permits are free: somebody has to call [`retry`](Self::retry).
    #[inline]
    pub(crate) fn is_stalled(&self) -> bool {
        self.stalled.load(Relaxed)
    }

    /// Lets one task try again to get a thread, if any waits though permits are free.
    pub(crate) fn retry(&self) {
        let mut shared = self.lock();
        if shared.free > 0 && shared.somebody_waits() {
            shared.free -= 1;
            self.give_back_with(shared);
        }
    }

    /// A permit for `task`, if one is free.
    pub(crate) fn try_acquire(&self, task: usize) -> bool {
        let mut shared = self.lock();
        let acquired = shared.try_acquire(task);
        self.publish(&shared);
        acquired
    }

    /// Gives a permit back: to who waits longest, if anybody does.
    pub(crate) fn give_back(&self) {
        self.give_back_with(self.lock());
    }

    fn give_back_with(&self, mut shared: MutexGuard<'_, Shared>) {
        let woken = shared.give_back();
        self.publish(&shared);
        drop(shared);
        let Some((waiters, task)) = woken else { return };
        for waiter in waiters {
            thread::guard("a waker", || waiter.wake());
        }
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Whether `task` has been granted a permit. To be asked when its poll has begun, so that a later
    /// grant wakes it for another one.
    #[inline]
    pub(crate) fn is_granted(&self, task: usize) -> bool {
        self.known.load(Relaxed) != 0 && self.is_known_granted(task)
    }

    fn is_known_granted(&self, task: usize) -> bool {
        self.lock().tasks.get(&task).is_some_and(|entry| entry.place.is_none())
    }

    /// `task`, which had been granted a permit, was polled: if it did not use it, others may. If it is
    /// polled elsewhere by now, and was granted another one, it loses that one and its place.
    pub(crate) fn give_back_unused(&self, task: usize) {
        let mut shared = self.lock();
        if shared.take_granted(task) {
            self.give_back_with(shared);
        }
    }

    /// `task` has ended.
    #[inline]
    pub(crate) fn forget(&self, task: usize) {
        if self.known.load(Relaxed) != 0 {
            self.forget_known(task);
        }
    }

    fn forget_known(&self, task: usize) {
        let mut shared = self.lock();
        if shared.take_granted(task) {
            return self.give_back_with(shared);
        }
        let waited = shared.tasks.remove(&task);
        shared.tidy();
        self.publish(&shared);
        drop(shared);
        thread::guard("the destructor of a waker", || drop(waited));
    }

    /// Forgets all tasks: the pool has ended.
    pub(crate) fn clear(&self) {
        let mut shared = self.lock();
        let waited = mem::take(&mut shared.tasks);
        shared.queue.clear();
        shared.granted = 0;
        self.publish(&shared);
        drop(shared);
        thread::guard("the destructor of a waker", || drop(waited));
    }

    fn publish(&self, shared: &Shared) {
        self.known.store(shared.tasks.len(), Relaxed);
        self.stalled.store(shared.free > 0 && shared.somebody_waits(), Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
