//! The threads that run what blocks where there is no pool: a bounded set for the whole process,
//! started when they are needed, gone when idle.
//!
//! # States
//!
//! One lock guards everything: the queue, how many threads there are, and how many of them are
//! idle, that is, wait for news (or have been told, or have waited long enough, and do not know it
//! yet).
//!
//! | a job comes, and | then |
//! |---|---|
//! | there are as many idle threads as queued jobs, it included | one of them is told |
//! | there are not, but fewer threads than allowed | a thread is started |
//! | there are as many threads as allowed | it waits until one is free |
//! | a thread is to be started, the system refuses, there are others | it waits until one is free |
//! | the same, there are no others | it is given back with the error |
//!
//! | a thread | then |
//! |---|---|
//! | finds a job | runs it, without the lock |
//! | finds none | is idle, until there is news or its patience is over |
//! | finds none, its patience is over | leaves, under the lock under which it looked |
//!
//! # No job is orphaned
//!
//! *While there is a job in the queue, there is a thread that will look at the queue.* A job stays
//! in the queue only if there is a thread, by the first table; it was counted under the lock under
//! which the job was queued (a new thread is started and counted under it as well). A thread
//! stops being counted only when, under the lock, it finds the queue empty. A thread that is not
//! idle looks before it becomes so. An idle one is woken by the news: there are at least as many
//! idle threads as queued jobs, or some thread that is not idle looks; and as each of the jobs
//! brought one notification, either all of those threads have been told, or time has told them.
//! `model.rs` checks this.
//!
//! Threads are detached: the end of the process does not wait for them.

use crate::sync::{lock, Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, OnceLock};
use std::thread;

#[cfg(all(test, tokio_loom))]
mod model;
#[cfg(all(test, not(tokio_loom)))]
mod tests;

/// A job. It does not panic.
type Work = Box<dyn FnOnce() + Send>;

/// Starts a thread that calls [`Crew::serve`].
type Start = fn(Arc<Crew>) -> io::Result<()>;

pub(crate) struct Crew {
    shared: Mutex<Shared>,
    news: Condvar,
    start: Start,
    most: usize,
}

struct Shared {
    queue: VecDeque<Work>,
    threads: usize,
    idle: usize,
    /// loom knows no time: patience is over once a model says so.
    #[cfg(tokio_loom)]
    impatient: bool,
}

impl Crew {
    /// The crew of this process.
    pub(crate) fn get() -> &'static Arc<Crew> {
        static CREW: OnceLock<Arc<Crew>> = OnceLock::new();
        CREW.get_or_init(|| Arc::new(Crew::new(MOST_THREADS, start_thread)))
    }

    fn new(most: usize, start: Start) -> Crew {
        let shared = Shared {
            queue: VecDeque::new(),
            threads: 0,
            idle: 0,
            #[cfg(tokio_loom)]
            impatient: false,
        };
        Crew { shared: Mutex::new(shared), news: Condvar::new(), start, most }
    }

    /// Has `work` run by a thread, after the work that is queued already.
    ///
    /// # Errors
    ///
    /// If there is no thread and none can be started; `work` is dropped.
    pub(crate) fn submit(self: &Arc<Self>, work: Work) -> io::Result<()> {
        let mut shared = lock(&self.shared);
        shared.queue.push_back(work);
        if shared.queue.len() <= shared.idle {
            drop(shared);
            self.news.notify_one();
            return Ok(());
        }
        if shared.threads == self.most {
            return Ok(());
        }
        // Under the lock: of several that start a thread and fail, each has to know whether there
        // is another one left to run its work.
        match (self.start)(self.clone()) {
            Ok(()) => {
                shared.threads += 1;
                Ok(())
            }
            Err(_) if shared.threads > 0 => Ok(()),
            Err(error) => {
                let refused = shared.queue.pop_back();
                drop(shared);
                drop(refused);
                // Not of the kind that it has: that is `WouldBlock`, which means something else
                // to those who read and write.
                Err(io::Error::other(format!("no thread for file operations: {error}")))
            }
        }
    }

    /// The life of a thread.
    fn serve(&self) {
        let mut shared = lock(&self.shared);
        loop {
            while let Some(work) = shared.queue.pop_front() {
                drop(shared);
                work();
                shared = lock(&self.shared);
            }
            shared.idle += 1;
            let (now, patient) = self.rest(shared);
            shared = now;
            shared.idle -= 1;
            if !patient && shared.queue.is_empty() {
                shared.threads -= 1;
                return;
            }
        }
    }

    /// Waits for news; also says whether the thread is willing to go on waiting.
    #[cfg(not(tokio_loom))]
    fn rest<'a>(&self, shared: MutexGuard<'a, Shared>) -> (MutexGuard<'a, Shared>, bool) {
        let waited = self.news.wait_timeout(shared, PATIENCE);
        let (shared, timeout) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
        (shared, !timeout.timed_out())
    }

    #[cfg(tokio_loom)]
    fn rest<'a>(&'a self, shared: MutexGuard<'a, Shared>) -> (MutexGuard<'a, Shared>, bool) {
        if shared.impatient {
            drop(shared);
            return (lock(&self.shared), false);
        }
        (self.news.wait(shared).unwrap(), true)
    }
}

fn start_thread(crew: Arc<Crew>) -> io::Result<()> {
    thread::Builder::new().name("tokio-fs".into()).spawn(move || crew.serve()).map(drop)
}

/// As many operations block at a time.
const MOST_THREADS: usize = 64;

/// How long an idle thread stays. The tests of this crate want to see it go.
#[cfg(not(tokio_loom))]
const PATIENCE: std::time::Duration =
    std::time::Duration::from_millis(if cfg!(test) { 1 } else { 10_000 });
