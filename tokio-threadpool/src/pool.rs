//! What the threads of a pool share, and how a task gets in.

// A core goes from thread to thread in its box.
#![allow(clippy::vec_box)]

use crate::backup::Backups;
use crate::builder::Config;
use crate::core::Core;
use crate::injector::Injector;
use crate::lease::Lease;
use crate::lifecycle::{Count, Lifecycle, Spawns, Stage};
use crate::offer::Offers;
use crate::park::{BoxPark, BoxUnpark};
use crate::permits::Permits;
use crate::processor::{Crowd, Processor, Used};
use crate::shutdown::Ended;
use crate::sleep::{Place, Sleep};
use crate::sync::{fence, lock, AtomicUsize, Condvar, Mutex, MutexGuard};
use crate::thread;
use crate::worker::{self, WorkerId};
use crossbeam_utils::CachePadded;
use std::any::Any;
use std::fmt;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::{AcqRel, Relaxed, SeqCst};
use std::sync::{Arc, PoisonError};
use tokio_executor::SpawnError;
use tokio_task::{Body, JoinHandle, NextTask, Returns, Schedule, Stealer, Task, TaskKind};

/// A backlog of this length is worth another worker: more than the events of one turn of a driver.
pub(crate) const LONG_QUEUE: usize = 128;

/// So many tasks that ended elsewhere are worth the wake of a sleeper that has to free them.
const MANY_RETURNS: usize = 256;

/// The shared part of a pool. Tasks, senders and threads keep it alive.
pub(crate) struct Pool {
    pub(crate) config: Config,
    pub(crate) remotes: Box<[CachePadded<Remote>]>,
    pub(crate) injector: Injector,
    pub(crate) sleep: Sleep,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) driver: Option<Driver>,
    pub(crate) permits: Permits,
    pub(crate) backups: Backups,
    pub(crate) offers: Offers<Box<Core>>,
    /// How many looks are left between which only `ALERT` passes, since a worker was stuck. Relaxed: a
    /// hint.
    pub(crate) alert: AtomicU32,
    pub(crate) ended: Arc<Ended>,
    threads: AtomicUsize,
    /// The cores of the workers that have stopped.
    finish: Mutex<Vec<Box<Core>>>,
    /// Signals a change to the worker that waits for the last tasks.
    finishing: Condvar,
}

/// What others see of a worker.
pub(crate) struct Remote {
    pub(crate) id: WorkerId,
    pub(crate) stealer: Stealer,
    pub(crate) next: NextTask,
    pub(crate) returns: Returns,
    /// About how many tasks wait there. Relaxed: a hint.
    returned: AtomicUsize,
    pub(crate) count: Count,
    pub(crate) unpark: BoxUnpark,
    /// One more for each task or look for a task. Relaxed: a sign of life.
    pub(crate) tick: AtomicU32,
    /// The tick at which it was last seen to stand still. Relaxed: a hint.
    stuck_at: AtomicU32,
    pub(crate) processor: Processor,
    /// What it found when it last looked for work while others worked.
    pub(crate) crowd: Crowd,
}

impl Remote {
    /// It has been in one poll for a whole period, at this tick: whoever wants to may take its tasks,
    /// whether or not it uses its processor, until it works again.
    pub(crate) fn note_stuck(&self, tick: u32) {
        self.stuck_at.store(tick, Relaxed);
        self.processor.leave();
    }

    /// Whether it has been in the same poll ever since.
    pub(crate) fn is_stuck(&self) -> bool {
        self.stuck_at.load(Relaxed) == self.tick.load(Relaxed)
    }
}

/// The `Park` that all workers share: whoever holds the lock waits in it or asks it.
pub(crate) struct Driver {
    pub(crate) park: Mutex<Option<BoxPark>>,
    unpark: BoxUnpark,
    /// How often it was asked. Relaxed: a sign of life.
    pub(crate) turns: AtomicUsize,
}

impl Driver {
    pub(crate) fn new(park: BoxPark) -> Self {
        let unpark = park.unpark();
        Driver { park: Mutex::new(Some(park)), unpark, turns: AtomicUsize::new(0) }
    }
}

impl Pool {
    pub(crate) fn new(
        config: Config,
        driver: Option<BoxPark>,
        parks: Vec<BoxPark>,
    ) -> (Arc<Pool>, Vec<Box<Core>>) {
        let (cores, remotes): (Vec<_>, Vec<_>) = parks
            .into_iter()
            .enumerate()
            .map(|(index, park)| {
                let unpark = park.unpark();
                let core = Core::new(index, park);
                let remote = Remote {
                    id: WorkerId(index),
                    stealer: core.queue.stealer(),
                    next: NextTask::new(),
                    returns: Returns::new(),
                    returned: AtomicUsize::new(0),
                    count: Count::new(),
                    unpark,
                    tick: AtomicU32::new(0),
                    stuck_at: AtomicU32::new(u32::MAX),
                    processor: Processor::new(),
                    crowd: Crowd::new(),
                };
                (core, CachePadded::new(remote))
            })
            .unzip();
        let pool = Pool {
            sleep: Sleep::new(remotes.len(), driver.is_some()),
            permits: Permits::new(config.max_blocking),
            backups: Backups::new(),
            offers: Offers::new(remotes.len()),
            alert: AtomicU32::new(0),
            config,
            remotes: remotes.into(),
            injector: Injector::new(),
            lifecycle: Lifecycle::new(),
            driver: driver.map(Driver::new),
            ended: Arc::default(),
            threads: AtomicUsize::new(0),
            finish: Mutex::new(Vec::new()),
            finishing: Condvar::new(),
        };
        (Arc::new(pool), cores)
    }

    pub(crate) fn counts(&self) -> impl Iterator<Item = &Count> + Clone {
        self.remotes.iter().map(|remote| &remote.count)
    }

    /// Whether the pool takes tasks.
    pub(crate) fn status(&self) -> Result<(), SpawnError> {
        if self.lifecycle.stage() <= Stage::Draining {
            Ok(())
        } else {
            Err(SpawnError::shutdown())
        }
    }

    /// Spawns `body`, from any thread. If the pool takes no more tasks, it comes back.
    pub(crate) fn spawn<G: TaskKind>(lease: &Lease, body: G::Body) -> Result<G::Plain, G::Body> {
        let mut body = Some(body);
        let plain =
            Pool::admit(lease, |schedule| G::task(body.take().expect("made once"), schedule));
        plain.ok_or_else(|| body.expect("nothing was made of it"))
    }

    /// Spawns `body` with a join handle. If the pool takes no more tasks, the handle says that it
    /// was cancelled.
    pub(crate) fn spawn_joined<B>(lease: &Lease, body: B) -> JoinHandle<B::Output>
    where
        B: Body<Output: Send> + Send,
    {
        let mut body = Some(body);
        let make = |schedule| Task::with_handle(body.take().expect("made once"), schedule);
        match Pool::admit(lease, make) {
            Some(handle) => handle,
            None => JoinHandle::cancelled(body.expect("nothing was made of it")),
        }
    }

    /// Counts, makes and queues a task, if the pool takes tasks.
    fn admit<T>(lease: &Lease, make: impl FnOnce(InPool) -> (Task, T)) -> Option<T> {
        let pool = &**lease;
        let mut make = Some(make);
        let inside = worker::with_current(pool, |worker, core| {
            // Outside a poll, nobody counts on this worker's spawns to come before a completion.
            if worker.task() == 0 || pool.status().is_err() {
                return None;
            }
            pool.remotes[core.index].count.spawned();
            let (task, made) = make.take().expect("called once")(InPool(lease.clone()));
            worker.push_next(core, task);
            Some(made)
        });
        if let Some(made) = inside.flatten() {
            return Some(made);
        }
        if !pool.lifecycle.spawn_outside() {
            // It was counted for a moment, in which the pool did not look idle.
            pool.completed_outside();
            return None;
        }
        let (task, made) = make.expect("called once")(InPool(lease.clone()));
        pool.inject(task);
        Some(made)
    }

    /// Queues a task from a thread that has no core.
    pub(crate) fn inject(&self, task: Task) {
        self.injector.push(task);
        // A thread that blocks is awake, but does not look.
        if self.sleep.is_all_asleep()
            || self.offers.any()
            || self.injector.backlog_len() >= LONG_QUEUE
        {
            self.wake_one();
        }
        // After the fence in `is_all_asleep`.
        self.signal_finish();
    }

    pub(crate) fn wake_one(&self) {
        if let Some((worker, place)) = self.sleep.wake_one(|_| true) {
            self.unpark(worker, place);
        }
    }

    /// Wakes one to help a worker that is awake; nobody who would find no processor.
    pub(crate) fn wake_helper(&self) {
        let used = Used::by(self.remotes.iter().map(|remote| &remote.processor));
        let finds_one = |worker: usize| !self.remotes[worker].crowd.lasts(&used);
        if let Some((worker, place)) = self.sleep.wake_one(finds_one) {
            self.unpark(worker, place);
        }
    }

    /// Makes a worker that sleeps get up for a moment: on the way back to bed it frees the tasks of
    /// its list that ended elsewhere.
    fn nudge(&self, worker: usize) {
        if let Some(place) = self.sleep.place_of(worker) {
            self.unpark(worker, place);
        }
    }

    pub(crate) fn unpark(&self, worker: usize, place: Place) {
        match (place, &self.driver) {
            (Place::Driver, Some(driver)) => driver.unpark.unpark(),
            _ => self.remotes[worker].unpark.unpark(),
        }
    }

    /// A task came to its end on a thread that has no core.
    pub(crate) fn completed_outside(&self) {
        self.lifecycle.completed_outside();
        fence(SeqCst);
        if self.lifecycle.stage() > Stage::Running {
            // It may have been the last: let a worker see.
            self.wake_one();
            self.signal_finish();
        }
    }

    /// Stops when idle.
    pub(crate) fn drain(&self, spawns: Spawns) {
        self.lifecycle.drain(spawns);
        self.wake_all();
    }

    /// Stops now.
    pub(crate) fn stop(self: &Arc<Self>) {
        self.lifecycle.stop();
        self.wake_all();
        fence(SeqCst);
        // The caller need not be one of the pool's threads, and they must not end meanwhile.
        if (self.offers.any() || self.backups.has_orphans()) && self.thread_joins() {
            self.rescue_all();
            self.backups.hand_over_orphans(self);
            self.thread_ends();
        }
        self.backups.release_all();
    }

    /// Stops a draining pool if no task is left.
    pub(crate) fn close_if_idle(self: &Arc<Self>) -> bool {
        let closed = self.lifecycle.close(self.counts());
        if closed {
            self.stop();
        }
        closed
    }

    /// Lays `core` open, whose thread is about to block, and sees to it that somebody is there for
    /// its tasks. `offer.rs` has the proof. If there would be nobody, because the system refuses
    /// threads, the core comes back.
    pub(crate) fn offer(self: &Arc<Self>, core: Box<Core>) -> Option<Box<Core>> {
        let index = core.index;
        self.remotes[index].processor.leave();
        // Others take tasks from the queue, but not from here until somebody is stuck.
        if let Some(next) = self.remotes[index].next.take() {
            core.queue.push(next);
        }
        let mut work = !core.queue.is_empty();
        self.offers.put(index, core);
        work |= !self.injector.is_empty();
        if self.sleep.is_all_awake() || self.lifecycle.stage() == Stage::Stopped {
            return self.offers.take(index).and_then(|core| self.backups.replace(self, core));
        }
        if work {
            self.wake_one();
        }
        None
    }

    /// Gives the core of `worker` to another thread, if it lies open. Says whether it did.
    pub(crate) fn rescue(self: &Arc<Self>, worker: usize) -> bool {
        let Some(core) = self.offers.take(worker) else { return false };
        self.backups.hand_over(self, core);
        true
    }

    /// Gives all cores that lie open to other threads.
    pub(crate) fn rescue_all(self: &Arc<Self>) {
        for core in self.offers.take_each() {
            self.backups.hand_over(self, core);
        }
    }

    fn wake_all(&self) {
        for (worker, place) in self.sleep.wake_all() {
            self.unpark(worker, place);
        }
    }

    /// Takes back the core of a worker that has stopped, with nothing in its queue. The last one
    /// waits until no task is left.
    pub(crate) fn finish(&self, core: Box<Core>) {
        if self.take_back(core) {
            self.wait_for_last_tasks(lock(&self.finish));
        }
    }

    /// As [`finish`](Self::finish), on a thread that cannot wait. Another one does, at the latest
    /// the one that ends last.
    pub(crate) fn finish_aside(&self, core: Box<Core>) {
        self.take_back(core);
    }

    /// True if this was the last core. With the last worker the driver ends: what is left may be a
    /// closure in `blocking` that waits for an event, and would wait for ever. Wakers run meanwhile,
    /// without a lock of the pool.
    fn take_back(&self, core: Box<Core>) -> bool {
        let mut cores = lock(&self.finish);
        cores.push(core);
        let last = cores.len() == self.remotes.len();
        // The driver wakes whoever waits for it.
        drop(cores);
        if last {
            self.end_driver();
        }
        last
    }

    fn end_driver(&self) {
        if let Some(driver) = &self.driver {
            let park = lock(&driver.park).take();
            thread::guard("the destructor of a `Park`", || drop(park));
        }
    }

    /// Drops tasks that come late, until no task is left.
    fn wait_for_last_tasks<'a>(&'a self, mut cores: MutexGuard<'a, Vec<Box<Core>>>) {
        loop {
            // A task that somebody wakes, or polls outside the workers, comes to the injector.
            let mut late = self.injector.take_all();
            if !late.is_empty() {
                drop(cores);
                while let Some(task) = late.pop() {
                    drop(task);
                }
                cores = lock(&self.finish);
                continue;
            }
            // Whoever pushes a task, or counts one as completed, then looks at the stage, with a
            // fence in between; the stage was set before this fence. So they see the stage and
            // signal, or we see what they did.
            fence(SeqCst);
            if !self.injector.is_empty() {
                continue;
            }
            if self.lifecycle.is_idle(self.counts()) {
                break;
            }
            cores = self.finishing.wait(cores).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No thread is left, and no task: drops what might keep the pool or the system busy.
    fn end(&self) {
        // The last core may have come from a thread that could not wait.
        self.wait_for_last_tasks(lock(&self.finish));
        // A thread that completes a task without a core gives it back after it has counted it. So
        // only now, with the threads gone, is every list empty after this.
        let cores = std::mem::take(&mut *lock(&self.finish));
        for core in &cores {
            self.drain_returns(core);
        }
        for core in cores {
            thread::guard("the destructor of a `Park`", || drop(core));
        }
        // For a pool that lost a core because a hook of its user panicked.
        self.end_driver();
        // Whoever waited there is complete, but its waiter would keep its task, and so this pool.
        self.permits.clear();
        self.ended.end();
    }

    /// A thread of the pool starts; to be called by who starts it.
    pub(crate) fn thread_starts(&self) {
        self.threads.fetch_add(1, Relaxed);
    }

    /// Counts the caller as a thread of the pool, unless none is left. It calls `thread_ends`.
    fn thread_joins(&self) -> bool {
        let joined = self.threads.fetch_update(AcqRel, Relaxed, |now| (now != 0).then(|| now + 1));
        joined.is_ok()
    }

    /// A thread of the pool ends, or could not be started. With the last one the pool has ended.
    pub(crate) fn thread_ends(&self) {
        // Release and Acquire: the last one has seen what all the others did.
        if self.threads.fetch_sub(1, AcqRel) == 1 {
            self.end();
        }
    }

    /// Wakes the worker that waits for the last tasks, if the pool has come that far. To be called
    /// after a `SeqCst` fence.
    fn signal_finish(&self) {
        if self.lifecycle.stage() == Stage::Stopped {
            drop(lock(&self.finish));
            self.finishing.notify_all();
        }
    }

    /// Unlinks the tasks of `core` that came to their end elsewhere.
    pub(crate) fn drain_returns(&self, core: &Core) {
        let remote = &self.remotes[core.index];
        if remote.returns.is_empty() {
            return;
        }
        remote.returned.store(0, Relaxed);
        // SAFETY: `Schedule::returns` below finds this stack by the number of this list.
        unsafe { remote.returns.drain(&core.owned) };
    }

    pub(crate) fn panicked(&self, payload: Box<dyn Any + Send>) {
        if let Some(handler) = &self.config.panic_handler {
            handler(payload);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("workers", &self.remotes.len())
            .field("stage", &self.lifecycle.stage())
            .finish_non_exhaustive()
    }
}

/// The executor's part of each task.
pub(crate) struct InPool(Lease);

// SAFETY: the list of core `index` has the number `index + 1` (`Core::new`), and only it is drained
// from `remotes[index].returns` (`Pool::drain_returns`).
unsafe impl Schedule for InPool {
    #[inline]
    fn schedule(&self, task: Task) {
        let mut task = Some(task);
        let _ = worker::with_current(&self.0, |worker, core| {
            worker.push_next(core, task.take().expect("taken once"));
        });
        if let Some(task) = task {
            self.0.inject(task);
        }
    }

    fn completed(&self) {
        self.0.completed_outside();
    }

    fn panicked(&self, payload: Box<dyn Any + Send>) {
        self.0.panicked(payload);
    }

    fn returns(&self, owner: u32) -> &Returns {
        let worker = owner as usize - 1;
        let remote = &self.0.remotes[worker];
        if remote.returned.fetch_add(1, Relaxed) == MANY_RETURNS {
            self.0.nudge(worker);
        }
        &remote.returns
    }
}
