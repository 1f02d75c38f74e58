//! Which processor a worker uses, so that none helps another by taking its processor.
//!
//! Help is worth something only on a processor of its own: where two workers share one, each task
//! that changes between them costs two changes of threads, and gains nothing. So every worker that
//! works notes its processor, about every 200 µs, and whoever would steal looks whether all the
//! processors that it may run on are taken by others. If one is free, the system may move one of
//! the two there. All of this is a hint: whoever is stuck is helped nevertheless, and who blocks
//! its thread now and then does not count as one that uses a processor.
//!
//! Where all processors are taken, a worker that makes no progress need not be stuck: it may wait for
//! its processor, which another program uses, or the host of a virtual machine, or the worker that looks
//! after it. Two workers that help each other then take turns for ever. So [`Processor::waits`] asks the
//! system whether that thread could run, but did not.
//!
//! Only Linux says where a thread runs. Elsewhere there always seems to be room.

use std::iter;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

#[cfg(all(test, target_os = "linux", not(any(tokio_loom, miri, tokio_shuttle))))]
pub(crate) mod tests;

/// The processor that a worker uses, and its thread, as the others see it.
#[derive(Debug)]
pub(crate) struct Processor {
    place: AtomicU32,
    thread: AtomicU32,
}

/// A thread, by the system's number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Thread(u32);

impl Thread {
    pub(crate) fn current() -> Self {
        Thread(system::thread())
    }
}

/// It does not work, or the system does not say where.
pub(crate) const NOWHERE: u32 = u32::MAX;

impl Processor {
    pub(crate) const fn new() -> Self {
        Processor { place: AtomicU32::new(NOWHERE), thread: AtomicU32::new(0) }
    }

    /// This `thread`, which runs this, works here. Relaxed, as everywhere: a hint.
    pub(crate) fn note(&self, thread: Thread) {
        self.thread.store(thread.0, Relaxed);
        self.place.store(system::here(), Relaxed);
    }

    /// The worker rests, or its thread blocks.
    pub(crate) fn leave(&self) {
        self.place.store(NOWHERE, Relaxed);
    }

    /// Whether the worker is at work, as far as the system says.
    pub(crate) fn is_used(&self) -> bool {
        self.place.load(Relaxed) != NOWHERE
    }

    /// How much processor time the worker's thread has taken, if it is at work on the processor that
    /// this thread runs on.
    pub(crate) fn time(&self) -> Option<Duration> {
        let is_here = Processor::is_shared(iter::once(self));
        is_here.then(|| system::time(self.thread.load(Relaxed))).flatten()
    }

    /// Whether the worker waits for the processor that this thread runs on: it could run, but has taken
    /// less than `least` of processor time since it had taken `before`.
    pub(crate) fn waits(&self, before: Duration, least: Duration) -> bool {
        let used = self.time().and_then(|time| time.checked_sub(before));
        used.is_some_and(|used| used < least) && system::is_ready(self.thread.load(Relaxed))
    }

    /// Whether one of `others` uses the processor that this thread runs on.
    pub(crate) fn is_shared<'a>(mut others: impl Iterator<Item = &'a Processor>) -> bool {
        let here = system::here();
        here != NOWHERE && others.any(|other| other.place.load(Relaxed) == here)
    }

    /// Whether `others` use all the processors that this thread may run on.
    pub(crate) fn are_taken<'a>(others: impl Iterator<Item = &'a Processor> + Clone) -> bool {
        // Mostly not, and then the system need not be asked.
        Processor::is_shared(others.clone())
            && system::are_all_in(others.map(|other| other.place.load(Relaxed)))
    }
}

/// The processors that some workers use; of the first 1,024, beyond which all seem to be free.
pub(crate) struct Used([u64; 16]);

impl Used {
    pub(crate) fn by<'a>(workers: impl Iterator<Item = &'a Processor>) -> Self {
        let mut used = Used([0; 16]);
        for place in workers.map(|worker| worker.place.load(Relaxed)) {
            if let Some(bits) = used.0.get_mut(place as usize / 64) {
                *bits |= 1 << (place % 64);
            }
        }
        used
    }

    fn has(&self, place: u32) -> bool {
        self.0.get(place as usize / 64).is_some_and(|bits| bits & 1 << (place % 64) != 0)
    }
}

/// Where a worker was when it found that others use all processors that it may run on, if that was so
/// when it last looked.
#[derive(Debug)]
pub(crate) struct Crowd(AtomicU32);

impl Crowd {
    pub(crate) const fn new() -> Self {
        Crowd(AtomicU32::new(NOWHERE))
    }

    /// It was so on this thread. Relaxed, as everywhere: a hint.
    pub(crate) fn note(&self) {
        self.0.store(system::here(), Relaxed);
    }

    pub(crate) fn forget(&self) {
        self.0.store(NOWHERE, Relaxed);
    }

    /// Whether that processor is among those that are `used` now. If not, the worker would find it free.
    pub(crate) fn lasts(&self, used: &Used) -> bool {
        used.has(self.0.load(Relaxed))
    }
}

/// Whether this thread may run on no processor but the one that it runs on.
pub(crate) fn is_only_one() -> bool {
    let here = system::here();
    here != NOWHERE && system::are_all_in([here].into_iter())
}

/// How often this thread has given its processor up of its own accord, in order to wait for
/// something; 0 where the system does not say.
pub(crate) fn blocks() -> u64 {
    system::blocks()
}

#[cfg(all(target_os = "linux", not(any(miri, tokio_shuttle))))]
mod system {
    use super::NOWHERE;
    use std::time::Duration;
    use std::{fs, mem};

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

    pub(super) fn thread() -> u32 {
        // SAFETY: it takes nothing, and returns a number. (`libc::gettid` is not in every C library.)
        let thread = unsafe { libc::syscall(libc::SYS_gettid) };
        u32::try_from(thread).unwrap_or(0)
    }

    /// The processor time of a thread of this process; None if it has ended, or was not known.
    pub(super) fn time(thread: u32) -> Option<Duration> {
        if thread == 0 {
            return None;
        }
        // The system's number for this clock: of a thread (4), of its time at work (2). The C library
        // gives the same, but only for a thread that is known not to have ended.
        let clock = (!libc::clockid_t::try_from(thread).ok()? << 3) | 6;
        // SAFETY: the structure consists of numbers.
        let mut time: libc::timespec = unsafe { mem::zeroed() };
        // SAFETY: the structure is this function's own. For a clock that does not exist the call fails.
        if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
            return None;
        }
        Some(Duration::new(time.tv_sec.try_into().ok()?, time.tv_nsec.try_into().ok()?))
    }

    /// Whether a thread of this process runs, or would if it had a processor. Not if the system does not
    /// tell.
    pub(super) fn is_ready(thread: u32) -> bool {
        // "NUMBER (NAME) STATE ...", and the name may contain anything.
        fs::read(format!("/proc/self/task/{thread}/stat")).is_ok_and(|stat| {
            let name_ends = stat.iter().rposition(|byte| *byte == b')');
            name_ends.is_some_and(|at| stat[at..].starts_with(b") R"))
        })
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
    use std::time::Duration;

    pub(super) fn here() -> u32 {
        super::NOWHERE
    }

    pub(super) fn thread() -> u32 {
        0
    }

    pub(super) fn time(_thread: u32) -> Option<Duration> {
        None
    }

    pub(super) fn is_ready(_thread: u32) -> bool {
        false
    }

    pub(super) fn blocks() -> u64 {
        0
    }

    pub(super) fn are_all_in(_taken: impl Iterator<Item = u32>) -> bool {
        false
    }
}
