//! What a component has to work with during one cycle.

use super::ledger::{End, Guard, Kind, Ledger};
use super::limits;
use super::pause::Pause;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio_threadpool::BlockingError;

/// One thing that is done to the runtime.
#[derive(Clone, Copy)]
pub(super) struct Component {
    pub(super) name: &'static str,
    /// What it shows, in a few words.
    pub(super) shows: &'static str,
    /// Runs on a thread of its own until the scope's time is over, and returns when all that it has
    /// begun has ended.
    pub(super) run: fn(&Scope, super::Random),
    pub(super) company: Company,
}

/// Whether a component can run beside others.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    Others,
    /// It changes what the whole process may do.
    Alone,
}

/// What a component has to work with during one cycle; cheap to clone into tasks.
#[derive(Clone)]
pub(super) struct Scope(Arc<Parts>);

/// The parts of a [`Scope`].
pub(super) struct Parts {
    /// The runtime.
    pub(super) handle: Handle,
    pub(super) workers: usize,
    /// When to begin nothing more.
    pub(super) until: Instant,
    pub(super) ledger: Arc<Ledger>,
    pub(super) threads: Arc<Threads>,
    /// How many descriptors the process may have.
    pub(super) descriptors: u64,
}

/// Whether the runtime of a cycle gets threads.
#[derive(Debug, Default)]
pub(super) struct Threads {
    /// While true, there are none beyond those that it has.
    pub(super) refused: Arc<AtomicBool>,
    /// For so long that `blocking` may give an error. Set before, for the rest of the cycle.
    pub(super) refused_for_long: AtomicBool,
}

impl Scope {
    pub(super) fn new(parts: Parts) -> Scope {
        Scope(Arc::new(parts))
    }

    /// Whether the component is to begin more.
    pub(super) fn is_open(&self) -> bool {
        Instant::now() < self.until
    }

    /// Guards of what has to complete.
    pub(super) fn completes(&self, name: &'static str) -> Arc<Kind> {
        self.ledger.kind(name, End::Completes)
    }

    /// Guards of what may be dropped at any time.
    pub(super) fn open(&self, name: &'static str) -> Arc<Kind> {
        self.ledger.kind(name, End::Open)
    }

    pub(super) fn count(&self, what: &'static str, n: u64) {
        self.ledger.count(what, n);
    }

    /// Something is wrong.
    pub(super) fn loss(&self, what: impl fmt::Display) {
        super::loss(format_args!("{}: {what}", self.ledger.name));
    }

    /// Reports a loss unless `holds`.
    pub(super) fn check(&self, holds: bool, what: impl fmt::Display) {
        if !holds {
            self.loss(what);
        }
    }

    /// Whether `blocking` may fail with this error, of which it is counted that it did.
    pub(super) fn check_refused(&self, error: &BlockingError) {
        let refused = error.to_string().contains("the system refuses the thread pool a thread");
        let may = self.threads.refused_for_long.load(SeqCst);
        self.check(refused && may, format_args!("`blocking` failed: {error}"));
        self.count("closures that got no thread", 1);
    }

    /// Waits until no guard of `kind` is left. If that is never, the watchdog ends it.
    pub(super) fn settle(&self, kind: &Kind) {
        self.wait_while(|| kind.live() > 0);
    }

    /// Waits while `holds`, by looking again and again: this is not what is tested.
    pub(super) fn wait_while(&self, mut holds: impl FnMut() -> bool) {
        while holds() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// What `make` makes, as soon as there are descriptors for it. For the component's own thread.
    pub(super) fn with_descriptors<T>(
        &self,
        mut make: impl FnMut() -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            match make() {
                Err(error) if limits::are_reached(&error) => {
                    self.count(WITHOUT_DESCRIPTOR, 1);
                    thread::sleep(AGAIN);
                }
                result => return result,
            }
        }
    }

    /// For how long a task waits for descriptors, of which there were none.
    pub(super) fn pause_without_descriptors(&self) -> Pause {
        self.count(WITHOUT_DESCRIPTOR, 1);
        Pause::for_time(AGAIN)
    }

    /// A guard of something that may be dropped at any time.
    pub(super) fn open_guard(&self, name: &'static str) -> Guard {
        self.open(name).guard()
    }
}

impl Deref for Scope {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What is counted when there is no descriptor, and when it is tried again.
const WITHOUT_DESCRIPTOR: &str = "times without a descriptor";
const AGAIN: Duration = Duration::from_millis(2);
