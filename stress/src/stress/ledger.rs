//! The books of a component: what was made and dropped, what was counted, whether it gets on.

use super::loss;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::*};
use std::sync::{Arc, Mutex};

/// Books of one component, over all cycles.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) name: &'static str,
    /// The component runs: the watchdog looks after it.
    pub(super) active: AtomicBool,
    progress: Arc<AtomicU64>,
    kinds: Mutex<BTreeMap<&'static str, Arc<Kind>>>,
    counts: Mutex<BTreeMap<&'static str, u64>>,
    peaks: Mutex<BTreeMap<&'static str, u64>>,
}

impl Ledger {
    pub(super) fn new(name: &'static str) -> Ledger {
        Ledger {
            name,
            active: AtomicBool::new(false),
            progress: Arc::default(),
            kinds: Mutex::default(),
            counts: Mutex::default(),
            peaks: Mutex::default(),
        }
    }

    /// A number that grows as the component gets on.
    pub(super) fn progress(&self) -> u64 {
        self.progress.load(Relaxed)
    }

    /// The component has got on.
    pub(super) fn advance(&self) {
        self.progress.fetch_add(1, Relaxed);
    }

    /// Guards of a kind. `end` counts from the first call.
    pub(super) fn kind(&self, name: &'static str, end: End) -> Arc<Kind> {
        let mut kinds = self.kinds.lock().unwrap();
        let kind = kinds.entry(name).or_insert_with(|| {
            let [made, completed, dropped] = Default::default();
            let label = format!("{} {name}", self.name);
            Arc::new(Kind { label, end, made, completed, dropped, progress: self.progress.clone() })
        });
        kind.clone()
    }

    pub(super) fn count(&self, what: &'static str, n: u64) {
        *self.counts.lock().unwrap().entry(what).or_default() += n;
        self.advance();
    }

    /// Keeps the greatest number.
    pub(super) fn peak(&self, what: &'static str, n: u64) {
        let mut peaks = self.peaks.lock().unwrap();
        let peak = peaks.entry(what).or_default();
        *peak = n.max(*peak);
    }

    pub(super) fn each_kind(&self, look: impl FnMut(&Kind)) {
        self.kinds.lock().unwrap().values().map(Deref::deref).for_each(look);
    }

    /// All guards must be gone: reports those that are not.
    pub(super) fn close(&self) {
        for kind in self.kinds.lock().unwrap().values() {
            if kind.live() != 0 {
                loss(format_args!("guards are left at the end of a cycle: {kind}"));
            }
        }
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<13}", self.name)?;
        let mut separator = "";
        for (what, n) in self.counts.lock().unwrap().iter() {
            write!(f, "{separator}{n} {what}")?;
            separator = ", ";
        }
        for (what, n) in self.peaks.lock().unwrap().iter() {
            write!(f, "{separator}at most {n} {what}")?;
            separator = ", ";
        }
        separator = "; guards: ";
        for (name, kind) in self.kinds.lock().unwrap().iter() {
            write!(f, "{separator}{} {name}", kind.made.load(Relaxed))?;
            separator = ", ";
        }
        Ok(())
    }
}

/// Whether what a guard stands for has to complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// To be dropped before is a loss.
    Completes,
    /// May be dropped at any time.
    Open,
}

/// Guards of one kind.
#[derive(Debug)]
pub(super) struct Kind {
    label: String,
    end: End,
    made: AtomicU64,
    completed: AtomicU64,
    dropped: AtomicU64,
    progress: Arc<AtomicU64>,
}

impl Kind {
    pub(super) fn guard(self: &Arc<Self>) -> Guard {
        self.made.fetch_add(1, Relaxed);
        Guard { kind: self.clone(), state: Guard::ALIVE }
    }

    /// How many guards there are.
    pub(super) fn live(&self) -> u64 {
        // First what was dropped: no guard that is dropped in between counts as less than none.
        let dropped = self.dropped.load(Acquire);
        self.made.load(Acquire) - dropped
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |n: &AtomicU64| n.load(Relaxed);
        let Kind { label, made, completed, dropped, .. } = self;
        let [made, completed, dropped] = [of(made), of(completed), of(dropped)];
        let live = self.live();
        write!(f, "{label}: {live} live of {made} made, {completed} completed, {dropped} dropped")
    }
}

/// Moves with what it stands for, which completes at most once and is dropped once.
#[derive(Debug)]
pub(super) struct Guard {
    kind: Arc<Kind>,
    /// Not a `bool`: memory that was freed and used again does not look like it.
    state: u64,
}

impl Guard {
    const ALIVE: u64 = 0x600d_1ea5_e11f_e000;
    const COMPLETE: u64 = 0xe4d0_f1ea_5eed_0000;
    const DROPPED: u64 = 0xdead_dead_dead_dead;

    /// What this stands for has come to its end, as it should.
    pub(super) fn complete(&mut self) {
        if self.state != Guard::ALIVE {
            loss(format_args!(
                "{}: completed twice, or after its end: {:x}",
                self.kind, self.state
            ));
        }
        self.state = Guard::COMPLETE;
        self.kind.completed.fetch_add(1, Release);
        self.kind.progress.fetch_add(1, Relaxed);
    }

    /// Makes it look as if it had been dropped before: for the fault that does so.
    pub(super) fn has_been_dropped(&mut self) {
        self.state = Guard::DROPPED;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        match self.state {
            Guard::COMPLETE => {}
            Guard::ALIVE if self.kind.end == End::Open => {}
            Guard::ALIVE => loss(format_args!("{}: one was dropped unfinished", self.kind)),
            state => loss(format_args!("{}: one was dropped twice: {state:x}", self.kind)),
        }
        self.state = Guard::DROPPED;
        self.kind.progress.fetch_add(1, Relaxed);
        self.kind.dropped.fetch_add(1, Release);
    }
}
