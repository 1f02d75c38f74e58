//! Which processor a thread runs on, so that a worker does not help another by taking its processor.
//!
//! Help is worth something only on a processor of its own: where two workers share one, each task
//! that changes between them costs two changes of threads, and gains nothing. So every worker that
//! works notes its processor, about every 200 µs, and whoever would steal from it looks whether it
//! would run beside it. All of this is a hint: whoever is stuck is helped nevertheless.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// Where a worker works, as the others see it.
#[derive(Debug)]
pub(crate) struct Processor(AtomicU32);

/// It does not work, or the system does not say where.
const NOWHERE: u32 = u32::MAX;

impl Processor {
    pub(crate) const fn new() -> Self {
        Processor(AtomicU32::new(NOWHERE))
    }

    /// This thread works, here. Relaxed, as everywhere: a hint.
    pub(crate) fn note(&self) {
        self.0.store(here(), Relaxed);
    }

    /// The worker rests, or its thread blocks.
    pub(crate) fn leave(&self) {
        self.0.store(NOWHERE, Relaxed);
    }

    /// Whether the worker is at work, as far as the system says.
    pub(crate) fn is_used(&self) -> bool {
        self.0.load(Relaxed) != NOWHERE
    }

    /// Whether one of `others` works on the processor that this thread runs on.
    pub(crate) fn is_shared<'a>(mut others: impl Iterator<Item = &'a Processor>) -> bool {
        let here = here();
        here != NOWHERE && others.any(|other| other.0.load(Relaxed) == here)
    }
}

#[cfg(all(any(target_os = "linux", target_os = "android"), not(miri)))]
fn here() -> u32 {
    // SAFETY: it takes nothing, and returns a number, or -1.
    let processor = unsafe { libc::sched_getcpu() };
    u32::try_from(processor).unwrap_or(NOWHERE)
}

#[cfg(not(all(any(target_os = "linux", target_os = "android"), not(miri))))]
fn here() -> u32 {
    NOWHERE
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn who_works_here_is_seen_until_it_leaves() {
        let (other, idle) = (Processor::new(), Processor::new());
        assert!(!other.is_used());
        other.0.store(7, Relaxed);
        assert!(other.is_used());
        other.leave();
        assert!(!other.is_used());
        // Nowhere is no place that two can share.
        assert!(here() != NOWHERE || !Processor::is_shared([&other, &idle].into_iter()));
        let everywhere: Vec<_> =
            (0..=u32::from(u16::MAX)).map(AtomicU32::new).map(Processor).collect();
        assert_eq!(Processor::is_shared(everywhere.iter()), here() != NOWHERE);
        assert!(!Processor::is_shared([&other, &idle].into_iter()));
    }
}
