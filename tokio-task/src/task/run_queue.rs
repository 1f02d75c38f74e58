//! A worker's queue: its owner pushes and pops, first in, first out; others steal half of it.
//!
//! ```text
//!                 head: claimed by compare-exchange        tail: moved by the owner
//!                  ▼                                         ▼
//! buffer  ┌─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┬─────┐
//!         │ old │  A  │  B  │  C  │  D  │  E  │  F  │  G  │     │     │  a ring of 2^n slots
//!         └─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┴─────┘
//!                 └ a pop claims A; a thief claims A to D at once
//! ```
//!
//! Head and tail only grow; a slot is found by an index modulo the ring's length. Whoever moves
//! `head` from `h` to `h + n` has the queue entries `h .. h + n`, nobody else. The slots are read
//! before that, so they may turn out to have been overwritten; then the exchange fails.
//!
//! The owner replaces a ring that is full by one of twice the length, and a large one that is empty
//! by a small one. A thief may still read the one before: it is *retired*, and freed when the owner
//! finds that no thief is at work.
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `push`, `steal`: store of `tail` | Release | thief's load of `tail` | the thief sees the slots, what the tasks hold, and the ring that they are in |
//! | thief: load of `tail` | Acquire | the stores of `tail` | as above |
//! | thief: load of `buffer`, after that of `tail` | Acquire | the store of `buffer` | it sees the ring whole |
//! | `replace`: store of `buffer` | Release | the thief's load | as above; the look at `head` before it comes before the thief's exchange |
//! | thief: exchange of `head` | Release, Relaxed when it fails | owner's load of `head` in `make_room` | the owner overwrites a slot after the thief has read it |
//! | `make_room`: load of `head` | Acquire | thief's exchange | as above |
//! | `pop`: load and exchange of `head` | Relaxed | – | the owner wrote the slot itself; the exchange continues the release sequence of a thief's |
//! | thief: load of `head` | Relaxed | – | a stale one makes the exchange fail |
//! | thief: count in, then `fence(SeqCst)` | SeqCst | the fence in `free_retired` | see below |
//! | `free_retired`: `fence(SeqCst)`, then load of the count | SeqCst, Acquire | the fence of the thief; the thief's count out | see below; the ring is freed after the thief's last look |
//! | thief: count out | Release | `free_retired` | as above |
//! | `len`, `is_empty` | Relaxed | – | a hint to others; to the owner exact but for what is just being stolen |
//!
//! The pair of `make_room` and the thief's exchange is there for machines on which a load may take its
//! value from a store that comes after it. loom performs loads in the order of the program, so no
//! model can show what goes wrong without: these two are argued, here and below, not checked.
//!
//! # No task is lost, and none is had twice
//!
//! Two successful exchanges claim ranges that do not overlap, and together all indices up to
//! `head`: `head` only grows, one exchange after the other. What is left to show is that an exchange
//! that succeeds has read the right slots. A thief that saw `tail` at `t` sees a ring that holds
//! `h .. t`, or a newer one: that was filled from a `head` not above `h`, since the owner's look at it
//! happens before the thief's exchange. In a retired ring nothing is overwritten. In the current one
//! the owner overwrites the slot of `i` only after it saw `head` above `i`; that was moved by the
//! exchange which claimed `i`, after its slot was read.
//!
//! # No ring is freed under a thief
//!
//! The owner stores the new ring, then looks at the count of thieves; a thief counts itself in, then
//! loads the ring. Between each pair stands a `SeqCst` fence, and one of the fences comes first. If
//! the owner's does, the thief finds the new ring. If the thief's does, the owner sees it counted,
//! and leaves what is retired for the next time.
//!
//! (Indices wrap around. A thief would have to pause while exactly as many tasks go by as an index
//! has values, 2^32 on a small machine, to take an old `head` for a new one.)

// A thief may still have a retired ring's address.
#![allow(clippy::vec_box)]

use super::header::Header;
use super::Task;
use crate::sync::{fence, AtomicPtr, AtomicUsize, Mutex, MutexGuard, UnsafeCell};
use crossbeam_utils::CachePadded;
use std::cell::Cell;
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::{Arc, PoisonError};

#[cfg(all(test, tokio_loom))]
mod model;

/// The length of a small ring.
const SMALL: usize = if cfg!(any(tokio_loom, tokio_shuttle)) { 2 } else { 256 };

/// The most tasks that are stolen at once.
const LOOT: usize = if cfg!(any(tokio_loom, tokio_shuttle)) { 2 } else { 128 };

/// A queue of tasks, first in, first out, for the one worker that owns it.
///
/// It grows as it has to, and takes no lock. Tasks that are still there when it and all its
/// [`Stealer`]s are dropped are cancelled.
pub struct RunQueue {
    shared: Arc<Shared>,
    /// The current ring.
    ring: Cell<NonNull<Ring>>,
    /// The same as in `shared`, where only the owner changes it.
    tail: Cell<usize>,
    /// A `head` of some time ago.
    head: Cell<usize>,
}

// SAFETY: it owns its rings, and holds queue entries, which may be sent.
unsafe impl Send for RunQueue {}

/// Takes tasks from another worker's [`RunQueue`].
#[derive(Clone)]
pub struct Stealer(Arc<Shared>);

struct Shared {
    head: CachePadded<AtomicUsize>,
    tail: CachePadded<AtomicUsize>,
    ring: AtomicPtr<Ring>,
    /// Those who may be reading a ring.
    thieves: AtomicUsize,
    /// Only the owner locks it; it is here because thieves may outlive the owner.
    retired: Mutex<Vec<Box<Ring>>>,
}

// SAFETY: the tasks in the ring are queue entries, which may be sent; all else is atomic.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

struct Ring {
    slots: Box<[AtomicPtr<Header>]>,
    /// Lets the models see when the ring is freed, and when it is read.
    life: UnsafeCell<()>,
}

impl Ring {
    fn new(len: usize) -> NonNull<Ring> {
        debug_assert!(len.is_power_of_two());
        let slots = (0..len).map(|_| AtomicPtr::new(ptr::null_mut())).collect();
        NonNull::from(Box::leak(Box::new(Ring { slots, life: UnsafeCell::new(()) })))
    }

    #[inline]
    fn slot(&self, index: usize) -> &AtomicPtr<Header> {
        let at = index & (self.slots.len() - 1);
        // SAFETY: the length is a power of two, so this is less.
        unsafe { self.slots.get_unchecked(at) }
    }
}

impl RunQueue {
    /// An empty queue.
    pub fn new() -> RunQueue {
        let ring = Ring::new(SMALL);
        let shared = Shared {
            head: CachePadded::new(AtomicUsize::new(0)),
            tail: CachePadded::new(AtomicUsize::new(0)),
            ring: AtomicPtr::new(ring.as_ptr()),
            thieves: AtomicUsize::new(0),
            retired: Mutex::new(Vec::new()),
        };
        RunQueue {
            shared: Arc::new(shared),
            ring: Cell::new(ring),
            tail: Cell::new(0),
            head: Cell::new(0),
        }
    }

    /// What others take tasks with.
    pub fn stealer(&self) -> Stealer {
        Stealer(self.shared.clone())
    }

    /// How many tasks there are; some of them may be on their way to a thief.
    #[inline]
    pub fn len(&self) -> usize {
        self.tail.get().wrapping_sub(self.shared.head.load(Relaxed))
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a task at the end.
    #[inline]
    pub fn push(&self, task: Task) {
        self.make_room(1);
        let tail = self.tail.get();
        self.ring().slot(tail).store(task.into_header().as_ptr(), Relaxed);
        self.set_tail(tail.wrapping_add(1));
    }

    /// Takes the task that has waited longest.
    #[inline]
    pub fn pop(&self) -> Option<Task> {
        let mut head = self.shared.head.load(Relaxed);
        loop {
            if head == self.tail.get() {
                return None;
            }
            let task = self.ring().slot(head).load(Relaxed);
            let next = head.wrapping_add(1);
            match self.shared.head.compare_exchange_weak(head, next, Relaxed, Relaxed) {
                Ok(_) => return NonNull::new(task).map(Task),
                Err(now) => head = now,
            }
        }
    }

    /// Gives back memory that a long queue has left behind. For a moment without work.
    pub fn shrink(&self) {
        if self.ring().slots.len() > SMALL && self.is_empty() {
            self.replace(Ring::new(SMALL));
        }
        self.free_retired();
    }

    #[inline]
    fn ring(&self) -> &Ring {
        // SAFETY: the current ring is freed neither by `free_retired` nor before the queue is.
        unsafe { self.ring.get().as_ref() }
    }

    #[inline]
    fn set_tail(&self, tail: usize) {
        self.tail.set(tail);
        self.shared.tail.store(tail, Release);
    }

    /// Sees that so many tasks can be added.
    #[inline]
    fn make_room(&self, tasks: usize) {
        let needed = |head: usize| self.tail.get().wrapping_sub(head) + tasks;
        if needed(self.head.get()) > self.ring().slots.len() {
            self.head.set(self.shared.head.load(Acquire));
            if needed(self.head.get()) > self.ring().slots.len() {
                self.grow(needed(self.head.get()));
            }
        }
    }

    #[cold]
    fn grow(&self, len: usize) {
        let new = Ring::new(len.next_power_of_two().max(2 * self.ring().slots.len()));
        // SAFETY: it was made just now.
        let ring = unsafe { new.as_ref() };
        let mut index = self.head.get();
        while index != self.tail.get() {
            ring.slot(index).store(self.ring().slot(index).load(Relaxed), Relaxed);
            index = index.wrapping_add(1);
        }
        self.replace(new);
        self.free_retired();
    }

    fn replace(&self, new: NonNull<Ring>) {
        let old = self.ring.replace(new);
        self.shared.ring.store(new.as_ptr(), Release);
        // SAFETY: rings are leaked boxes; this one is no longer the current one, so it is owned by
        // the list of retired ones alone.
        self.retired().push(unsafe { Box::from_raw(old.as_ptr()) });
    }

    fn retired(&self) -> MutexGuard<'_, Vec<Box<Ring>>> {
        self.shared.retired.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Frees the rings before this one, unless somebody may be reading one.
    fn free_retired(&self) {
        let mut retired = self.retired();
        if retired.is_empty() {
            return;
        }
        fence(SeqCst);
        if self.shared.thieves.load(Acquire) == 0 {
            for ring in retired.drain(..) {
                ring.life.with_mut(|_| ());
            }
            retired.shrink_to_fit();
        }
    }
}

impl Stealer {
    /// How many tasks there are, about.
    pub fn len(&self) -> usize {
        let head = self.0.head.load(Relaxed);
        let len = self.0.tail.load(Relaxed).wrapping_sub(head);
        // The tail may be older than the head.
        if len > usize::MAX / 2 {
            0
        } else {
            len
        }
    }

    /// Whether there is none, as far as one can see.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes half of the tasks: the one that has waited longest is returned, the others are added to
    /// `thief`, which is another worker's queue than this one.
    pub fn steal(&self, thief: &RunQueue) -> Option<Task> {
        debug_assert!(!Arc::ptr_eq(&self.0, &thief.shared), "nobody steals from themselves");
        let shared = &*self.0;
        if self.is_empty() {
            return None;
        }
        // Not counted down if something below panicked: then retired rings are kept. But only
        // memory can run out here, and that does not unwind.
        shared.thieves.fetch_add(1, Relaxed);
        fence(SeqCst);
        let first = self.claim(thief);
        shared.thieves.fetch_sub(1, Release);
        first
    }

    fn claim(&self, thief: &RunQueue) -> Option<Task> {
        let shared = &*self.0;
        let mut head = shared.head.load(Relaxed);
        loop {
            let tail = shared.tail.load(Acquire);
            let len = tail.wrapping_sub(head);
            if len == 0 || len > usize::MAX / 2 {
                return None;
            }
            let loot = (len - len / 2).min(LOOT);
            // SAFETY: a ring that is loaded while this thief is counted is not freed.
            let ring = unsafe { &*shared.ring.load(Acquire) };
            thief.make_room(loot - 1);
            let first = ring.life.with(|_| ring.slot(head).load(Relaxed));
            for i in 1..loot {
                let task = ring.slot(head.wrapping_add(i)).load(Relaxed);
                let to = thief.tail.get().wrapping_add(i - 1);
                thief.ring().slot(to).store(task, Relaxed);
            }
            let next = head.wrapping_add(loot);
            match shared.head.compare_exchange(head, next, Release, Relaxed) {
                Ok(_) => {
                    if loot > 1 {
                        thief.set_tail(thief.tail.get().wrapping_add(loot - 1));
                    }
                    return NonNull::new(first).map(Task);
                }
                Err(now) => head = now,
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let (mut head, tail) = (self.head.load(Relaxed), self.tail.load(Relaxed));
        // SAFETY: nobody refers to the ring any more.
        let ring = unsafe { Box::from_raw(self.ring.load(Relaxed)) };
        while head != tail {
            drop(NonNull::new(ring.slot(head).load(Relaxed)).map(Task));
            head = head.wrapping_add(1);
        }
    }
}

impl Default for RunQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RunQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunQueue").field("len", &self.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Stealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stealer").field("len", &self.len()).finish_non_exhaustive()
    }
}
