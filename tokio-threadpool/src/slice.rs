//! The time slice of a thread that stands by: short, so that it need not wait for a processor.
//!
//! A standby sleeps on the processor where it ran last, which may be the very one that a stuck poll
//! keeps busy; and where processors are virtual, the system may wake it there though another one is
//! idle. Linux then lets whoever runs go on to the end of a slice, as the clock's next tick finds it:
//! up to 4 ms, twice what the standby meant to sleep. A thread that asks for short slices is let in
//! at once (from Linux 6.12 on; its share of the processor stays what it was). So where a worker was
//! stuck lately, a standby asks for the shortest, and takes that back before it polls a task: what a
//! task starts, threads and processes, inherits the slice of its thread.
//!
//! A program may forbid such calls by a filter that kills it (seccomp). So they are not made while any
//! filter is there; nor once the system has refused one.

use std::cell::Cell;

/// This thread's slice.
pub(crate) struct Slice {
    /// What it was, while it is short. It stays on its thread.
    before: Cell<Option<system::Attributes>>,
}

impl Slice {
    pub(crate) const fn new() -> Self {
        Slice { before: Cell::new(None) }
    }

    /// Makes it short, if the system lets us.
    pub(crate) fn shorten(&self) {
        if self.before.get().is_none() {
            self.before.set(system::shorten());
        }
    }

    /// Makes it what it was.
    #[inline]
    pub(crate) fn restore(&self) {
        if let Some(before) = self.before.take() {
            system::restore(before);
        }
    }

    #[cfg(test)]
    pub(crate) fn is_short(&self) -> bool {
        self.before.get().is_some()
    }
}

#[cfg(all(target_os = "linux", not(any(loom, miri, shuttle))))]
mod system {
    use std::mem;
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::Relaxed;

    /// The first version of the system's `struct sched_attr`.
    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Attributes {
        size: u32,
        policy: u32,
        flags: u64,
        nice: i32,
        priority: u32,
        /// Of a thread with the usual policy: its slice in nanoseconds; 0 before Linux 6.12.
        runtime: u64,
        deadline: u64,
        period: u64,
    }

    const SIZE: u32 = mem::size_of::<Attributes>() as u32;

    /// The shortest that the system grants, in nanoseconds.
    const SHORT: u64 = 100_000;

    /// No thread may, or the system does not know of slices. Relaxed: it protects nothing, and to ask
    /// once more is no harm.
    static REFUSED: AtomicBool = AtomicBool::new(false);

    /// What the attributes were; None if they are what they were.
    pub(super) fn shorten() -> Option<Attributes> {
        if REFUSED.load(Relaxed) || is_filtered() {
            return None;
        }
        let before = attributes().filter(|attributes| attributes.runtime != 0);
        let Some(before) = before else {
            REFUSED.store(true, Relaxed);
            return None;
        };
        // The thread has a policy of its user's choice, or such slices.
        if before.policy != libc::SCHED_OTHER as u32 || before.runtime <= SHORT {
            return None;
        }
        set(Attributes { runtime: SHORT, ..before }).then_some(before)
    }

    pub(super) fn restore(before: Attributes) {
        // With a filter that has come meanwhile, short slices remain, which does no harm.
        if !is_filtered() {
            set(before);
        }
    }

    /// Whether a filter looks at this thread's system calls, or we may not know.
    fn is_filtered() -> bool {
        // SAFETY: it takes numbers, and returns one.
        unsafe { libc::prctl(libc::PR_GET_SECCOMP) != 0 }
    }

    pub(super) fn attributes() -> Option<Attributes> {
        // SAFETY: the structure consists of numbers.
        let mut attributes: Attributes = unsafe { mem::zeroed() };
        // SAFETY: it writes no more than `SIZE` bytes, to this function's structure.
        let failed =
            unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, SIZE, 0) != 0 };
        (!failed).then_some(attributes)
    }

    fn set(attributes: Attributes) -> bool {
        let attributes = Attributes { size: SIZE, ..attributes };
        // SAFETY: it reads `SIZE` bytes of this function's structure.
        let failed =
            unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) != 0 };
        if failed {
            REFUSED.store(true, Relaxed);
        }
        !failed
    }
}

#[cfg(not(all(target_os = "linux", not(any(loom, miri, shuttle)))))]
mod system {
    #[derive(Clone, Copy)]
    pub(super) enum Attributes {}

    pub(super) fn shorten() -> Option<Attributes> {
        None
    }

    pub(super) fn restore(before: Attributes) {
        match before {}
    }
}

#[cfg(all(test, target_os = "linux", not(any(loom, miri, shuttle))))]
mod tests {
    use super::*;
    use std::thread;

    /// Some systems refuse, and then nothing has changed either.
    #[test]
    fn a_slice_is_short_until_it_is_restored() {
        let slice = Slice::new();
        let before = system::attributes();
        for _ in 0..2 {
            slice.shorten();
            slice.shorten();
            assert_eq!(system::attributes() != before, slice.is_short());
            slice.restore();
            assert!(!slice.is_short());
            assert_eq!(system::attributes(), before);
        }
    }

    #[test]
    fn a_thread_whose_calls_are_filtered_is_left_alone() {
        thread::spawn(|| {
            // A filter that lets everything pass.
            let pass = libc::sock_filter {
                code: (libc::BPF_RET | libc::BPF_K) as u16,
                jt: 0,
                jf: 0,
                k: libc::SECCOMP_RET_ALLOW,
            };
            let program = libc::sock_fprog { len: 1, filter: &raw const pass as *mut _ };
            let filter = libc::SECCOMP_MODE_FILTER;
            // SAFETY: the program and its one instruction live on this stack; the system copies them,
            // for this thread alone.
            let refused = unsafe {
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                    || libc::prctl(libc::PR_SET_SECCOMP, filter, &raw const program) != 0
            };
            let slice = Slice::new();
            slice.shorten();
            assert!(refused || !slice.is_short());
        })
        .join()
        .expect("it does not panic");
    }
}
