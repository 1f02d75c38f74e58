//! Whole executors under every interleaving with other threads.
//!
//! Fails if `ring` or `wake_root` is made Relaxed, or `answer` or `take_root`; if `ring` unparks only
//! when somebody has rung before, or `answer` does not clear; if a wake of a task or of the main
//! future does not ring; if the door is not closed, or the shutdown does not wait for what is on its
//! way, does not look there, or does not abort; if what other threads spawned is not counted; or if
//! the loop parks without a look at the inbox, or with the main future woken.
//!
//! `mutations.txt` has them all, to be replayed.

use crate::CurrentThread;
use loom::alloc::Track;
use loom::sync::atomic::AtomicUsize as Condition;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle as JoinHandleOf, ThreadId};
use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio_executor::park::{Park, ParkError, ParkThread, Unpark, UnparkThread};
use tokio_task::JoinHandle;

/// Models `f`, which runs an executor on a thread of its own and returns the other threads and what
/// is to hold in the end: loom mistakes an `unpark` of a thread for the end of one that it joins.
fn check(f: fn() -> (Vec<JoinHandleOf<()>>, Box<dyn FnOnce()>)) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(move || {
        let (threads, finally) = thread::spawn(f).join().unwrap();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        finally();
    });
}

/// A parker whose handle, and so the door and each task, loom reports if it is leaked.
struct Tracked(ParkThread);

struct TrackedUnpark(UnparkThread, Track<()>);

impl Park for Tracked {
    type Unpark = TrackedUnpark;
    type Error = ParkError;

    fn unpark(&self) -> TrackedUnpark {
        TrackedUnpark(self.0.unpark(), Track::new(()))
    }

    fn park(&mut self) -> Result<(), ParkError> {
        self.0.park()
    }

    fn park_timeout(&mut self, duration: Duration) -> Result<(), ParkError> {
        self.0.park_timeout(duration)
    }
}

impl Unpark for TrackedUnpark {
    fn unpark(&self) {
        let TrackedUnpark(unpark, Track { .. }) = self;
        unpark.unpark();
    }
}

fn executor() -> CurrentThread<Tracked> {
    CurrentThread::new_with_park(Tracked(ParkThread::new()))
}

/// Must be dropped where it was made, if `local`.
struct Part {
    home: ThreadId,
    local: bool,
    drops: std::sync::Arc<AtomicUsize>,
    _leak: Track<()>,
}

impl Part {
    fn new(local: bool, drops: &std::sync::Arc<AtomicUsize>) -> Self {
        let home = thread::current().id();
        Part { home, local, drops: drops.clone(), _leak: Track::new(()) }
    }

    fn touch(&self) {
        assert!(!self.local || self.home == thread::current().id(), "on another thread");
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.touch();
        self.drops.fetch_add(1, SeqCst);
    }
}

type Wakers = std::sync::Arc<Mutex<Vec<Waker>>>;

/// Not `Send`; pending until as many conditions are met as there are wakers to give out.
struct Job {
    part: Rc<Part>,
    conditions: Arc<[Condition; 2]>,
    needed: usize,
    gave: bool,
    wakers: Wakers,
}

impl Future for Job {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.part.touch();
        if !std::mem::replace(&mut self.gave, true) {
            for _ in 0..self.needed {
                // Made first: loom must not switch threads under std's lock.
                let waker = cx.waker().clone();
                self.wakers.lock().unwrap().push(waker);
            }
        }
        let met = self.conditions.iter().filter(|c| c.load(Relaxed) == 1).count();
        if met < self.needed {
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

/// One job, its conditions and its fate.
struct World {
    conditions: Arc<[Condition; 2]>,
    drops: std::sync::Arc<AtomicUsize>,
    wakers: Wakers,
}

impl World {
    fn new() -> Self {
        World {
            conditions: Arc::new([Condition::new(0), Condition::new(0)]),
            drops: Default::default(),
            wakers: Default::default(),
        }
    }

    fn job(&self, needed: usize) -> Job {
        Job {
            part: Rc::new(Part::new(true, &self.drops)),
            conditions: self.conditions.clone(),
            needed,
            gave: false,
            wakers: self.wakers.clone(),
        }
    }

    /// Meets condition `i` and wakes, on another thread.
    fn wake(&self, i: usize) -> impl FnOnce() + 'static {
        let conditions = self.conditions.clone();
        let waker = self.wakers.lock().unwrap().pop().expect("a waker for each thread");
        move || {
            conditions[i].store(1, Relaxed);
            waker.wake();
        }
    }

    fn assert_dropped(&self) {
        assert_eq!(self.drops.load(SeqCst), 1, "bodies dropped");
    }
}

/// One turn that does not wait.
fn turn(executor: &mut CurrentThread<Tracked>) {
    executor.turn(Some(Duration::ZERO)).unwrap();
}

#[test]
fn two_wakes_racing_with_park_are_not_lost() {
    check(|| {
        let world = World::new();
        let mut executor = executor();
        drop(executor.spawn(world.job(2)));
        turn(&mut executor);
        let threads = [0, 1].map(|i| thread::spawn(world.wake(i)));
        executor.run().unwrap();
        world.assert_dropped();
        (threads.into(), Box::new(|| ()))
    });
}

#[test]
fn two_wakes_of_the_main_future_are_not_lost() {
    check(|| {
        let world = World::new();
        let mut executor = executor();
        let mut job = Box::pin(world.job(2));
        // Its wakers are given out at the first poll; the threads start then.
        let mut threads = Vec::new();
        let main = poll_fn(|cx| {
            let polled = job.as_mut().poll(cx);
            if threads.is_empty() {
                threads.extend([0, 1].map(|i| thread::spawn(world.wake(i))));
            }
            polled
        });
        executor.block_on(main).unwrap();
        (threads, Box::new(|| ()))
    });
}

/// Its own wake rings for nobody.
#[test]
fn a_main_future_that_wakes_itself_is_polled_again() {
    check(|| {
        let mut again = false;
        let main = poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if std::mem::replace(&mut again, true) {
                return Poll::Ready(());
            }
            Poll::Pending
        });
        executor().block_on(main).unwrap();
        (Vec::new(), Box::new(|| ()))
    });
}

#[test]
fn what_a_wake_finds_woken_is_seen() {
    check(|| {
        let world = World::new();
        let mut executor = executor();
        drop(executor.spawn(world.job(1)));
        turn(&mut executor);
        let waker = world.wakers.lock().unwrap()[0].clone();
        let thread = thread::spawn(world.wake(0));
        // Of this thread, outside of a run: also by the inbox.
        waker.wake();
        executor.run().unwrap();
        world.assert_dropped();
        (vec![thread], Box::new(|| ()))
    });
}

#[test]
fn a_spawn_from_outside_is_run() {
    check(|| {
        let mut executor = executor();
        let handle = executor.handle();
        let ran = std::sync::Arc::new(AtomicBool::new(false));
        let theirs = ran.clone();
        let spawn = move || drop(handle.spawn(async move { theirs.store(true, SeqCst) }).unwrap());
        let thread = thread::spawn(spawn);
        while !ran.load(SeqCst) {
            executor.turn(None).unwrap();
        }
        executor.run().unwrap();
        assert!(executor.is_idle());
        (vec![thread], Box::new(|| ()))
    });
}

#[test]
fn a_spawn_from_outside_races_with_the_end() {
    check(|| {
        let executor = executor();
        let handle = executor.handle();
        let drops = std::sync::Arc::new(AtomicUsize::new(0));
        let part = Part::new(false, &drops);
        let thread = thread::spawn(move || {
            let future = async move {
                part.touch();
                std::future::pending().await
            };
            drop(handle.spawn(future).map(drop::<JoinHandle<()>>));
        });
        drop(executor);
        let dropped = move || assert_eq!(drops.load(SeqCst), 1, "bodies dropped");
        (vec![thread], Box::new(dropped))
    });
}

#[test]
fn wakes_race_with_the_end_and_the_future_stays_on_its_thread() {
    check(|| {
        let world = World::new();
        let mut executor = executor();
        drop(executor.spawn(world.job(2)));
        turn(&mut executor);
        let threads = [0, 1].map(|i| thread::spawn(world.wake(i)));
        drop(executor);
        world.assert_dropped();
        (threads.into(), Box::new(move || world.assert_dropped()))
    });
}

#[test]
fn an_abort_from_another_thread_races_with_the_end() {
    check(|| {
        // Nobody wakes the idle one.
        let (world, idle) = (World::new(), World::new());
        let mut executor = executor();
        let handle = executor.spawn(world.job(1));
        drop(executor.spawn(idle.job(1)));
        turn(&mut executor);
        drop((world.wakers.lock().unwrap().pop(), idle.wakers.lock().unwrap().pop()));
        let thread = thread::spawn(move || handle.abort());
        drop(executor);
        world.assert_dropped();
        idle.assert_dropped();
        (vec![thread], Box::new(|| ()))
    });
}

#[test]
fn an_abort_from_another_thread_drops_the_future_on_its_own() {
    check(|| {
        let world = World::new();
        let mut executor = executor();
        let handle = executor.spawn(world.job(1));
        turn(&mut executor);
        drop(world.wakers.lock().unwrap().pop());
        let thread = thread::spawn(move || handle.abort());
        executor.run().unwrap();
        world.assert_dropped();
        (vec![thread], Box::new(|| ()))
    });
}

/// An output that is `Send`, of a future that is not, is taken on another thread while the task ends.
#[test]
fn an_output_is_taken_on_another_thread() {
    check(|| {
        let world = World::new();
        let mut executor = executor();
        let outputs = std::sync::Arc::new(AtomicUsize::new(0));
        let (job, output) = (world.job(0), Part::new(false, &outputs));
        let mut handle = executor.spawn(async move {
            job.await;
            output
        });
        let thread = thread::spawn(move || {
            let mut cx = Context::from_waker(Waker::noop());
            drop(Pin::new(&mut handle).poll(&mut cx));
        });
        executor.run().unwrap();
        world.assert_dropped();
        let dropped = move || assert_eq!(outputs.load(SeqCst), 1, "outputs dropped");
        (vec![thread], Box::new(dropped))
    });
}
