//! A spawned future of either generation, and the one queue entry through which it is run.

pub(crate) mod body;
pub(crate) mod header;
pub(crate) mod inbox;
pub(crate) mod owned;
pub(crate) mod run_queue;
pub(crate) mod slot;
pub(crate) mod state;
pub(crate) mod wake;

#[cfg(all(test, tokio_loom))]
mod model;

use self::body::Body;
use self::header::Header;
use self::owned::{Owned, Returns};
use self::state::{Complete, Enqueue, Start, State, Woken};
use crate::budget;
use crate::panics;
use crate::JoinHandle;
use std::any::Any;
use std::fmt;
use std::mem;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::ptr::NonNull;
use std::task::Waker;

/// The right and the duty to run a task once: its entry in a run queue.
///
/// A task has at most one entry, so who holds it has the task's future to themselves. Dropping
/// the entry cancels the task: its future is dropped, and its join handle learns that it was
/// cancelled.
///
/// An executor of one core, whole but for waiting and shutdown:
///
/// ```
/// use std::{any::Any, sync::Arc};
/// use tokio_task::{Inbox, Owned, Returns, Runner, Schedule, Std, Task};
///
/// #[derive(Default)]
/// struct Shared { inbox: Inbox, returns: Returns }
///
/// struct Door(Arc<Shared>);
///
/// // SAFETY: the one stack belongs to the one list, number 1.
/// unsafe impl Schedule for Door {
///     fn schedule(&self, task: Task) { self.0.inbox.push(task) }
///     fn completed(&self) {}
///     fn panicked(&self, _: Box<dyn Any + Send>) {}
///     fn returns(&self, _: u32) -> &Returns { &self.0.returns }
/// }
///
/// struct Core { shared: Arc<Shared>, owned: Owned }
///
/// // SAFETY: as above; `Core` runs no other executor's tasks.
/// unsafe impl Runner for Core {
///     fn owned(&self) -> Option<&Owned> { Some(&self.owned) }
///     fn requeue(&self, task: Task) { self.shared.inbox.push(task) }
///     fn completed(&self) {}
/// }
///
/// let core = Core { shared: Arc::default(), owned: Owned::new(1) };
/// let (task, handle) = Task::with_handle(Std(async { 6 * 7 }), Door(core.shared.clone()));
/// core.shared.inbox.push(task);
/// let mut batch = core.shared.inbox.take_all();
/// while let Some(task) = batch.pop() {
///     task.run(&core);
/// }
/// assert!(handle.is_finished());
/// ```
pub struct Task(NonNull<Header>);

// SAFETY: a `Task` is made of a `Schedule`, which is `Send` and `Sync`, and of a body that is `Send`
// or that `Task::local` keeps on its thread; `State` lets one thread at a time touch the body. An
// output leaves the thread that made it only for a join handle, and then it is `Send` too: a handle
// is sent only if its output may be.
unsafe impl Send for Task {}

/// Where the tasks of an executor go when they are woken. Part of every task.
///
/// Its methods are called from any thread, inside wakers, and must not panic. A waker may outlive
/// its executor; it keeps the schedule of its task alive.
///
/// # Safety
///
/// `returns` must find, by the number of an [`Owned`] list that a [`Runner`] of the same executor
/// showed, the one stack that [`Returns::drain`] empties into that list.
pub unsafe trait Schedule: Send + Sync + 'static {
    /// Takes the queue entry of a task that was woken while it was idle.
    ///
    /// `self` is borrowed from a task that the caller keeps alive until this returns.
    fn schedule(&self, task: Task);

    /// The task's future is gone: finished, panicked or cancelled, on a thread that has no
    /// [`Runner`]. Called once for each task that `Runner::completed` was not called for.
    fn completed(&self);

    /// The task panicked and no join handle wants to know, or a destructor panicked, of its future
    /// or of an output that nobody took. A panic in here is ignored.
    fn panicked(&self, payload: Box<dyn Any + Send>);

    /// The stack of the owned list with the number `owner`.
    fn returns(&self, owner: u32) -> &Returns;
}

/// A thread that runs tasks.
///
/// # Safety
///
/// `owned` must be a list of the executor that the tasks given to [`Task::run`] belong to: the
/// one whose number their [`Schedule::returns`] understands. An executor uses a number for one list
/// only, and gives its tasks to no other executor's runner.
pub unsafe trait Runner {
    /// The list of the core that this thread works for; `None` if it has none. A task that is
    /// pending then goes to `requeue`, to be polled by a thread that has one.
    fn owned(&self) -> Option<&Owned>;

    /// Takes the queue entry of a task that was woken while this thread polled it.
    fn requeue(&self, task: Task);

    /// This thread is about to poll a task. A wake from now on leads to another poll; what led to one
    /// before is seen.
    #[inline]
    fn started(&self) {}

    /// A task that this thread ran is complete.
    fn completed(&self);
}

impl Task {
    /// A task without a join handle, queued for the first time.
    pub fn new<B: Body + Send, S: Schedule>(body: B, schedule: S) -> Task {
        Task(Header::allocate(State::queued(), body, schedule))
    }

    /// A task and the handle that waits for it.
    pub fn with_handle<B: Body<Output: Send> + Send, S: Schedule>(
        body: B,
        schedule: S,
    ) -> (Task, JoinHandle<B::Output>) {
        let header = Header::allocate(State::queued_with_handle(), body, schedule);
        (Task(header), JoinHandle::new(header))
    }

    /// As [`Task::new`], for a body that need not be `Send`.
    ///
    /// # Safety
    ///
    /// This entry, and every later one of this task that `schedule` is given, is run or dropped on
    /// the thread that calls this. Any thread may carry it there, or leak it.
    ///
    /// Then nothing of the body crosses threads: see [`LocalTaskKind`](crate::LocalTaskKind).
    pub unsafe fn local<B: Body, S: Schedule>(body: B, schedule: S) -> Task {
        Task(Header::allocate(State::queued(), body, schedule))
    }

    /// As [`Task::with_handle`], for a body and an output that need not be `Send`.
    ///
    /// # Safety
    ///
    /// As for [`Task::local`].
    pub unsafe fn local_with_handle<B: Body, S: Schedule>(
        body: B,
        schedule: S,
    ) -> (Task, JoinHandle<B::Output>) {
        let header = Header::allocate(State::queued_with_handle(), body, schedule);
        (Task(header), JoinHandle::new(header))
    }

    /// Polls the task's future once, with a fresh cooperative budget, or drops it if the task was
    /// aborted. A panic in the future ends the task, not the caller.
    #[inline]
    pub fn run<R: Runner + ?Sized>(self, runner: &R) {
        let task = self.into_header();
        // SAFETY: the queue entry was ours, so the task is live, and after `start` this is the
        // polling thread.
        unsafe {
            let polled = match task.as_ref().state.start() {
                Start::Poll => {
                    runner.started();
                    budget::with_budget(|| Header::poll(task))
                }
                Start::Cancel => Polled::Ended(Header::cancel(task)),
            };
            if let Polled::Ended(output) = polled {
                end(task, output, runner);
                return;
            }
            if task.as_ref().owner.with(|owner| *owner) == 0 {
                match runner.owned() {
                    Some(owned) => owned.adopt(task),
                    None => {
                        // `pause` will find the task woken.
                        let owed = task.as_ref().state.wake();
                        debug_assert_eq!(owed, Enqueue::No);
                    }
                }
            }
            if task.as_ref().state.pause() == Enqueue::Yes {
                runner.requeue(Task(task));
            }
        }
    }

    /// Asks the task to end: when it is run next, its future is dropped instead of polled.
    pub fn abort(&self) {
        // SAFETY: the queue entry is ours, so the task is live. It is queued, so nothing is owed.
        let owed = unsafe { self.0.as_ref() }.state.abort();
        debug_assert_eq!(owed, Enqueue::No);
    }

    /// Identifies the task as long as it is not complete. Never 0.
    pub fn id(&self) -> usize {
        self.0.as_ptr().expose_provenance()
    }

    /// A waker of the task with this [`Task::id`].
    ///
    /// # Safety
    ///
    /// The task is not complete: it is being polled on this thread, say.
    pub unsafe fn waker_of(id: usize) -> Waker {
        let header = NonNull::new(std::ptr::with_exposed_provenance_mut(id));
        // It keeps its own count; the one that is lent is not counted.
        wake::with_waker(header.expect("a task's number is not 0"), Waker::clone)
    }

    fn into_header(self) -> NonNull<Header> {
        let header = self.0;
        mem::forget(self);
        header
    }
}

/// What a poll leaves behind.
pub(crate) enum Polled {
    Pending,
    Ended(Output),
}

/// Whether a task whose body is gone holds its output.
#[derive(PartialEq)]
pub(crate) enum Output {
    Stored,
    Discarded,
}

/// Completes a task whose body is gone, and gives up the runtime's reference.
///
/// # Safety
///
/// The caller is the polling thread.
unsafe fn end<R: Runner + ?Sized>(task: NonNull<Header>, output: Output, runner: &R) {
    // SAFETY: by the contract the task is live and its links are readable; the runtime's reference
    // is given up at the end of each path, once.
    unsafe {
        let owner = task.as_ref().owner.with(|owner| *owner);
        let elsewhere = match runner.owned() {
            Some(owned) if owned.owner() == owner => {
                owned.unlink(task);
                false
            }
            _ => owner != 0,
        };
        if !elsewhere && task.as_ref().state.is_last() {
            // No waker and no handle: nobody will ask.
            if output == Output::Stored {
                Header::drop_output(task);
            }
            runner.completed();
            Header::free(task);
            return;
        }
        match task.as_ref().state.complete() {
            Complete::Unwanted => {
                if output == Output::Stored {
                    Header::drop_output(task);
                }
            }
            Complete::Kept => {}
            Complete::KeptAndAwaited => {
                // A foreign waker that panics is not this task's fault, nor the worker's.
                let place = Header::waker(task);
                place.with(|waker| contain(|| (*waker).as_ref().map(Waker::wake_by_ref)));
                if task.as_ref().state.woken() == Woken::Caller {
                    let waker = place.with_mut(|waker| (*waker).take());
                    contain(|| drop(waker));
                }
            }
        }
        runner.completed();
        if elsewhere {
            Header::returns(task, owner).push(task);
        } else {
            Header::release(task);
        }
    }
}

/// Runs foreign code whose panic nobody wants to know: the panic hook has printed it.
fn contain<R>(foreign: impl FnOnce() -> R) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(foreign)) {
        panics::discard(payload);
    }
}

/// Stands in for the thread that runs a task whose queue entry is dropped.
struct Nobody(NonNull<Header>);

// SAFETY: there is no list.
unsafe impl Runner for Nobody {
    fn owned(&self) -> Option<&Owned> {
        None
    }

    fn requeue(&self, _task: Task) {
        unreachable!("a cancelled task is not polled");
    }

    fn completed(&self) {
        // SAFETY: called before the runtime's reference is given up.
        unsafe { Header::completed(self.0) }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.abort();
        Task(self.0).run(&Nobody(self.0));
    }
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").finish_non_exhaustive()
    }
}
