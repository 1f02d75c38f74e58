//! The threads that take over a core when its thread blocks.
//!
//! A thread that waits is in the list; whoever takes it out of the list owes it a core. So a thread
//! that leaves by itself, because its time is over or the pool has stopped, first takes itself out;
//! if somebody else did, it waits for the core. Locks are taken in the order list, handover.

use crate::core::Core;
use crate::lifecycle::Stage;
use crate::pool::Pool;
use crate::thread;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Instant;

/// Threads without a core that wait for one.
#[derive(Debug)]
pub(crate) struct Backups(Mutex<Vec<Arc<Handover>>>);

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
        Backups(Mutex::new(Vec::new()))
    }

    /// Gives `core` to a thread that waits, or to a new one. If the system refuses a thread, the
    /// core comes back.
    pub(crate) fn hand_over(&self, pool: &Arc<Pool>, core: Box<Core>) -> Result<(), Box<Core>> {
        let waiting = self.lock().pop();
        if let Some(handover) = waiting {
            handover.give(core);
            return Ok(());
        }
        thread::start(pool, core).map_err(|(error, core)| {
            log::warn!("no thread to take over from one that blocks: {error}");
            core
        })
    }

    /// Waits for a core; None if the pool has stopped, or if none came in time.
    pub(crate) fn wait(&self, pool: &Pool) -> Option<Box<Core>> {
        let handover = Arc::new(Handover::default());
        self.lock().push(handover.clone());
        // One that is too far off for the clock never comes.
        let keep_alive = pool.config.keep_alive;
        let deadline = keep_alive.and_then(|keep_alive| Instant::now().checked_add(keep_alive));
        let mut core = handover.core.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if core.is_some() {
                return core.take();
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
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
        for handover in self.lock().iter() {
            // Who waits looks at the stage with this lock held, before it waits.
            drop(handover.core.lock());
            handover.arrived.notify_one();
        }
    }

    /// True if the thread was still waiting.
    fn leave(&self, handover: &Arc<Handover>) -> bool {
        let mut waiting = self.lock();
        let at = waiting.iter().position(|other| Arc::ptr_eq(other, handover));
        at.map(|at| waiting.swap_remove(at)).is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Handover>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
