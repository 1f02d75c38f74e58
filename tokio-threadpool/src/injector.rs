//! Where tasks queue that come from outside the workers, and how a worker takes its share.

use crate::sync::{lock, thread, AtomicUsize, Mutex};
use crossbeam_utils::CachePadded;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::TryLockError;
use tokio_task::{Batch, Inbox, RunQueue, Task};

/// The most tasks that a worker takes at once.
const SHARE: usize = 128;

/// A lock-free inbox that is drained into a backlog, first in, first out.
///
/// Pushing takes no lock. Taking locks the backlog, which only workers do, and never waits for it:
/// whoever holds it is taking.
#[derive(Debug)]
pub(crate) struct Injector {
    inbox: CachePadded<Inbox>,
    backlog: Mutex<Batch>,
    /// The length of the backlog, for those who do not hold the lock. Relaxed: a hint, except
    /// after the fence in `Sleep::lie_down`, where an awake worker answers for what it moves.
    backlog_len: CachePadded<AtomicUsize>,
}

impl Injector {
    pub(crate) fn new() -> Self {
        Injector {
            inbox: CachePadded::new(Inbox::new()),
            backlog: Mutex::new(Batch::new()),
            backlog_len: CachePadded::new(AtomicUsize::new(0)),
        }
    }

    pub(crate) fn push(&self, task: Task) {
        self.inbox.push(task);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.inbox.is_empty() && self.backlog_len() == 0
    }

    /// How many tasks wait that some worker has already seen.
    pub(crate) fn backlog_len(&self) -> usize {
        self.backlog_len.load(Relaxed)
    }

    /// Takes one task to run, and puts a share of the rest into `queue`.
    pub(crate) fn take(&self, queue: &RunQueue, workers: usize) -> Option<Task> {
        if self.is_empty() {
            return None;
        }
        let mut backlog = match self.backlog.try_lock() {
            Ok(backlog) => backlog,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                // The caller may come back at once; the holder may need this processor.
                thread::yield_now();
                return None;
            }
        };
        if backlog.is_empty() {
            *backlog = self.inbox.take_all();
        }
        let first = backlog.pop();
        for _ in 0..(backlog.len() / workers).min(SHARE - 1) {
            match backlog.pop() {
                Some(task) => queue.push(task),
                None => break,
            }
        }
        self.backlog_len.store(backlog.len(), Relaxed);
        first
    }

    /// Takes everything. For the end of the pool.
    pub(crate) fn take_all(&self) -> Batch {
        let mut backlog = lock(&self.backlog);
        let mut all = std::mem::take(&mut *backlog);
        self.backlog_len.store(0, Relaxed);
        drop(backlog);
        all.append(self.inbox.take_all());
        all
    }
}
