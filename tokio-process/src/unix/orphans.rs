//! Processes that nobody waits for any more: one thread reaps them, as long as there are any.
//!
//! A process that was killed just now needs a moment to die, and one that was forgotten may run for
//! hours. Both would stay zombies if nobody asked for their end. The thread is started for the
//! first of them and ends with the last; it waits as a task does, by the fallback reactor, so that
//! no runtime has to live on for it.
//!
//! If no thread can be had, the processes stay in the list until the next one comes.

use super::exit::{Exit, Preparation};
use std::process::Child;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;
use tokio_reactor::Handle;
use tokio_task::Caller;

struct Orphans {
    /// Those that the thread has not seen yet.
    new: Vec<Child>,
    /// The thread, from its start until it has seen that there is nothing left to do.
    reaper: Option<Thread>,
}

static ORPHANS: Mutex<Orphans> = Mutex::new(Orphans { new: Vec::new(), reaper: None });

/// Sees to it that `child` is waited for.
pub(crate) fn reap(mut child: Child) {
    // It has ended, or someone else has collected it.
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    // Pipes that nobody took must not keep it from ending.
    drop((child.stdin.take(), child.stdout.take(), child.stderr.take()));
    let mut orphans = lock();
    orphans.new.push(child);
    match orphans.reaper.clone() {
        Some(reaper) => {
            drop(orphans);
            reaper.unpark();
        }
        None => {
            let reaper = thread::Builder::new().name("tokio-process-reaper".into()).spawn(run);
            orphans.reaper = reaper.ok().map(|join| join.thread().clone());
        }
    }
}

fn lock() -> MutexGuard<'static, Orphans> {
    ORPHANS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run() {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut known: Vec<Orphan> = Vec::new();
    loop {
        let mut orphans = lock();
        known.extend(orphans.new.drain(..).map(|child| Orphan { child, exit: None }));
        if known.is_empty() {
            // Whoever comes after this, under the same lock, starts another thread.
            orphans.reaper = None;
            return;
        }
        drop(orphans);
        known.retain_mut(|orphan| !orphan.has_ended(Caller::Std(&waker)));
        if known.iter().any(|orphan| orphan.exit.is_none()) {
            thread::park_timeout(LOOK_AGAIN);
        } else if !known.is_empty() {
            thread::park();
        }
    }
}

/// How often to ask for a process that cannot be watched, for lack of descriptors.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

struct Orphan {
    child: Child,
    exit: Option<Exit>,
}

impl Orphan {
    fn has_ended(&mut self, caller: Caller<'_>) -> bool {
        let handle = Handle::default();
        if self.exit.is_none() {
            let exit =
                Preparation::new(&handle).and_then(|ready| ready.watch(&self.child, &handle));
            self.exit = exit.ok();
        }
        match self.exit.as_mut().map(|exit| exit.poll_exited(&mut self.child, caller)) {
            Some(Poll::Pending) => false,
            Some(Poll::Ready(Ok(_))) => true,
            // Not watched. An error means that someone else has collected it.
            Some(Poll::Ready(Err(_))) | None => {
                self.exit = None;
                !matches!(self.child.try_wait(), Ok(None))
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}
