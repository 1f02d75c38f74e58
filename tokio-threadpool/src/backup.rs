//! The threads that take over a core when its thread blocks.
//!
//! A thread that waits is in the list; whoever takes it out of the list owes it a core. So a thread
//! that leaves by itself, because its time is over or the pool has stopped, first takes itself out;
//! if somebody else did, it waits for the core. Locks are taken in the order list, handover.
//!
//! # When the system refuses threads
//!
//! A core whose thread blocks, and that gets no other thread, is an orphan: its tasks wait, or are
//! stolen. Somebody has to try again later, and a thread that blocks cannot. So one core at least
//! is never an orphan: the thread that would make the last one an orphan keeps it, and its closure
//! waits instead ([`Backups::replace`], and `permits`). That there is always one follows from three
//! facts. The number of orphans changes under the lock, where `replace` looks at it. Whoever else
//! makes an orphan has a core of its own, and does not block meanwhile. And who takes an orphan out
//! of the list and puts it back has one too.

// A core goes from thread to thread in its box.
#![allow(clippy::vec_box)]

use crate::core::Core;
use crate::lifecycle::Stage;
use crate::pool::Pool;
use crate::sync::{now, AtomicUsize, Condvar, Mutex, MutexGuard};
use crate::thread;
use crate::worker::Worker;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, PoisonError};

/// Threads without a core, and cores without a thread.
#[derive(Debug)]
pub(crate) struct Backups {
    waiting: Mutex<Waiting>,
    /// How many orphans there are. Relaxed: a hint.
    orphans: AtomicUsize,
}

/// One of both lists is empty.
#[derive(Debug, Default)]
struct Waiting {
    /// The last one to come is the first to be used: the others may leave.
    threads: Vec<Arc<Handover>>,
    /// Cores that the system refused a thread.
    orphans: Vec<Box<Core>>,
}

/// Where one thread waits for a core.
#[derive(Debug, Default)]
pub(crate) struct Handover {
    core: Mutex<Option<Box<Core>>>,
    arrived: Condvar,
}

impl Handover {
    pub(crate) fn with_core(core: Box<Core>) -> Self {
        Handover { core: Mutex::new(Some(core)), arrived: Condvar::new() }
    }

    pub(crate) fn take(&self) -> Option<Box<Core>> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn give(&self, core: Box<Core>) {
        *self.core.lock().unwrap_or_else(PoisonError::into_inner) = Some(core);
        self.arrived.notify_one();
    }
}

impl Backups {
    pub(crate) fn new() -> Self {
        Backups { waiting: Mutex::default(), orphans: AtomicUsize::new(0) }
    }

    /// Gives the `core` of another thread to one that waits, or to a new one. If the system refuses
    /// a thread, the core is an orphan, until a thread is done with blocking, or another worker
    /// tries again; when the pool stops, the caller takes its part. To be called by a thread of the
    /// pool that has a core, or when the pool has stopped.
    pub(crate) fn hand_over(&self, pool: &Arc<Pool>, core: Box<Core>) {
        let last = self.give_or_orphan(pool, core, usize::MAX);
        debug_assert!(last.is_none());
    }

    /// As [`hand_over`](Self::hand_over), for a thread that is about to block, and its own core.
    /// This comes back if the system refuses a thread and all other cores are orphans.
    pub(crate) fn replace(&self, pool: &Arc<Pool>, core: Box<Core>) -> Option<Box<Core>> {
        self.give_or_orphan(pool, core, pool.remotes.len() - 1)
    }

    /// The core comes back instead of being one orphan more than `most`.
    fn give_or_orphan(&self, pool: &Arc<Pool>, core: Box<Core>, most: usize) -> Option<Box<Core>> {
        let core = self.give(core)?;
        let Err((error, core)) = thread::start(pool, core) else { return None };
        if pool.lifecycle.stage() == Stage::Stopped {
            // Threads that wait may have left. All that there is to do is to drop its tasks.
            Worker::new(pool.clone(), core).stop_aside();
            return None;
        }
        let mut waiting = self.lock();
        // One may have come to wait meanwhile.
        if let Some(handover) = waiting.threads.pop() {
            drop(waiting);
            handover.give(core);
            return None;
        }
        if waiting.orphans.len() >= most {
            return Some(core);
        }
        waiting.orphans.push(core);
        self.orphans.store(waiting.orphans.len(), Relaxed);
        drop(waiting);
        if pool.lifecycle.stage() == Stage::Stopped {
            // Whoever stopped the pool may have looked for orphans before: see `hand_over_orphans`.
            self.hand_over_orphans(pool);
        } else {
            log::warn!("no thread to take over from one that blocks: {error}");
        }
        None
    }

    /// The pool has stopped: gives each orphan to a thread, or takes its part here. To be called by
    /// a thread of the pool.
    ///
    /// Who makes an orphan looks at the stage afterwards, and who stops the pool comes here after
    /// it has set the stage; both take the lock. If the orphan was first, it is found here. If not,
    /// its maker sees the stage.
    pub(crate) fn hand_over_orphans(&self, pool: &Arc<Pool>) {
        loop {
            let orphan = self.take_orphan(&mut self.lock());
            let Some(core) = orphan else { return };
            self.hand_over(pool, core);
        }
    }

    pub(crate) fn has_orphans(&self) -> bool {
        !self.lock().orphans.is_empty()
    }

    /// A hint: the system refused a thread, and none has been had since.
    pub(crate) fn may_have_orphans(&self) -> bool {
        self.orphans.load(Relaxed) != 0
    }

    /// Tries again to find a thread for an orphan.
    pub(crate) fn adopt_orphans(&self, pool: &Arc<Pool>) {
        if !self.may_have_orphans() {
            return;
        }
        let orphan = self.take_orphan(&mut self.lock());
        if let Some(core) = orphan {
            self.hand_over(pool, core);
        }
    }

    fn take_orphan(&self, waiting: &mut Waiting) -> Option<Box<Core>> {
        let core = waiting.orphans.pop();
        self.orphans.store(waiting.orphans.len(), Relaxed);
        core
    }

    /// Gives `core` to a thread that waits, if one does.
    fn give(&self, core: Box<Core>) -> Option<Box<Core>> {
        let thread = self.lock().threads.pop();
        match thread {
            Some(handover) => {
                handover.give(core);
                None
            }
            None => Some(core),
        }
    }

    /// Waits for a core; None if the pool has stopped, or if none came in time. Calls `waits` as
    /// soon as others see that this thread waits.
    pub(crate) fn wait(&self, pool: &Pool, waits: impl FnOnce()) -> Option<Box<Core>> {
        let handover = Arc::new(Handover::default());
        {
            let mut waiting = self.lock();
            if let Some(core) = self.take_orphan(&mut waiting) {
                drop(waiting);
                waits();
                return Some(core);
            }
            waiting.threads.push(handover.clone());
        }
        waits();
        // One that is too far off for the clock never comes.
        let keep_alive = pool.config.keep_alive;
        let deadline = keep_alive.and_then(|keep_alive| now().checked_add(keep_alive));
        let mut core = handover.core.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if core.is_some() {
                return core.take();
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(now()));
            if pool.lifecycle.stage() == Stage::Stopped || left.is_some_and(|left| left.is_zero()) {
                drop(core);
                if self.leave(&handover) {
                    return None;
                }
                // Somebody picked this thread, and is about to give it a core.
                core = handover.core.lock().unwrap_or_else(PoisonError::into_inner);
                while core.is_none() {
                    core = handover.arrived.wait(core).unwrap_or_else(PoisonError::into_inner);
                }
                return core.take();
            }
            core = match left {
                Some(left) => {
                    let waited = handover.arrived.wait_timeout(core, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => handover.arrived.wait(core).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Ends the waiting of all: the pool has stopped.
    pub(crate) fn release_all(&self) {
        for handover in &self.lock().threads {
            // Who waits looks at the stage with this lock held, before it waits.
            drop(handover.core.lock());
            handover.arrived.notify_one();
        }
    }

    /// True if the thread was still waiting.
    fn leave(&self, handover: &Arc<Handover>) -> bool {
        let mut waiting = self.lock();
        let at = waiting.threads.iter().position(|other| Arc::ptr_eq(other, handover));
        at.map(|at| waiting.threads.remove(at)).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
