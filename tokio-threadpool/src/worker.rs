//! The loop of a worker: find a task, run it, ask the driver now and then, sleep.

use crate::core::Core;
use crate::lifecycle::Stage;
use crate::pool::{Pool, LONG_QUEUE};
use crate::processor::{self, Processor, Thread};
use crate::sync::{now, thread_local};
use crate::Sender;
use std::cell::{Cell, UnsafeCell};
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;
use std::task::Waker;
use std::time::{Duration, Instant};
use tokio_task::{Owned, Runner, Task};

#[cfg(all(test, target_os = "linux", not(any(tokio_loom, miri, tokio_shuttle))))]
#[forbid(unsafe_code)]
mod crowded;
#[forbid(unsafe_code)]
mod rest;
#[forbid(unsafe_code)]
mod standby;

/// Every so many ticks a worker looks at the injector first.
const PERIOD: u32 = 61;

/// At least every so many ticks it looks at the clock; more often when polls take long, so that it
/// does about once in `BUSY`.
const CLOCK: u32 = 32;

/// After so many ticks it asks the driver, unless it has just done so.
const TURN: u32 = 64;

/// So long ago is just now: asking takes a microsecond, and many polls together do not.
const JUST_NOW: Duration = Duration::from_micros(20);

/// Ticks wrap around: one that is less than this behind has gone by, any other is to come.
const HALF: u32 = u32::MAX / 2;

/// A worker that has been busy for so long asks the driver, and gets help.
const BUSY: Duration = Duration::from_micros(200);

/// How many tasks in a row may come from the next-to-run slot.
const STREAK: u8 = 3;

/// Identifies a worker of a pool: a number from 0 to the pool's size.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkerId(pub(crate) usize);

impl WorkerId {
    /// The number.
    pub fn to_usize(&self) -> usize {
        self.0
    }
}

/// A thread that works for a pool, as [`Builder::around_worker`](crate::Builder::around_worker)
/// shows it.
///
/// While a task on this thread blocks, in [`blocking`](crate::blocking), the worker's queue moves
/// to another thread; later this thread may go on as another worker.
pub struct Worker {
    pool: Arc<Pool>,
    /// What this thread spawns by.
    sender: Sender,
    thread: Thread,
    /// None while this thread works for no queue. Only [`Worker::take_core`] and
    /// [`Worker::run`] change it.
    core: UnsafeCell<Option<Box<Core>>>,
    id: Cell<usize>,
    /// The driver is handing out events on this thread: wakes go to the back of the queue.
    driving: Cell<bool>,
    /// Identifies the task that is being polled; 0 for none.
    task: Cell<usize>,
    /// That task had been granted a permit when its poll began, and has not used it.
    granted: Cell<bool>,
    /// The permit of a task that blocked, and lost its core meanwhile: so there are never more
    /// threads than workers and permits.
    has_permit: Cell<bool>,
    /// `run` has come to its end.
    done: Cell<bool>,
    /// It stays on its thread.
    _stays: PhantomData<*const ()>,
}

thread_local! {
    static CURRENT: Cell<*const Worker> = const { Cell::new(ptr::null()) };
}

/// Calls `f` if this thread has a core of `pool`.
#[inline]
pub(crate) fn with_current<R>(
    pool: &Arc<Pool>,
    f: impl for<'a> FnOnce(&'a Worker, &'a Core) -> R,
) -> Option<R> {
    let worker = CURRENT.try_with(Cell::get).unwrap_or(ptr::null());
    // SAFETY: `Worker::make_current` sets the pointer, and `Current`, which borrows the worker,
    // resets it. It is not forgotten: `thread.rs` keeps it in a local.
    let worker = unsafe { worker.as_ref() }?;
    if !Arc::ptr_eq(&worker.pool, pool) {
        return None;
    }
    worker.core().map(|core| f(worker, core))
}

/// This thread's worker; dropping this ends that.
pub(crate) struct Current<'a> {
    /// The worker is where it was when this was made, and on its thread.
    _worker: PhantomData<&'a Worker>,
}

impl Drop for Current<'_> {
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|current| current.set(ptr::null()));
    }
}

/// Calls `f` with the worker of this thread, if it is one, of whatever pool.
pub(crate) fn with_any<R>(f: impl FnOnce(Option<&Worker>) -> R) -> R {
    let worker = CURRENT.try_with(Cell::get).unwrap_or(ptr::null());
    // SAFETY: as above.
    f(unsafe { worker.as_ref() })
}

impl Worker {
    pub(crate) fn new(pool: Arc<Pool>, core: Box<Core>) -> Worker {
        Worker {
            sender: Sender::new(pool.clone()),
            thread: Thread::current(),
            pool,
            id: Cell::new(core.index),
            core: UnsafeCell::new(Some(core)),
            driving: Cell::new(false),
            task: Cell::new(0),
            granted: Cell::new(false),
            has_permit: Cell::new(false),
            done: Cell::new(false),
            _stays: PhantomData,
        }
    }

    /// Makes this the worker of this thread.
    pub(crate) fn make_current(&self) -> Current<'_> {
        let _ = CURRENT.try_with(|current| current.set(self));
        Current { _worker: PhantomData }
    }

    /// Which worker this thread is, or last was.
    pub fn id(&self) -> &WorkerId {
        &self.pool.remotes[self.id.get()].id
    }

    /// Works until the pool shuts down. For [`Builder::around_worker`](crate::Builder::around_worker),
    /// whose function calls it once; a second call returns at once.
    pub fn run(&self) {
        while !self.done.get() {
            if self.core().is_none() {
                // A task blocked: its thread now waits for another core.
                match self.pool.backups.wait(&self.pool, || self.give_permit_back()) {
                    Some(core) => self.put_core(core),
                    None => self.done.set(true),
                }
            } else if self.pool.lifecycle.stage() == Stage::Stopped {
                self.stop(Pool::finish);
                self.done.set(true);
            } else {
                self.step();
            }
        }
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// The task that is polled uses its permit: what it is granted from now on is for its next poll.
    pub(crate) fn use_permit(&self) {
        self.granted.set(false);
    }

    /// Keeps the permit of the task that is polled until this thread waits for a core.
    pub(crate) fn keep_permit(&self) {
        self.has_permit.set(true);
    }

    fn give_permit_back(&self) {
        if self.has_permit.take() {
            self.pool.permits.give_back();
        }
    }

    pub(crate) fn sender(&self) -> &Sender {
        &self.sender
    }

    /// A waker of the task that is being polled on this thread; None if none is.
    pub(crate) fn task_waker(&self) -> Option<Waker> {
        let id = self.task.get();
        // SAFETY: `run_task` sets the number before it polls, and resets it when the poll is over.
        // The task is not complete as long as its poll lasts.
        (id != 0).then(|| unsafe { Task::waker_of(id) })
    }

    /// Identifies the task that is being polled on this thread.
    pub(crate) fn task(&self) -> usize {
        self.task.get()
    }

    /// The core, if this thread has one.
    ///
    /// A task's poll may give it to another thread, which may drop it: so no function that polls
    /// takes it as an argument, or uses it afterwards without asking again.
    #[inline]
    pub(crate) fn core(&self) -> Option<&Core> {
        // SAFETY: `Worker` is not `Sync`, so only this thread gets here. The core is taken away by
        // `take_core` alone, which runs inside a poll of `Task::run`, or in `stop`. No borrow of the
        // core lasts across either: see `step`, `run_task` and `stop`.
        unsafe { (*self.core.get()).as_deref() }
    }

    pub(crate) fn take_core(&self) -> Option<Box<Core>> {
        // SAFETY: as in `core`.
        unsafe { (*self.core.get()).take() }
    }

    pub(crate) fn put_core(&self, core: Box<Core>) {
        self.id.set(core.index);
        // SAFETY: as in `core`; there is no core now, so nothing is borrowed from it.
        let none = unsafe { (*self.core.get()).replace(core) };
        debug_assert!(none.is_none());
    }

    /// Queues a task of this pool on this worker, to be run next.
    #[inline]
    pub(crate) fn push_next(&self, core: &Core, task: Task) {
        if self.driving.get() {
            core.queue.push(task);
        } else if let Some(before) = self.pool.remotes[core.index].next.replace(task) {
            core.queue.push(before);
        }
    }

    /// Runs one task, or sleeps once.
    #[inline]
    fn step(&self) {
        let Some(core) = self.core() else { return };
        let tick = core.tick.get().wrapping_add(1);
        core.tick.set(tick);
        self.pool.remotes[core.index].tick.store(tick, Relaxed);
        // Not before it has found a task: a standby that looks would look once more.
        if tick.wrapping_sub(core.next_house.get()) < HALF && !core.fresh.get() {
            self.keep_house(core, tick);
        }
        match self.find(core, tick) {
            Some(task) => {
                self.prepare(core);
                self.run_task(task);
            }
            None => self.rest(core),
        }
    }

    /// What has to be done now and then though there is work: asks the driver, takes back tasks that
    /// ended elsewhere, wakes a sleeper if there is too much, looks after the others if nobody sleeps.
    fn keep_house(&self, core: &Core, tick: u32) {
        let now = now();
        let ticks = match core.last_house.replace(Some((now, tick))) {
            Some((then, at)) => ticks_per_busy(now.duration_since(then), tick.wrapping_sub(at)),
            // How long a poll takes here, the next one will show.
            None => 1,
        };
        core.next_house.set(tick.wrapping_add(ticks));
        self.note_processor(core, now);
        self.pool.drain_returns(core);
        if self.pool.sleep.is_all_awake() {
            self.stand_in(core, now);
        } else if self.pool.sleep.may_wake() {
            self.get_help(core, now);
        }
        if self.pool.driver.is_none() && !self.pool.config.custom_park {
            return;
        }
        match core.last_turn.get() {
            Some((then, at)) => {
                let (time, ticks) = (now.duration_since(then), tick.wrapping_sub(at));
                if time >= BUSY || (ticks >= TURN && time >= JUST_NOW) {
                    core.last_turn.set(Some((now, tick)));
                    if !self.leaves_driver(core, now) {
                        self.turn(core);
                    }
                }
            }
            // It has just slept, and so asked.
            None => core.last_turn.set(Some((now, tick))),
        }
    }

    /// Says on which processor this worker works, or that it uses none: where tasks block their
    /// thread in the middle of a poll, the processor is free for others meanwhile.
    fn note_processor(&self, core: &Core, now: Instant) {
        if core.noted.get().is_some_and(|(then, _)| now - then < BUSY) {
            return;
        }
        let blocks = processor::blocks();
        let processor = &self.pool.remotes[core.index].processor;
        match core.noted.replace(Some((now, blocks))) {
            Some((_, before)) if before != blocks => processor.leave(),
            _ => processor.note(self.thread),
        }
    }

    fn find(&self, core: &Core, tick: u32) -> Option<Task> {
        let workers = self.pool.remotes.len();
        if tick % PERIOD == 0 {
            if let Some(task) = self.pool.injector.take(&core.queue, workers) {
                return Some(task);
            }
        }
        let next = &self.pool.remotes[core.index].next;
        if let Some(task) = next.take() {
            if core.streak.get() < STREAK {
                core.streak.set(core.streak.get() + 1);
                return Some(task);
            }
            core.queue.push(task);
        }
        core.streak.set(0);
        core.queue.pop().or_else(|| self.pool.injector.take(&core.queue, workers)).or_else(|| {
            if core.looked.take() {
                None
            } else {
                self.steal(core)
            }
        })
    }

    /// From the queues of the others. If they use all processors, then only from those whose thread
    /// blocks.
    fn steal(&self, core: &Core) -> Option<Task> {
        let crowded = self.is_crowded(core);
        self.others(core)
            .filter(|other| !crowded || !self.pool.remotes[*other].processor.is_used())
            .find_map(|other| self.steal_from(core, other))
    }

    /// Whether other workers use all the processors that this thread may run on.
    fn is_crowded(&self, core: &Core) -> bool {
        let others = self.others(core).map(|other| &self.pool.remotes[other].processor);
        let crowded = Processor::are_taken(others);
        let crowd = &self.pool.remotes[core.index].crowd;
        if crowded {
            crowd.note();
        } else if !self.pool.sleep.is_alone() {
            crowd.forget();
        }
        crowded
    }

    /// From another worker's queue: one task to run, and a share of the rest for this queue. As a
    /// last resort, if that worker is stuck, its next-to-run task.
    fn steal_from(&self, core: &Core, other: usize) -> Option<Task> {
        let remote = &self.pool.remotes[other];
        remote.stealer.steal(&core.queue).or_else(|| {
            if remote.is_stuck() {
                remote.next.take()
            } else {
                None
            }
        })
    }

    /// The other workers, starting with another one each time.
    fn others(&self, core: &Core) -> impl Iterator<Item = usize> + Clone {
        let (me, workers) = (core.index, self.pool.remotes.len());
        let start = core.tick.get() as usize % workers;
        (0..workers).map(move |i| (start + i) % workers).filter(move |other| *other != me)
    }

    /// What is to be done before a task is polled.
    #[inline]
    fn prepare(&self, core: &Core) {
        if core.fresh.get() {
            self.activate(core);
        }
        if core.busy_since.get().is_some() && core.queue.is_empty() {
            core.busy_since.set(None);
        }
    }

    #[inline]
    fn run_task(&self, task: Task) {
        let id = task.id();
        self.task.set(id);
        task.run(self);
        self.task.set(0);
        if self.granted.take() {
            self.pool.permits.give_back_unused(id);
        }
    }

    /// Says that this worker, which had slept, works again.
    fn activate(&self, core: &Core) {
        core.fresh.set(false);
        self.pool.remotes[core.index].processor.note(self.thread);
        core.looked.set(false);
        core.looks.set(0);
        if let Some((standby, place)) = self.pool.sleep.activate(core.index, core.searching.take())
        {
            self.pool.unpark(standby, place);
        }
        if self.pool.sleep.is_all_awake_now() && self.pool.offers.any() {
            self.pool.rescue_all();
        }
    }

    /// Wakes a sleeper if there is much to do here, or has been something for long.
    fn get_help(&self, core: &Core, now: Instant) {
        let len = core.queue.len();
        if len == 0 {
            return;
        }
        if len < LONG_QUEUE {
            match core.busy_since.get() {
                Some(since) if now.duration_since(since) >= BUSY => {}
                Some(_) => return,
                None => return core.busy_since.set(Some(now)),
            }
        }
        core.busy_since.set(None);
        self.pool.wake_helper();
    }

    /// Stops in place of a thread of its own. The caller may be polling one of the last tasks, so
    /// this does not wait for them.
    pub(crate) fn stop_aside(self) {
        self.stop(Pool::finish_aside);
    }

    /// The pool stops: every task that this worker can reach is dropped.
    fn stop(&self, finish: impl FnOnce(&Pool, Box<Core>)) {
        let Some(core) = self.core() else { return };
        if core.searching.take() {
            // Others count on searchers only while the pool runs.
            let _ = self.pool.sleep.activate(core.index, true);
        }
        core.owned.abort_all(|task| core.queue.push(task));
        loop {
            let next = &self.pool.remotes[core.index].next;
            while let Some(task) = next.take().or_else(|| core.queue.pop()) {
                task.abort();
                task.run(self);
            }
            let mut late = self.pool.injector.take_all();
            while let Some(task) = late.pop() {
                task.abort();
                task.run(self);
            }
            if !self.has_work(core) && self.pool.injector.is_empty() {
                break;
            }
        }
        self.pool.drain_returns(core);
        // No task was polled meanwhile, only dropped: so the core is still here.
        if let Some(core) = self.take_core() {
            finish(&self.pool, core);
        }
    }
}

/// How many ticks go by in `BUSY`, if so many went by in `time`: between 1 and `CLOCK`.
fn ticks_per_busy(time: Duration, ticks: u32) -> u32 {
    const NANOS: u64 = BUSY.as_nanos() as u64;
    let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let per_busy = u64::from(ticks) * NANOS / time.max(1);
    per_busy.clamp(1, CLOCK.into()) as u32
}

// SAFETY: the list of the core of the same pool; tasks of other pools never get into its queues.
unsafe impl Runner for Worker {
    #[inline]
    fn owned(&self) -> Option<&Owned> {
        self.core().map(|core| &core.owned)
    }

    #[inline]
    fn requeue(&self, task: Task) {
        match self.core() {
            Some(core) => core.queue.push(task),
            None => self.pool.inject(task),
        }
    }

    #[inline]
    fn started(&self) {
        // Not earlier: a grant in between would wake the task for this poll, and not be seen.
        self.granted.set(self.pool.permits.is_granted(self.task.get()));
    }

    #[inline]
    fn completed(&self) {
        // Another task may have its number next, and a waker that this calls may run code that blocks.
        self.granted.set(false);
        self.pool.permits.forget(self.task.replace(0));
        match self.core() {
            Some(core) => self.pool.remotes[core.index].count.completed(),
            None => self.pool.completed_outside(),
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").field("id", self.id()).finish_non_exhaustive()
    }
}
