//! What only the executor's thread touches: the run queue and the tasks it accounts for.

use crate::current::{NestedScope, Scope};
use crate::door::{Door, Pass, TASK};
use crate::sync;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic;
use std::rc::Rc;
use std::sync::Arc;
use tokio_executor::park::Unpark;
use tokio_task::{panics, Batch, LocalTaskKind, Owned, Runner, Task, TaskKind};

/// It stays on its thread: it is made in an `Rc`.
pub(crate) struct Core {
    door: Arc<Door>,
    owned: Owned,
    /// In the order in which they became ready.
    queue: RefCell<Batch>,
    /// Tasks spawned here less tasks ended, in [`TASK`]s. Those spawned elsewhere are not in it.
    balance: Cell<usize>,
    /// Shutting down: no more tasks.
    closed: Cell<bool>,
    polls: Cell<u32>,
    /// Tasks are being polled by [`Core::run_nested`].
    nested: Cell<bool>,
    /// What a task panicked with, for which nobody waits.
    panic: Cell<Option<Box<dyn Any + Send>>>,
}

impl Core {
    pub(crate) fn new(unpark: Box<dyn Unpark>) -> Rc<Self> {
        Rc::new(Core {
            door: Door::new(unpark),
            owned: Owned::new(1),
            queue: RefCell::new(Batch::new()),
            balance: Cell::new(0),
            closed: Cell::new(false),
            polls: Cell::new(0),
            nested: Cell::new(false),
            panic: Cell::new(None),
        })
    }

    pub(crate) fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// Whether there is no task that has not ended, wherever it was spawned.
    pub(crate) fn is_idle(&self) -> bool {
        self.balance.get().wrapping_add(self.door.spawned()) == 0
    }

    /// Spawns a task. The body comes back if the executor is shutting down.
    #[inline]
    pub(crate) fn spawn<G: LocalTaskKind>(&self, body: G::Body) -> Result<G::Plain, G::Body> {
        if self.closed.get() {
            return Err(body);
        }
        // SAFETY: this is the thread that the core stays on. It runs the entry that it queues here,
        // and each that `Pass::schedule` gets: that brings them here or to the inbox, which nobody
        // else empties, and which is not freed with an entry in it (the head of `door.rs`). A core
        // that is dropped without a shutdown drops its queue on this thread too.
        let (task, plain) = unsafe { G::task(body, Pass(self.door.clone())) };
        self.take_in(task);
        Ok(plain)
    }

    /// As [`Core::spawn`], for what other threads could have spawned.
    pub(crate) fn spawn_send<G: TaskKind>(&self, body: G::Body) -> Result<G::Plain, G::Body> {
        if self.closed.get() {
            return Err(body);
        }
        let (task, plain) = G::task(body, Pass(self.door.clone()));
        self.take_in(task);
        Ok(plain)
    }

    fn take_in(&self, task: Task) {
        self.balance.set(self.balance.get().wrapping_add(TASK));
        self.push(task);
    }

    /// Queues a task that is ready.
    #[inline]
    pub(crate) fn push(&self, task: Task) {
        self.queue.borrow_mut().push(task);
    }

    /// Queues what other threads have left.
    #[inline]
    pub(crate) fn collect(&self) {
        let arrived = self.door.answer();
        if !arrived.is_empty() {
            self.queue.borrow_mut().append(arrived);
        }
    }

    /// How many tasks are queued.
    pub(crate) fn ready(&self) -> usize {
        self.queue.borrow().len()
    }

    /// Runs up to `limit` queued tasks, oldest first; says how many.
    ///
    /// # Panics
    ///
    /// With what a task panicked with, if no join handle has it. The other tasks stay queued.
    pub(crate) fn run(&self, limit: usize) -> usize {
        for done in 0..limit {
            let Some(task) = self.pop() else { return done };
            self.count_poll();
            task.run(self);
            if let Some(payload) = self.panic.take() {
                panic::resume_unwind(payload);
            }
        }
        limit
    }

    /// As [`Core::run`], for up to `limit` of those that are ready now; never one inside of another.
    pub(crate) fn run_nested(&self, limit: usize) {
        struct Polling<'a>(&'a Cell<bool>);
        impl Drop for Polling<'_> {
            fn drop(&mut self) {
                self.0.set(false);
            }
        }
        if self.nested.replace(true) {
            return;
        }
        let _polling = Polling(&self.nested);
        self.collect();
        self.run(self.ready().min(limit));
    }

    /// Whether [`Core::run_nested`] is on the stack.
    pub(crate) fn is_running_nested(&self) -> bool {
        self.nested.get()
    }

    /// The borrow ends here: foreign code runs next.
    #[inline]
    fn pop(&self) -> Option<Task> {
        self.queue.borrow_mut().pop()
    }

    pub(crate) fn count_poll(&self) {
        self.polls.set(self.polls.get().saturating_add(1));
    }

    /// How many polls there were since the last time.
    pub(crate) fn take_polls(&self) -> u32 {
        self.polls.take()
    }

    /// Keeps the first panic, for [`Core::run`] to go on with.
    pub(crate) fn set_panic(&self, payload: Box<dyn Any + Send>) {
        let later = match self.panic.take() {
            Some(first) => {
                self.panic.set(Some(first));
                payload
            }
            None => return self.panic.set(Some(payload)),
        };
        panics::discard(later);
    }

    /// Drops the future of every task, each once, here. Later spawns are refused.
    ///
    /// Panics in destructors are not passed on: the panic hook has printed them.
    pub(crate) fn shut_down(self: &Rc<Self>) {
        let _scope = Scope::enter(self);
        self.end();
    }

    /// As [`Core::shut_down`], inside of what another executor runs, which stays the thread's.
    pub(crate) fn shut_down_nested(self: &Rc<Self>) {
        let _scope = NestedScope::enter(self);
        self.end();
    }

    fn end(&self) {
        self.closed.set(true);
        self.door.close();
        self.owned.abort_all(|task| self.push(task));
        loop {
            self.collect();
            while let Some(task) = self.pop() {
                task.abort();
                task.run(self);
                if let Some(payload) = self.panic.take() {
                    panics::discard(payload);
                }
            }
            if self.is_idle() {
                return;
            }
            // Another thread is between waking or counting a task and putting it into the inbox.
            sync::yield_now();
        }
    }
}

// SAFETY: the one list of the executor, and `Pass` brings this core no other executor's tasks.
unsafe impl Runner for Core {
    #[inline]
    fn owned(&self) -> Option<&Owned> {
        Some(&self.owned)
    }

    #[inline]
    fn requeue(&self, task: Task) {
        self.push(task);
    }

    #[inline]
    fn completed(&self) {
        self.balance.set(self.balance.get().wrapping_sub(TASK));
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core")
            .field("ready", &self.ready())
            .field("is_idle", &self.is_idle())
            .finish_non_exhaustive()
    }
}
