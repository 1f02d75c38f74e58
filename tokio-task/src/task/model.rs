//! Whole tasks under every interleaving, on an executor of an inbox and two cores.
//!
//! Fails if, in `state`, `wake` is made Relaxed or Release, or `pause` or `woken` Relaxed; if `Waker::wake`
//! gives up its reference before it enqueues; if `complete` is mistaken about the handle; if a
//! task that completes elsewhere is unlinked there; if `end` takes the last reference for granted;
//! if the output of a detached task is forgotten; if the place for the handle's waker is never
//! emptied; or if `NextTask::replace` or `take` is made Relaxed.

use super::*;
use crate::task::inbox::Inbox;
use crate::task::slot::NextTask;
use crate::{JoinError, Std};
use loom::alloc::Track;
use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicUsize as Condition;
use loom::sync::Arc;
use loom::thread;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::Mutex;
use std::task::{Context, Poll, Wake, Waker};

fn check(f: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = model.preemption_bound.or(Some(3));
    model.check(f);
}

/// Counts what becomes of one task. The counters are std's: they order nothing for loom.
#[derive(Default)]
struct Fate {
    body: AtomicUsize,
    output: AtomicUsize,
    block: AtomicUsize,
    completed: AtomicUsize,
    wakers: Mutex<Vec<Waker>>,
}

impl Fate {
    /// All that the task was made of is gone, once.
    fn assert_gone(&self, outputs: usize) {
        assert_eq!(self.body.load(SeqCst), 1, "bodies dropped");
        assert_eq!(self.output.load(SeqCst), outputs, "outputs dropped");
        assert_eq!(self.completed.load(SeqCst), 1, "completed");
        assert_eq!(self.block.load(SeqCst), 1, "blocks freed");
    }

    fn waker(&self) -> Waker {
        self.wakers.lock().unwrap().pop().expect("a waker for each thread")
    }
}

/// A part of a task: loom reports if it is dropped while another thread uses it, or leaked.
struct Part {
    touched: UnsafeCell<()>,
    fate: std::sync::Arc<Fate>,
    which: fn(&Fate) -> &AtomicUsize,
    _leak: Track<()>,
}

// SAFETY: loom reports a write that races.
unsafe impl Sync for Part {}

impl Part {
    fn new(fate: &std::sync::Arc<Fate>, which: fn(&Fate) -> &AtomicUsize) -> Self {
        let fate = fate.clone();
        Part { touched: UnsafeCell::new(()), fate, which, _leak: Track::new(()) }
    }

    fn read(&self) {
        self.touched.with(|_| ());
    }

    fn write(&self) {
        self.touched.with_mut(|_| ());
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.write();
        (self.which)(&self.fate).fetch_add(1, SeqCst);
    }
}

/// The executor: one inbox, and two cores with a list each.
struct Shared {
    inbox: Inbox,
    returns: [Returns; 2],
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Shared { inbox: Inbox::new(), returns: [Returns::new(), Returns::new()] })
    }
}

struct Scheduler {
    shared: Arc<Shared>,
    block: Part,
}

// SAFETY: `Core` has the list to each of the two stacks.
unsafe impl Schedule for Scheduler {
    fn schedule(&self, task: Task) {
        self.shared.inbox.push(task);
        // Another thread may have run the task to its end by now.
        self.block.read();
    }

    fn completed(&self) {
        self.block.fate.completed.fetch_add(1, SeqCst);
    }

    fn panicked(&self, _: Box<dyn Any + Send>) {
        // Would be caught; makes `assert_gone` fail.
        self.block.fate.completed.fetch_add(100, SeqCst);
    }

    fn returns(&self, owner: u32) -> &Returns {
        &self.shared.returns[owner as usize - 1]
    }
}

struct Core {
    shared: Arc<Shared>,
    fate: std::sync::Arc<Fate>,
    owned: Owned,
}

// SAFETY: `Scheduler::returns` understands the numbers.
unsafe impl Runner for Core {
    fn owned(&self) -> Option<&Owned> {
        Some(&self.owned)
    }

    fn requeue(&self, task: Task) {
        self.shared.inbox.push(task);
    }

    fn completed(&self) {
        self.fate.completed.fetch_add(1, SeqCst);
    }
}

impl Core {
    fn new(owner: u32, shared: &Arc<Shared>, fate: &std::sync::Arc<Fate>) -> Self {
        Core { shared: shared.clone(), fate: fate.clone(), owned: Owned::new(owner) }
    }

    /// Runs what is queued at this moment, then unlinks what came back.
    fn turn(&self) {
        let mut batch = self.shared.inbox.take_all();
        while let Some(task) = batch.pop() {
            task.run(self);
        }
        self.drain();
    }

    fn drain(&self) {
        // SAFETY: this core's stack and list.
        unsafe { self.shared.returns[self.owned.owner() as usize - 1].drain(&self.owned) };
    }
}

/// Pending until all conditions are met; gives out wakers at its first poll.
struct Job {
    part: Part,
    conditions: Arc<[Condition; 2]>,
    needed: usize,
    wakers: usize,
}

impl Future for Job {
    type Output = Part;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Part> {
        self.part.write();
        for _ in 0..std::mem::take(&mut self.wakers) {
            self.part.fate.wakers.lock().unwrap().push(cx.waker().clone());
        }
        let met = self.conditions.iter().filter(|c| c.load(Relaxed) == 1).count();
        if met < self.needed {
            return Poll::Pending;
        }
        Poll::Ready(Part::new(&self.part.fate, |fate| &fate.output))
    }
}

/// One task, its conditions and its fate.
struct World {
    shared: Arc<Shared>,
    conditions: Arc<[Condition; 2]>,
    fate: std::sync::Arc<Fate>,
}

impl World {
    fn new() -> Self {
        World {
            shared: Shared::new(),
            conditions: Arc::new([Condition::new(0), Condition::new(0)]),
            fate: Default::default(),
        }
    }

    fn core(&self, owner: u32) -> Core {
        Core::new(owner, &self.shared, &self.fate)
    }

    fn job(&self, needed: usize, wakers: usize) -> (Std<Job>, Scheduler) {
        let part = Part::new(&self.fate, |fate| &fate.body);
        let job = Job { part, conditions: self.conditions.clone(), needed, wakers };
        let block = Part::new(&self.fate, |fate| &fate.block);
        (Std(job), Scheduler { shared: self.shared.clone(), block })
    }

    /// A queued task.
    fn detached(&self, needed: usize, wakers: usize) {
        let (job, scheduler) = self.job(needed, wakers);
        self.shared.inbox.push(Task::new(job, scheduler));
    }

    /// A queued task with its handle.
    fn joined(&self, needed: usize, wakers: usize) -> JoinHandle<Part> {
        let (job, scheduler) = self.job(needed, wakers);
        let (task, handle) = Task::with_handle(job, scheduler);
        self.shared.inbox.push(task);
        handle
    }

    /// A thread that meets condition `i` and wakes the task.
    fn wake(&self, i: usize) -> thread::JoinHandle<()> {
        let (conditions, waker) = (self.conditions.clone(), self.fate.waker());
        thread::spawn(move || {
            conditions[i].store(1, Relaxed);
            waker.wake();
        })
    }
}

/// The waker of whoever awaits a join handle: counts, and is tracked like the parts of a task.
struct Bell {
    rang: AtomicUsize,
    _leak: Track<()>,
}

impl Bell {
    fn new() -> std::sync::Arc<Self> {
        std::sync::Arc::new(Bell { rang: AtomicUsize::new(0), _leak: Track::new(()) })
    }
}

impl Wake for Bell {
    fn wake(self: std::sync::Arc<Self>) {
        self.rang.fetch_add(1, SeqCst);
    }
}

fn poll(
    handle: &mut JoinHandle<Part>,
    bell: &std::sync::Arc<Bell>,
) -> Poll<Result<Part, JoinError>> {
    let waker = Waker::from(bell.clone());
    Pin::new(handle).poll(&mut Context::from_waker(&waker))
}

/// Two wakes race with a poll: both are seen in the end, and the task is freed once.
#[test]
fn wakes_race_with_a_poll() {
    check(|| {
        let world = World::new();
        world.detached(2, 2);
        let core = world.core(1);
        core.turn();
        let wakers = [world.wake(0), world.wake(1)];
        core.turn();
        for waker in wakers {
            waker.join().unwrap();
        }
        core.turn();
        core.turn();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(1);
    });
}

/// As above with `wake_by_ref`, and the waker dropped while the task completes.
#[test]
fn a_waker_is_dropped_while_its_task_completes() {
    check(|| {
        let world = World::new();
        world.detached(1, 1);
        let core = world.core(1);
        core.turn();
        let (conditions, waker) = (world.conditions.clone(), world.fate.waker());
        let thread = thread::spawn(move || {
            conditions[0].store(1, Relaxed);
            waker.wake_by_ref();
            let clone = waker.clone();
            drop(waker);
            clone.wake();
        });
        core.turn();
        thread.join().unwrap();
        core.turn();
        world.fate.assert_gone(1);
    });
}

/// A task owned by one core completes on the other.
#[test]
fn a_task_completes_on_another_core() {
    check(|| {
        let world = World::new();
        world.detached(1, 1);
        let core = world.core(1);
        core.turn();
        let other = world.core(2);
        let thread = thread::spawn(move || {
            other.turn();
            other.owned.is_empty()
        });
        world.conditions[0].store(1, Relaxed);
        world.fate.waker().wake();
        core.turn();
        assert!(thread.join().unwrap());
        core.turn();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(1);
    });
}

/// Neighbours in one core's list complete on the other while the list's own core changes it.
#[test]
fn neighbours_in_a_list_complete_elsewhere() {
    check(|| {
        let (first, second) = (World::new(), World::new());
        // One executor for both.
        let second = World { shared: first.shared.clone(), ..second };
        first.detached(1, 1);
        second.detached(1, 1);
        let core = first.core(1);
        core.turn();
        second.conditions[0].store(1, Relaxed);
        second.fate.waker().wake();
        let other = second.core(2);
        let mut batch = first.shared.inbox.take_all();
        let thread = thread::spawn(move || {
            while let Some(task) = batch.pop() {
                task.run(&other);
            }
        });
        first.conditions[0].store(1, Relaxed);
        first.fate.waker().wake();
        core.turn();
        thread.join().unwrap();
        core.turn();
        assert!(core.owned.is_empty());
        first.fate.assert_gone(1);
        second.fate.assert_gone(1);
    });
}

/// An abort races with a wake, a poll and completion: the task ends once, in one of both ways.
#[test]
fn an_abort_races_with_a_wake_and_completion() {
    check(|| {
        let world = World::new();
        let handle = world.joined(1, 1);
        let core = world.core(1);
        core.turn();
        let waker = world.wake(0);
        let abort = thread::spawn(move || {
            handle.abort();
            handle
        });
        core.turn();
        waker.join().unwrap();
        let mut handle = abort.join().unwrap();
        core.turn();
        core.turn();
        let outputs = match poll(&mut handle, &Bell::new()) {
            Poll::Ready(Ok(_)) => 1,
            Poll::Ready(Err(error)) => {
                assert!(error.is_cancelled());
                0
            }
            Poll::Pending => panic!("neither finished nor cancelled"),
        };
        drop(handle);
        world.fate.assert_gone(outputs);
    });
}

/// The shutdown of a core races with a wake: the task ends once.
#[test]
fn a_shutdown_races_with_a_wake() {
    check(|| {
        let world = World::new();
        world.detached(2, 1);
        let core = world.core(1);
        core.turn();
        let waker = world.wake(0);
        core.owned.abort_all(drop);
        core.drain();
        waker.join().unwrap();
        core.turn();
        core.drain();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(0);
    });
}

/// A handle is polled while the task completes: it is woken or finds the output.
#[test]
fn a_join_races_with_completion() {
    check(|| {
        let world = World::new();
        let mut handle = world.joined(0, 0);
        let thread = thread::spawn(move || {
            let bell = Bell::new();
            let found = poll(&mut handle, &bell).is_ready();
            (handle, bell, found)
        });
        world.core(1).turn();
        let (mut handle, bell, found) = thread.join().unwrap();
        let rang = bell.rang.load(SeqCst);
        assert_eq!(rang, usize::from(!found));
        if !found {
            let Poll::Ready(Ok(output)) = poll(&mut handle, &bell) else { panic!("no output") };
            output.write();
        }
        drop(handle);
        assert_eq!(std::sync::Arc::strong_count(&bell), 1, "the waker was kept");
        world.fate.assert_gone(1);
    });
}

/// A handle changes its waker and goes away while the task completes: the wakers, the output and
/// the block are dropped once.
#[test]
fn a_handle_is_dropped_while_the_task_completes() {
    check(|| {
        let world = World::new();
        let mut handle = world.joined(0, 0);
        let thread = thread::spawn(move || {
            let bells = [Bell::new(), Bell::new()];
            for bell in &bells {
                if poll(&mut handle, bell).is_ready() {
                    break;
                }
            }
            drop(handle);
            bells
        });
        world.core(1).turn();
        for bell in thread.join().unwrap() {
            assert_eq!(std::sync::Arc::strong_count(&bell), 1, "the waker was kept");
        }
        world.fate.assert_gone(1);
    });
}

/// A complete task keeps no waker of who awaited it, though its own wakers live on.
#[test]
fn a_complete_task_keeps_no_waker() {
    check(|| {
        let world = World::new();
        let mut handle = world.joined(1, 1);
        let core = world.core(1);
        core.turn();
        let bell = Bell::new();
        assert!(poll(&mut handle, &bell).is_pending());
        world.conditions[0].store(1, Relaxed);
        let waker = world.fate.waker();
        waker.wake_by_ref();
        let thread = thread::spawn(move || drop(handle));
        core.turn();
        thread.join().unwrap();
        assert_eq!(std::sync::Arc::strong_count(&bell), 1, "the waker was kept");
        drop(waker);
        world.fate.assert_gone(1);
    });
}

/// Who sees that a task is finished sees what it did.
#[test]
fn a_finished_task_has_published_what_it_did() {
    check(|| {
        let world = World::new();
        let written = Arc::new(Part::new(&world.fate, |fate| &fate.body));
        let theirs = written.clone();
        let block = Part::new(&world.fate, |fate| &fate.block);
        let scheduler = Scheduler { shared: world.shared.clone(), block };
        let (task, handle) = Task::with_handle(Std(async move { theirs.write() }), scheduler);
        world.shared.inbox.push(task);
        let thread = thread::spawn(move || {
            if handle.is_finished() {
                written.write();
            }
        });
        world.core(1).turn();
        thread.join().unwrap();
        world.fate.assert_gone(0);
    });
}

/// A futures 0.1 task is notified while it is polled, and while it completes.
#[test]
fn notifications_race_with_a_poll_of_futures01() {
    check(|| {
        let world = World::new();
        let part = Part::new(&world.fate, |fate| &fate.body);
        let block = Part::new(&world.fate, |fate| &fate.block);
        let conditions = world.conditions.clone();
        let given: std::sync::Arc<Mutex<Vec<_>>> = Default::default();
        let give = given.clone();
        let body = futures::future::poll_fn(move || {
            part.write();
            if conditions[0].load(Relaxed) == 1 {
                return Ok(futures::Async::Ready(()));
            }
            give.lock().unwrap().push(futures::task::current());
            Ok(futures::Async::NotReady)
        });
        let scheduler = Scheduler { shared: world.shared.clone(), block };
        world.shared.inbox.push(Task::new(crate::Futures01::new(body), scheduler));
        let core = world.core(1);
        core.turn();
        let (task, conditions) = (given.lock().unwrap().pop().unwrap(), world.conditions.clone());
        let thread = thread::spawn(move || {
            let clone = task.clone();
            task.notify();
            drop(task);
            conditions[0].store(1, Relaxed);
            clone.notify();
        });
        core.turn();
        thread.join().unwrap();
        core.turn();
        core.turn();
        given.lock().unwrap().clear();
        world.fate.assert_gone(0);
    });
}

/// An output that nobody takes is dropped by whoever comes last.
#[test]
fn a_detach_races_with_completion() {
    check(|| {
        let world = World::new();
        let handle = world.joined(0, 0);
        let thread = thread::spawn(move || drop(handle));
        world.core(1).turn();
        thread.join().unwrap();
        world.fate.assert_gone(1);
    });
}

/// A queue entry is dropped on one thread while the task is woken on another.
#[test]
fn a_dropped_entry_races_with_a_wake() {
    check(|| {
        let world = World::new();
        world.detached(2, 2);
        let core = world.core(1);
        core.turn();
        let wakers = [world.wake(0), world.wake(1)];
        drop(world.shared.inbox.take_all());
        core.drain();
        for waker in wakers {
            waker.join().unwrap();
        }
        drop(world.shared.inbox.take_all());
        core.drain();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(0);
    });
}

/// Two threads exchange tasks through one place; each task is run once.
#[test]
fn the_next_task_is_run_once() {
    check(|| {
        let worlds = [World::new(), World::new()];
        let next = Arc::new(NextTask::new());
        let put = |world: &World, next: &NextTask, core: &Core| {
            let (job, scheduler) = world.job(0, 0);
            if let Some(displaced) = next.replace(Task::new(job, scheduler)) {
                displaced.run(core);
            }
            if let Some(task) = next.take() {
                task.run(core);
            }
        };
        let [here, there] = worlds;
        let fates = [here.fate.clone(), there.fate.clone()];
        // Which core runs a task does not matter here: all count in its scheduler's stead.
        let other = next.clone();
        let thread = thread::spawn(move || put(&there, &other, &there.core(2)));
        put(&here, &next, &here.core(1));
        thread.join().unwrap();
        assert!(next.take().is_none());
        let total: usize = fates.iter().map(|fate| fate.completed.load(SeqCst)).sum();
        assert_eq!(total, 2);
        for fate in fates {
            assert_eq!(fate.body.load(SeqCst), 1);
            assert_eq!(fate.output.load(SeqCst), 1);
            assert_eq!(fate.block.load(SeqCst), 1);
        }
    });
}
