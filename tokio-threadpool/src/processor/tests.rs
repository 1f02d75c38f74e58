//! Tests: what the system tells of threads and processors.

use super::*;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{mpsc, Arc};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// From now on this thread stays on the processor that it is on, and so does what it starts.
pub(crate) fn stay() {
    // SAFETY: a set of processors is numbers only, and zero is the empty one.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    let here = usize::try_from(system::here()).expect("the system knows");
    // SAFETY: the set lives on this stack, and its size is its own.
    let failed = unsafe {
        libc::CPU_SET(here, &mut set);
        libc::sched_setaffinity(0, mem::size_of_val(&set), &set)
    };
    assert_eq!(failed, 0, "a thread may stay where it is");
}

impl Processor {
    /// The worker works on a processor that this thread is not on.
    pub(crate) fn note_elsewhere(&self) {
        self.place.store(system::here() ^ 1, Relaxed);
    }
}

/// A thread that computes, or blocks, until this is dropped.
pub(crate) struct Other {
    pub(crate) thread: Thread,
    is_over: Arc<AtomicBool>,
    handle: Option<JoinHandle<()>>,
}

impl Other {
    pub(crate) fn that_computes() -> Self {
        Other::new(std::hint::spin_loop)
    }

    pub(crate) fn that_blocks() -> Self {
        let other = Other::new(thread::park);
        let patience = Instant::now() + Duration::from_secs(60);
        while system::is_ready(other.thread.0) {
            assert!(Instant::now() < patience, "it does not block");
            thread::yield_now();
        }
        other
    }

    fn new(pass_time: fn()) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (tell, told) = mpsc::channel();
        let over = is_over.clone();
        let handle = thread::spawn(move || {
            tell.send(Thread::current()).unwrap();
            drop(tell);
            while !over.load(SeqCst) {
                pass_time();
            }
        });
        Other { thread: told.recv().unwrap(), is_over, handle: Some(handle) }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.is_over.store(true, SeqCst);
        let handle = self.handle.take().expect("this is its only end");
        handle.thread().unpark();
        handle.join().unwrap();
    }
}

fn processors(numbers: impl Iterator<Item = u32>) -> Vec<Processor> {
    let processor = |number| Processor { place: AtomicU32::new(number), ..Processor::new() };
    numbers.map(processor).collect()
}

/// More than there are.
const EVERYWHERE: std::ops::Range<u32> = 0..65_536;

#[test]
fn who_works_here_is_seen_until_it_leaves() {
    let (other, idle) = (Processor::new(), Processor::new());
    assert!(!other.is_used());
    other.place.store(7, Relaxed);
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

#[test]
fn there_is_one_processor_where_a_thread_has_to_stay() {
    assert_eq!(is_only_one(), thread_may_use() == 1);
    stay();
    assert!(is_only_one());
}

const LONG: Duration = Duration::from_secs(3_600);

/// Notes that another thread works here.
fn note(other: &Other) -> (Processor, Duration) {
    let processor = Processor::new();
    processor.note(other.thread);
    let time = processor.time().expect("it works here");
    (processor, time)
}

#[test]
fn who_could_run_here_and_does_not_waits() {
    stay();
    let computes = Other::that_computes();
    let (processor, before) = note(&computes);
    assert!(processor.waits(before, LONG), "it has taken less than that");
    assert!(!processor.waits(before, Duration::ZERO), "it has taken as much");
    let patience = Instant::now() + Duration::from_secs(60);
    while processor.waits(before, Duration::from_millis(1)) {
        assert!(Instant::now() < patience, "it never runs");
        thread::yield_now();
    }
    processor.note_elsewhere();
    assert!(!processor.waits(before, LONG), "it works somewhere else");
    assert!(processor.time().is_none());
    processor.leave();
    assert!(!processor.waits(before, LONG), "it rests");
}

#[test]
fn who_blocks_does_not_wait_for_a_processor() {
    stay();
    let blocks = Other::that_blocks();
    let (processor, before) = note(&blocks);
    assert!(!processor.waits(before, LONG));
    assert!(processor.time().is_some(), "it is there");
}

#[test]
fn of_a_thread_that_the_system_does_not_know_nothing_is_told() {
    // Linux numbers no more than half as many.
    let none = 1 << 23;
    assert!(system::time(none).is_none());
    assert!(system::time(0).is_none());
    assert!(!system::is_ready(none));
    assert!(system::is_ready(Thread::current().0));
}

#[test]
fn a_crowd_lasts_as_long_as_somebody_is_where_it_was() {
    stay();
    let (crowd, worker) = (Crowd::new(), Processor::new());
    let lasts = || crowd.lasts(&Used::by([&worker].into_iter()));
    assert!(!lasts());
    crowd.note();
    assert!(!lasts(), "nobody works");
    worker.note(Thread::current());
    assert!(lasts());
    worker.note_elsewhere();
    assert!(!lasts(), "the processor is free");
    worker.note(Thread::current());
    crowd.forget();
    assert!(!lasts());
}

#[test]
fn of_many_processors_those_that_are_used_are_known() {
    let at = [0, 63, 64, 1_023, 1_024, NOWHERE];
    let used = Used::by(processors(at.into_iter()).iter());
    assert_eq!((0..2_000).filter(|place| used.has(*place)).collect::<Vec<_>>(), at[..4]);
    assert!(!used.has(NOWHERE));
}

fn thread_may_use() -> usize {
    (0..1024).filter(|left_out| !system::are_all_in((0..1024).filter(|n| n != left_out))).count()
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
