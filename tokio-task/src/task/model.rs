//! Whole tasks under every interleaving, on an executor of an inbox and two cores.
//!
//! Fails if, in `state`, `wake` or `abort` is made Relaxed or Release, `is_complete` Relaxed, `detach`
//! Acquire or `woken` Release; if `start` forgets an abort or a complete task is enqueued; if
//! `Waker::wake` gives up its reference before it enqueues, or a clone of a waker or notifier counts
//! nothing; if `end` unlinks a task from another core's list, frees it there, does not return it,
//! forgets its output or drops the handle's waker in the handle's stead; if a join handle drops a
//! waker that is being woken, forgets the output, or polled twice is not woken; if `Returns::push` or
//! `drain` is made Relaxed or forgets to unlink; or if `NextTask::replace` is made anything less than
//! AcqRel, or `take` Relaxed. The `detach` one needs three preemptions.
//!
//! `mutations.txt` has them all, to be replayed.

use super::*;
use crate::task::inbox::Inbox;
use crate::task::slot::NextTask;
use crate::{JoinError, Std};
use loom::alloc::Track;
use loom::cell::UnsafeCell;
use loom::sync::atomic::AtomicUsize as Condition;
use loom::sync::Arc;
use loom::thread;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::Mutex;
use std::task::{Context, Poll, Wake, Waker};

/// Models `f` once for each order of `threads` racers; see [`together`].
fn check(threads: usize, f: impl Fn(usize) + Copy + Send + Sync + 'static) {
    for first in 0..threads {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = model.preemption_bound.or(Some(3));
        model.check(move || f(first));
    }
}

type Racer = Box<dyn FnOnce()>;

/// Runs each on a thread of its own, beginning with the one numbered `first`: loom explores all
/// orders from there, but it overlooks a race of a lone load with a load and exchange after it.
fn together<const N: usize>(first: usize, racers: [Racer; N]) {
    let mut racers = Vec::from(racers);
    racers.rotate_left(first);
    for thread in racers.into_iter().map(thread::spawn).collect::<Vec<_>>() {
        thread.join().unwrap();
    }
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
    /// A turn, as a racer. loom runs its threads on one; it is told of what the lists link.
    fn turns(self: &Rc<Self>) -> Racer {
        let core = self.clone();
        Box::new(move || core.turn())
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
            // Made first: loom must not switch threads under std's lock.
            let waker = cx.waker().clone();
            self.part.fate.wakers.lock().unwrap().push(waker);
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

    fn core(&self, owner: u32) -> Rc<Core> {
        let (shared, fate) = (self.shared.clone(), self.fate.clone());
        Rc::new(Core { shared, fate, owned: Owned::new(owner) })
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

    /// Meets condition `i` and wakes the task.
    fn wake(&self, i: usize) -> Racer {
        let (conditions, waker) = (self.conditions.clone(), self.fate.waker());
        Box::new(move || {
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
    check(3, |first| {
        let world = World::new();
        world.detached(2, 2);
        let core = world.core(1);
        core.turn();
        together(first, [world.wake(0), world.wake(1), core.turns()]);
        core.turn();
        core.turn();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(1);
    });
}

/// The task is polled and paused on one thread, and enqueued by a wake on another.
#[test]
fn a_wake_enqueues_what_another_thread_paused() {
    check(2, |first| {
        let world = World::new();
        world.detached(1, 1);
        let core = world.core(1);
        let fate = world.fate.clone();
        let conditions = world.conditions.clone();
        let wake = move || {
            let waker = fate.wakers.lock().unwrap().pop();
            if let Some(waker) = waker {
                conditions[0].store(1, Relaxed);
                waker.wake();
            }
        };
        together(first, [core.turns(), Box::new(wake.clone())]);
        wake();
        core.turn();
        core.turn();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(1);
    });
}

/// As above, but by an abort.
#[test]
fn an_abort_enqueues_what_another_thread_paused() {
    check(2, |first| {
        let world = World::new();
        let handle = world.joined(1, 0);
        let core = world.core(1);
        together(first, [core.turns(), Box::new(move || handle.abort())]);
        core.turn();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(0);
    });
}

/// A waker is used and dropped while the task completes.
#[test]
fn a_waker_is_dropped_while_its_task_completes() {
    check(2, |first| {
        let world = World::new();
        world.detached(1, 1);
        let core = world.core(1);
        core.turn();
        let (conditions, waker) = (world.conditions.clone(), world.fate.waker());
        let wakes = move || {
            conditions[0].store(1, Relaxed);
            waker.wake_by_ref();
            let clone = waker.clone();
            drop(waker);
            clone.wake();
        };
        together(first, [Box::new(wakes), core.turns()]);
        core.turn();
        world.fate.assert_gone(1);
    });
}

/// A task owned by one core completes on the other.
#[test]
fn a_task_completes_on_another_core() {
    check(3, |first| {
        let world = World::new();
        world.detached(1, 1);
        let (core, other) = (world.core(1), world.core(2));
        core.turn();
        together(first, [world.wake(0), other.turns(), core.turns()]);
        core.turn();
        assert!(other.owned.is_empty());
        assert!(core.owned.is_empty());
        world.fate.assert_gone(1);
    });
}

/// Neighbours in one core's list complete on the other while the list's own core changes it.
#[test]
fn neighbours_in_a_list_complete_elsewhere() {
    check(2, |first| {
        let near = World::new();
        // Of the same executor.
        let far = World { shared: near.shared.clone(), ..World::new() };
        let core = near.core(1);
        far.detached(1, 1);
        near.detached(1, 1);
        core.turn();
        far.conditions[0].store(1, Relaxed);
        far.fate.waker().wake();
        let other = far.core(2);
        let mut batch = near.shared.inbox.take_all();
        let elsewhere = move || {
            while let Some(task) = batch.pop() {
                task.run(&*other);
            }
        };
        near.conditions[0].store(1, Relaxed);
        near.fate.waker().wake();
        together(first, [Box::new(elsewhere), core.turns()]);
        core.turn();
        assert!(core.owned.is_empty());
        near.fate.assert_gone(1);
        far.fate.assert_gone(1);
    });
}

/// An abort races with a wake, a poll and completion: the task ends once, in one of both ways.
#[test]
fn an_abort_races_with_a_wake_and_completion() {
    check(3, |first| {
        let world = World::new();
        let handle = Rc::new(RefCell::new(world.joined(1, 1)));
        let core = world.core(1);
        core.turn();
        let theirs = handle.clone();
        let abort = Box::new(move || theirs.borrow().abort());
        together(first, [world.wake(0), abort, core.turns()]);
        core.turn();
        core.turn();
        let outputs = match poll(&mut handle.borrow_mut(), &Bell::new()) {
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
    check(2, |first| {
        let world = World::new();
        world.detached(2, 1);
        let core = world.core(1);
        core.turn();
        let theirs = core.clone();
        let shutdown = move || {
            theirs.owned.abort_all(drop);
            theirs.turn();
        };
        together(first, [world.wake(0), Box::new(shutdown)]);
        core.turn();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(0);
    });
}

/// A handle is polled twice while the task completes: it is woken or finds the output.
#[test]
fn a_join_races_with_completion() {
    check(2, |first| {
        let world = World::new();
        let handle = Rc::new(RefCell::new(world.joined(0, 0)));
        let bell = Bell::new();
        let found = Rc::new(Cell::new(false));
        let theirs = (handle.clone(), bell.clone(), found.clone());
        let join = move || {
            let (handle, bell, found) = theirs;
            let mut handle = handle.borrow_mut();
            found.set((0..2).any(|_| poll(&mut handle, &bell).is_ready()));
        };
        together(first, [Box::new(join), world.core(1).turns()]);
        // Woken for the first poll, it may still find the output at the second.
        assert!(found.get() || bell.rang.load(SeqCst) == 1);
        if !found.get() {
            let Poll::Ready(Ok(output)) = poll(&mut handle.borrow_mut(), &bell) else {
                panic!("no output");
            };
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
    check(2, |first| {
        let world = World::new();
        let mut handle = world.joined(0, 0);
        let bells = [Bell::new(), Bell::new()];
        let theirs = bells.clone();
        let join = move || {
            for bell in &theirs {
                if poll(&mut handle, bell).is_ready() {
                    break;
                }
            }
            drop(handle);
        };
        together(first, [Box::new(join), world.core(1).turns()]);
        for bell in bells {
            assert_eq!(std::sync::Arc::strong_count(&bell), 1, "the waker was kept");
        }
        world.fate.assert_gone(1);
    });
}

/// A complete task keeps no waker of who awaited it, though its own wakers live on.
#[test]
fn a_complete_task_keeps_no_waker() {
    check(2, |first| {
        let world = World::new();
        let mut handle = world.joined(1, 1);
        let core = world.core(1);
        core.turn();
        let bell = Bell::new();
        assert!(poll(&mut handle, &bell).is_pending());
        world.conditions[0].store(1, Relaxed);
        let waker = world.fate.waker();
        waker.wake_by_ref();
        together(first, [Box::new(move || drop(handle)), core.turns()]);
        assert_eq!(std::sync::Arc::strong_count(&bell), 1, "the waker was kept");
        drop(waker);
        world.fate.assert_gone(1);
    });
}

/// Who sees that a task is finished sees what it did.
#[test]
fn a_finished_task_has_published_what_it_did() {
    check(2, |first| {
        let world = World::new();
        let written = Arc::new(Part::new(&world.fate, |fate| &fate.body));
        let theirs = written.clone();
        let block = Part::new(&world.fate, |fate| &fate.block);
        let scheduler = Scheduler { shared: world.shared.clone(), block };
        let (task, handle) = Task::with_handle(Std(async move { theirs.write() }), scheduler);
        world.shared.inbox.push(task);
        let look = move || {
            if handle.is_finished() {
                written.write();
            }
        };
        together(first, [Box::new(look), world.core(1).turns()]);
        world.fate.assert_gone(0);
    });
}

/// A futures 0.1 task is notified while it is polled, and while it completes.
#[test]
fn notifications_race_with_a_poll_of_futures01() {
    check(2, |first| {
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
            let task = futures::task::current();
            give.lock().unwrap().push(task);
            Ok(futures::Async::NotReady)
        });
        let scheduler = Scheduler { shared: world.shared.clone(), block };
        world.shared.inbox.push(Task::new(crate::Futures01::new(body), scheduler));
        let core = world.core(1);
        core.turn();
        let (task, conditions) = (given.lock().unwrap().pop().unwrap(), world.conditions.clone());
        let notify = move || {
            let clone = task.clone();
            task.notify();
            drop(task);
            conditions[0].store(1, Relaxed);
            clone.notify();
        };
        together(first, [Box::new(notify), core.turns()]);
        core.turn();
        core.turn();
        drop(given.lock().unwrap().split_off(0));
        world.fate.assert_gone(0);
    });
}

/// An output that nobody takes is dropped by whoever comes last.
#[test]
fn a_detach_races_with_completion() {
    check(2, |first| {
        let world = World::new();
        let handle = world.joined(0, 0);
        together(first, [Box::new(move || drop(handle)), world.core(1).turns()]);
        world.fate.assert_gone(1);
    });
}

/// A queue entry is dropped on one thread while the task is woken on another.
#[test]
fn a_dropped_entry_races_with_a_wake() {
    check(3, |first| {
        let world = World::new();
        world.detached(2, 2);
        let core = world.core(1);
        core.turn();
        let theirs = core.clone();
        let cancel = move || {
            drop(theirs.shared.inbox.take_all());
            theirs.drain();
        };
        together(first, [world.wake(0), world.wake(1), Box::new(cancel)]);
        drop(world.shared.inbox.take_all());
        core.drain();
        assert!(core.owned.is_empty());
        world.fate.assert_gone(0);
    });
}

/// Two threads exchange tasks through one place; each task is run once.
#[test]
fn the_next_task_is_run_once() {
    check(2, |first| {
        let worlds = [World::new(), World::new()];
        let fates = worlds.each_ref().map(|world| world.fate.clone());
        let next = Arc::new(NextTask::new());
        let exchange = worlds.map(|world| -> Racer {
            let next = next.clone();
            Box::new(move || {
                let core = world.core(1);
                let (job, scheduler) = world.job(0, 0);
                if let Some(displaced) = next.replace(Task::new(job, scheduler)) {
                    displaced.run(&*core);
                }
                if let Some(task) = next.take() {
                    task.run(&*core);
                }
            })
        });
        together(first, exchange);
        assert!(next.take().is_none());
        // It does not matter which core ran which task.
        let completed = fates.iter().map(|fate| fate.completed.swap(1, SeqCst)).sum::<usize>();
        assert_eq!(completed, 2);
        fates.iter().for_each(|fate| fate.assert_gone(1));
    });
}
