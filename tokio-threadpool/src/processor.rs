//! Which processor a worker uses, so that none helps another by taking its processor.
//!
//! Help is worth something only on a processor of its own: where two workers share one, each task
//! that changes between them costs two changes of threads, and gains nothing. So every worker that
//! works notes its processor, about every 200 µs, and whoever would steal looks whether all the
//! processors that it may run on are taken by others. If one is free, the system may move one of
//! the two there. All of this is a hint: whoever is stuck is helped nevertheless, and who blocks
//! its thread now and then does not count as one that uses a processor.
//!
//! Only Linux says where a thread runs. Elsewhere there always seems to be room.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

/// The processor that a worker uses, as the others see it.
#[derive(Debug)]
pub(crate) struct Processor(AtomicU32);

/// It does not work, or the system does not say where.
pub(crate) const NOWHERE: u32 = u32::MAX;

impl Processor {
    pub(crate) const fn new() -> Self {
        Processor(AtomicU32::new(NOWHERE))
    }

    /// This thread works, here. Relaxed, as everywhere: a hint.
    pub(crate) fn note(&self) {
        self.0.store(system::here(), Relaxed);
    }

    /// The worker works on a processor that this thread is not on.
    #[cfg(all(test, target_os = "linux", not(any(tokio_loom, tokio_shuttle))))]
    pub(crate) fn note_elsewhere(&self) {
        self.0.store(system::here() ^ 1, Relaxed);
    }

    /// The worker rests, or its thread blocks.
    pub(crate) fn leave(&self) {
        self.0.store(NOWHERE, Relaxed);
    }

    /// Whether the worker is at work, as far as the system says.
    pub(crate) fn is_used(&self) -> bool {
        self.0.load(Relaxed) != NOWHERE
    }

    /// Whether one of `others` uses the processor that this thread runs on.
    pub(crate) fn is_shared<'a>(mut others: impl Iterator<Item = &'a Processor>) -> bool {
        let here = system::here();
        here != NOWHERE && others.any(|other| other.0.load(Relaxed) == here)
    }

    /// Whether `others` use all the processors that this thread may run on.
    pub(crate) fn are_taken<'a>(others: impl Iterator<Item = &'a Processor> + Clone) -> bool {
        // Mostly not, and then the system need not be asked.
        Processor::is_shared(others.clone())
            && system::are_all_in(others.map(|other| other.0.load(Relaxed)))
    }
}

/// How often this thread has given its processor up of its own accord, in order to wait for
/// something; 0 where the system does not say.
pub(crate) fn blocks() -> u64 {
    system::blocks()
}

#[cfg(all(target_os = "linux", not(any(miri, tokio_shuttle))))]
mod system {
    use super::NOWHERE;
    use std::mem;

    pub(super) fn here() -> u32 {
        // SAFETY: it takes nothing, and returns a number, or -1.
        let processor = unsafe { libc::sched_getcpu() };
        u32::try_from(processor).unwrap_or(NOWHERE)
    }

    pub(super) fn blocks() -> u64 {
        // SAFETY: the structure consists of numbers.
        let mut usage: libc::rusage = unsafe { mem::zeroed() };
        // SAFETY: the structure is this function's own.
        match unsafe { libc::getrusage(libc::RUSAGE_THREAD, &mut usage) } {
            0 => u64::try_from(usage.ru_nvcsw).unwrap_or(0),
            _ => 0,
        }
    }

    /// Whether all the processors that this thread may run on are among `taken`. Not on machines
    /// with more of them than the set holds, where the call fails.
    pub(super) fn are_all_in(taken: impl Iterator<Item = u32>) -> bool {
        // SAFETY: the set consists of numbers; zero is the empty one.
        let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
        // SAFETY: the set is this function's own, and so is its size.
        if unsafe { libc::sched_getaffinity(0, mem::size_of_val(&set), &mut set) } != 0 {
            return false;
        }
        let fits = |processor: &usize| *processor < 8 * mem::size_of::<libc::cpu_set_t>();
        for processor in taken.filter_map(|processor| usize::try_from(processor).ok()).filter(fits)
        {
            // SAFETY: the number is within the set.
            unsafe { libc::CPU_CLR(processor, &mut set) };
        }
        // SAFETY: it reads the set.
        unsafe { libc::CPU_COUNT(&set) == 0 }
    }
}

#[cfg(tokio_shuttle)]
use crate::sync::simulated as system;

#[cfg(not(any(all(target_os = "linux", not(miri)), tokio_shuttle)))]
mod system {
    pub(super) fn here() -> u32 {
        super::NOWHERE
    }

    pub(super) fn blocks() -> u64 {
        0
    }

    pub(super) fn are_all_in(_taken: impl Iterator<Item = u32>) -> bool {
        false
    }
}

#[cfg(all(test, target_os = "linux", not(any(tokio_loom, miri, tokio_shuttle))))]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    fn processors(numbers: impl Iterator<Item = u32>) -> Vec<Processor> {
        numbers.map(AtomicU32::new).map(Processor).collect()
    }

    /// More than there are.
    const EVERYWHERE: std::ops::Range<u32> = 0..65_536;

    #[test]
    fn who_works_here_is_seen_until_it_leaves() {
        let (other, idle) = (Processor::new(), Processor::new());
        assert!(!other.is_used());
        other.0.store(7, Relaxed);
        assert!(other.is_used());
        other.leave();
        assert!(!other.is_used());
        // Nowhere is no place that two can share.
        assert!(!Processor::is_shared([&other, &idle].into_iter()));
        assert!(Processor::is_shared(processors(EVERYWHERE).iter()));
    }

    #[test]
    fn processors_are_taken_when_none_is_left() {
        assert!(Processor::are_taken(processors(EVERYWHERE).iter()));
        assert!(!Processor::are_taken([].into_iter()));
        assert!(system::are_all_in(EVERYWHERE));
        assert!(!system::are_all_in(std::iter::empty()));
        // One of those that this thread may use is left out.
        let here = system::here();
        assert!(!system::are_all_in(EVERYWHERE.filter(|number| *number != here)));
        assert_eq!(system::are_all_in([here].into_iter()), thread_may_use() == 1);
    }

    fn thread_may_use() -> usize {
        (0..1024)
            .filter(|left_out| !system::are_all_in((0..1024).filter(|n| n != left_out)))
            .count()
    }

    #[test]
    fn a_thread_that_waits_blocks() {
        let before = blocks();
        let (tell, told) = mpsc::channel();
        let other = thread::spawn(move || {
            thread::sleep(Duration::from_millis(1));
            tell.send(()).unwrap();
        });
        told.recv().unwrap();
        other.join().unwrap();
        assert!(blocks() > before);
    }
}
