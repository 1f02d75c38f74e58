//! From an event to a wake: one source as its reactor and its tasks both see it.
//!
//! # The word
//!
//! ```text
//!  63       52 51        32 31        12    11     10  9   5 4   0
//! ┌───────────┬────────────┬────────────┬───────┬────┬─────┬─────┐
//! │generation │ write tick │ read tick  │WRITERS│GONE│write│read │
//! └───────────┴────────────┴────────────┴───────┴────┴─────┴─────┘
//! ```
//!
//! Five flags for each direction:
//!
//! | flag | meaning | set by | cleared by |
//! |---|---|---|---|
//! | `READY` | the next operation may succeed | `event` | `clear`, `take` |
//! | `CLOSED` | nothing more happens in this direction | `event` | `clear` |
//! | `ERROR` | an error is pending | `event` | `clear`, `take` |
//! | `UNTRIED` | bound just now: an operation may as well try | `occupy` | `clear` |
//! | `CROWDED` | tasks wait in the list too | who adds to the list, under its lock | who empties the list, under its lock |
//!
//! and for both: `GONE`, the reactor is no more; set by `close`, for good. `WRITERS` says that there
//! is room for tasks that wait to write, which most sources never need; set by the first one before
//! it registers. The room itself stays for the slot's later owners.
//!
//! `CLOSED` stays when readiness is taken or a short read clears it, for it will not be announced
//! again. Only an operation that was tried *because* of it and would block proves it wrong, and
//! clears it: systems announce a close of sockets that are not yet connected, and of UDP sockets
//! that were told of an unreachable port. Kept against the evidence, it would make the task spin.
//!
//! # Ticks and generations
//!
//! Each event adds one to the tick of each direction that it concerns. `clear` compares the tick
//! of its own direction with the one that the task saw: if it moved, there is a newer event, and
//! nothing is cleared. The other direction's tick does not matter to it. A tick wraps around in
//! its field; a newer event is overlooked only if exactly a multiple of 2^20 events come between
//! a look and its `clear`.
//!
//! The generation is part of the token that the system hands back. An event changes the word only
//! if the generations agree, so what comes late for a freed slot changes nothing, and wakes
//! nobody. A slot may be freed and reused between an event's change of the word and its wake; then
//! the new owner is woken, looks, and waits again.
//!
//! # Transitions
//!
//! | event | the word | then |
//! |---|---|---|
//! | `event` (of the system, or of a program that says what it did itself) | flags set, ticks + 1; nothing if the generation differs | wakes the direction's tasks |
//! | `poll_ready` | `WRITERS` on, if it is to write and has to wait | registers if not ready, looks again |
//! | `clear` | `READY`, `CLOSED`, `ERROR`, `UNTRIED` off, if the tick is the one seen | – |
//! | `take` | `READY` and `ERROR` off | – |
//! | `occupy` | `UNTRIED` on, in both directions | – |
//! | `vacate` | generation + 1, flags off | drops the waiters |
//! | `close` | `GONE` on | wakes all tasks, drops the waiters |
//!
//! # Ordering
//!
//! | operation | order | pairs with | so that |
//! |---|---|---|---|
//! | `event`, `close`: update | Release | the loads of `poll_ready` | who sees the flag sees what led to it |
//! | the same | Acquire | `WRITERS`: set | the room is there for who sees the flag |
//! | `WRITERS`: set | Release | `event`, `close` | as above |
//! | `WRITERS`: look before | Relaxed | – | saves the update; the room is found by a lock of its own |
//! | `poll_ready`: loads | Acquire | `event`, `close` | as above |
//! | `CROWDED`: set and cleared | Relaxed | – | under the list's lock, which orders it |
//! | `clear`: exchange | Relaxed | – | it publishes nothing, and as a read-modify-write keeps `event`'s release alive |
//! | `take`: exchange | Acquire | `event` | as for `poll_ready` |
//! | `occupy`, `vacate`: update | Relaxed | – | the list of free slots orders owners |
//!
//! # No wake is lost
//!
//! *A task in the cell.* `event` changes the word, then wakes the cell; `poll_ready` registers in
//! the cell, then looks at the word. Both meet in the cell's own word, so one comes first there:
//! either the wake finds the task, or the second look finds the event.
//!
//! *The first task that waits to write.* It sets `WRITERS` before it registers, by an update of the
//! word that `event` updates too. If `event` is first, the task's second look finds the event; if
//! the task is first, `event` sees `WRITERS`, and the paragraph above holds.
//!
//! *A task in the list.* It was displaced from the cell by another task, or registered while it
//! was in the list. Who adds to the list then sets `CROWDED`, a read-modify-write of the word that
//! `event` changes too. If `event` is first, the addition sees its flags and wakes the list; if
//! the addition is first, `event` sees `CROWDED` and wakes the list. Flags that were cleared in
//! between were cleared by a task that found that it would block: there is nothing to wait for yet.
//! A list that is full is emptied by waking all in it: each of them comes back, and is then a task
//! in the cell.
//!
//! *Shutdown.* `close` is an event for both directions. A task that registers meanwhile sees
//! `GONE` at its second look, and then does what `close` does: wakes all, and leaves none behind. It
//! may be there before `close` has woken anybody, so it must not just drop them.
//!
//! `model.rs` checks all of these.

use crate::sync::AtomicU64;
use crate::waiters::Waiters;
use crate::{Direction, Ready};
use std::io;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::task::Poll;
use tokio_task::panics::Panics;
use tokio_task::Caller;

mod lazy;
#[cfg(all(test, tokio_loom))]
mod model;

use self::lazy::Lazy;

/// Room for one source. What an event to read touches stands at the start of a cache line.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Slot {
    word: AtomicU64,
    readers: Waiters,
    writers: Lazy,
}

/// What a task saw when it looked; the ticket for [`Slot::clear`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen(u64);

/// The reactor is no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gone;

impl From<Gone> for io::Error {
    fn from(_: Gone) -> io::Error {
        io::Error::other("reactor gone")
    }
}

/// How many times slots are reused before a late event could be taken for a new one.
// Used by assertions about constants, which not every compiler counts as a use.
#[allow(dead_code)]
pub(crate) const GENERATIONS: u64 = 1 << (u64::BITS - GENERATION_SHIFT);

/// Flags of one direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags(u64);

impl Flags {
    /// An operation is worth a try.
    pub(crate) const TRY: Flags = Flags(READY | CLOSED | ERROR | UNTRIED);
    /// The system reported something.
    pub(crate) const REPORTED: Flags = Flags(READY | CLOSED | ERROR);
    /// The system reported something other than data or room.
    pub(crate) const ENDED: Flags = Flags(CLOSED | ERROR);
    /// What is reported again when it comes again.
    pub(crate) const TRANSIENT: Flags = Flags(READY | ERROR | UNTRIED);

    /// What `poll_read_ready` of futures 0.1 waits for, which asks for the states of `mask`.
    pub(crate) fn to_read(mask: Ready) -> Flags {
        assert!(!mask.is_writable(), "cannot poll a source's read side for write readiness");
        if mask.is_readable() {
            Flags::REPORTED
        } else {
            Flags::ENDED
        }
    }

    const fn of(self, direction: Direction) -> u64 {
        self.0 << SHIFT[direction as usize]
    }
}

impl Slot {
    pub(crate) fn new() -> Self {
        Slot { word: AtomicU64::new(0), readers: Waiters::new(), writers: Lazy::new() }
    }

    /// The slot gets an owner. Returns the generation of its token.
    pub(crate) fn occupy(&self) -> u64 {
        let untried = Flags(UNTRIED).of(Direction::Read) | Flags(UNTRIED).of(Direction::Write);
        self.word.fetch_or(untried, Relaxed) >> GENERATION_SHIFT
    }

    /// The slot loses its owner: no event of before will touch it.
    pub(crate) fn vacate(&self) {
        // Wraps around in the field, which is the highest.
        let next = |word: u64| Some((word & !FLAGS).wrapping_add(1 << GENERATION_SHIFT));
        let _ = self.word.fetch_update(Relaxed, Relaxed, next);
        let mut panics = Panics::none();
        self.readers.clear(&mut panics);
        if let Some(writers) = self.writers.get() {
            writers.clear(&mut panics);
        }
        panics.resume();
    }

    /// The system reported `ready` for the owner of `generation`.
    #[inline]
    pub(crate) fn event(&self, generation: u64, ready: Ready) {
        let flags = flags_of(ready);
        if flags == [0, 0] {
            return;
        }
        let mut before = self.word.load(Relaxed);
        loop {
            if before >> GENERATION_SHIFT != generation {
                return;
            }
            let after = after_event(before, flags);
            match self.word.compare_exchange_weak(before, after, AcqRel, Relaxed) {
                Ok(_) => break,
                Err(now) => before = now,
            }
        }
        let mut panics = Panics::none();
        for direction in [Direction::Read, Direction::Write] {
            if flags[direction as usize] != 0 {
                self.wake(direction, before, &mut panics);
            }
        }
        panics.resume();
    }

    /// The reactor is gone: wakes everyone, and forgets them.
    pub(crate) fn close(&self) {
        let before = self.word.fetch_or(GONE, AcqRel);
        let mut panics = Panics::none();
        for direction in [Direction::Read, Direction::Write] {
            if let Some(waiters) = self.waiters(direction, before) {
                waiters.end(&mut panics);
            }
        }
        panics.resume();
    }

    /// Ready, or `caller` will be woken.
    #[inline]
    pub(crate) fn poll_ready(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        until: Flags,
    ) -> Poll<Result<Seen, Gone>> {
        match self.look(direction, until) {
            Poll::Pending => self.register(caller, direction, until),
            ready => ready,
        }
    }

    /// What is there now. Registers nobody.
    #[inline]
    pub(crate) fn look(&self, direction: Direction, until: Flags) -> Poll<Result<Seen, Gone>> {
        judge(self.word.load(Acquire), direction, until)
    }

    #[cold]
    fn register(
        &self,
        caller: Caller<'_>,
        direction: Direction,
        until: Flags,
    ) -> Poll<Result<Seen, Gone>> {
        let waiters = match direction {
            Direction::Read => &self.readers,
            Direction::Write => self.make_writers(),
        };
        let crowded = Flags(CROWDED).of(direction);
        let mut panics = Panics::none();
        let known = self.word.load(Relaxed) & crowded != 0 && waiters.has_in_crowd(caller);
        if !known {
            if let Some(displaced) = waiters.register(caller) {
                let word = waiters.add_to_crowd(displaced, &self.word, crowded, &mut panics);
                if judge(word, direction, Flags::REPORTED).is_ready() {
                    waiters.wake_crowd(&self.word, crowded, &mut panics);
                }
            }
        }
        let look = self.look(direction, until);
        if let Poll::Ready(Err(Gone)) = look {
            // `close` may have been here already: then nobody else drops the waiter. Or it has yet
            // to come, to those whom this would drop without a wake.
            waiters.end(&mut panics);
        }
        panics.resume();
        look
    }

    /// What was `seen` is used up: forgets it, as far as it is in `flags`, unless there is a newer
    /// event.
    #[inline]
    pub(crate) fn clear(&self, seen: Seen, direction: Direction, flags: Flags) {
        let mut word = self.word.load(Relaxed);
        while (word ^ seen.0) & TICKS[direction as usize] == 0 {
            let cleared = word & !flags.of(direction);
            match self.word.compare_exchange_weak(word, cleared, Relaxed, Relaxed) {
                Ok(_) => return,
                Err(now) => word = now,
            }
        }
    }

    /// Takes the readiness that the system reported; a close stays.
    pub(crate) fn take(&self, direction: Direction) -> Poll<Result<Seen, Gone>> {
        let mut word = self.word.load(Relaxed);
        loop {
            let look = judge(word, direction, Flags::REPORTED);
            if !matches!(look, Poll::Ready(Ok(_))) {
                return look;
            }
            let taken = word & !Flags(READY | ERROR).of(direction);
            match self.word.compare_exchange_weak(word, taken, Acquire, Relaxed) {
                Ok(_) => return look,
                Err(now) => word = now,
            }
        }
    }

    fn wake(&self, direction: Direction, before: u64, panics: &mut Panics) {
        let Some(waiters) = self.waiters(direction, before) else { return };
        let crowded = Flags(CROWDED).of(direction);
        waiters.wake(panics);
        if before & crowded != 0 {
            waiters.wake_crowd(&self.word, crowded, panics);
        }
    }

    /// Those who wait in `direction`, if the word says that there is room for them.
    fn waiters(&self, direction: Direction, word: u64) -> Option<&Waiters> {
        match direction {
            Direction::Read => Some(&self.readers),
            Direction::Write if word & WRITERS == 0 => None,
            Direction::Write => self.writers.get(),
        }
    }

    fn make_writers(&self) -> &Waiters {
        let writers = self.writers.get_or_make();
        if self.word.load(Relaxed) & WRITERS == 0 {
            self.word.fetch_or(WRITERS, Release);
        }
        writers
    }
}

impl Seen {
    /// What the system reported for `direction`.
    pub(crate) fn ready(self, direction: Direction) -> Ready {
        let flags = self.0 >> SHIFT[direction as usize];
        [
            (READY, Ready::to_do(direction)),
            (CLOSED, Ready::closed(direction)),
            (ERROR, Ready::error()),
        ]
        .into_iter()
        .filter(|(flag, _)| flags & flag != 0)
        .fold(Ready::empty(), |all, (_, ready)| all | ready)
    }

    /// True if nothing more happens in `direction`, or an error is pending.
    pub(crate) fn ended(self, direction: Direction) -> bool {
        self.0 & Flags::ENDED.of(direction) != 0
    }

    /// When it was seen: all that `clear` needs.
    pub(crate) fn tick(self, direction: Direction) -> u32 {
        ((self.0 & TICKS[direction as usize]) >> TICK_SHIFT[direction as usize]) as u32
    }

    /// Something that was seen at `tick` in `direction`.
    pub(crate) fn at(tick: u32, direction: Direction) -> Seen {
        Seen(u64::from(tick) << TICK_SHIFT[direction as usize])
    }
}

#[inline]
fn judge(word: u64, direction: Direction, until: Flags) -> Poll<Result<Seen, Gone>> {
    if word & GONE != 0 {
        Poll::Ready(Err(Gone))
    } else if word & until.of(direction) != 0 {
        Poll::Ready(Ok(Seen(word)))
    } else {
        Poll::Pending
    }
}

/// The word after an event that sets `flags`.
#[inline]
fn after_event(word: u64, flags: [u64; 2]) -> u64 {
    let mut next = word;
    for direction in [Direction::Read, Direction::Write] {
        let at = direction as usize;
        if flags[at] != 0 {
            // Wraps around in its field.
            let tick = (next & TICKS[at]).wrapping_add(1 << TICK_SHIFT[at]) & TICKS[at];
            next = (next & !TICKS[at]) | tick | flags[at] << SHIFT[at];
        }
    }
    next
}

/// What `ready` says about each direction.
#[inline]
fn flags_of(ready: Ready) -> [u64; 2] {
    let flag = |there: bool, flag: u64| if there { flag } else { 0 };
    [Direction::Read, Direction::Write].map(|direction| {
        flag(ready.contains(Ready::to_do(direction)), READY)
            | flag(ready.contains(Ready::closed(direction)), CLOSED)
            | flag(ready.is_error(), ERROR)
    })
}

const READY: u64 = 0b0_0001;
const CLOSED: u64 = 0b0_0010;
const ERROR: u64 = 0b0_0100;
const UNTRIED: u64 = 0b0_1000;
const CROWDED: u64 = 0b1_0000;

/// Where the flags of a direction are, and its tick; indexed by the direction.
const SHIFT: [u32; 2] = [0, 5];
const TICK_SHIFT: [u32; 2] = [12, 32];
const TICKS: [u64; 2] = [0xF_FFFF << 12, 0xF_FFFF << 32];

const GONE: u64 = 1 << 10;
const WRITERS: u64 = 1 << 11;
const FLAGS: u64 = 0xFFF;
const GENERATION_SHIFT: u32 = 52;
