//! Tasks, their queues and their handles beside a table of states.

use crate::input::Input;
use std::any::Any;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use tokio_task::{Inbox, JoinHandle, Owned, Returns, RunQueue, Runner, Schedule, Std, Task};

#[derive(Default)]
struct Shared {
    inbox: Inbox,
    returns: Returns,
}

struct Door(Arc<Shared>);

// SAFETY: there is one list, number 1, and its stack is `returns`.
unsafe impl Schedule for Door {
    fn schedule(&self, task: Task) {
        self.0.inbox.push(task);
    }

    fn completed(&self) {}

    fn panicked(&self, _: Box<dyn Any + Send>) {
        unreachable!("no future here panics");
    }

    fn returns(&self, _: u32) -> &Returns {
        &self.0.returns
    }
}

struct Executor {
    shared: Arc<Shared>,
    owned: Owned,
    queue: RunQueue,
    /// Tasks are stolen from `queue` to here now and then.
    thief: RunQueue,
}

// SAFETY: the one list whose number `Door::returns` understands.
unsafe impl Runner for Executor {
    fn owned(&self) -> Option<&Owned> {
        Some(&self.owned)
    }

    fn requeue(&self, task: Task) {
        self.shared.inbox.push(task);
    }

    fn completed(&self) {}
}

impl Executor {
    fn drain(&self) {
        // SAFETY: the executor's one stack and one list.
        unsafe { self.shared.returns.drain(&self.owned) };
    }

    fn fetch(&self) {
        let mut batch = self.shared.inbox.take_all();
        while let Some(task) = batch.pop() {
            self.queue.push(task);
        }
    }

    fn queued(&self) -> usize {
        self.fetch();
        self.queue.len() + self.thief.len()
    }
}

/// What happened to a future.
#[derive(Default)]
struct Fate {
    polls: AtomicUsize,
    drops: AtomicUsize,
    waker: Mutex<Option<Waker>>,
}

struct DropCount(Arc<Fate>);

impl Drop for DropCount {
    fn drop(&mut self) {
        self.0.drops.fetch_add(1, SeqCst);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Idle,
    Queued,
    Done,
}

/// A row of the table.
struct Row {
    state: State,
    aborted: bool,
    /// In how many polls from now it is ready.
    left: usize,
    wakes_itself: bool,
    polls: usize,
    fate: Arc<Fate>,
    handle: Option<JoinHandle<()>>,
}

impl Row {
    fn new(executor: &Executor, polls: usize, wakes_itself: bool) -> Row {
        let fate = Arc::new(Fate::default());
        let (theirs, count) = (fate.clone(), DropCount(fate.clone()));
        let future = poll_fn(move |cx| {
            let _kept = &count;
            *theirs.waker.lock().unwrap() = Some(cx.waker().clone());
            if theirs.polls.fetch_add(1, SeqCst) + 1 == polls {
                return Poll::Ready(());
            }
            if wakes_itself {
                cx.waker().wake_by_ref();
            }
            Poll::Pending
        });
        let (task, handle) = Task::with_handle(Std(future), Door(executor.shared.clone()));
        executor.shared.inbox.push(task);
        let state = State::Queued;
        let handle = Some(handle);
        Row { state, aborted: false, left: polls, wakes_itself, polls: 0, fate, handle }
    }

    /// The task's turn came, or it was another's.
    fn after_a_run(&mut self) -> bool {
        let polled = self.fate.polls.load(SeqCst) - self.polls;
        let dropped = self.fate.drops.load(SeqCst) == 1;
        if polled == 0 && (self.state == State::Done || !dropped) {
            return false;
        }
        assert_eq!(self.state, State::Queued, "ran out of turn");
        assert_eq!(polled, usize::from(!self.aborted), "an aborted future is polled no more");
        self.polls += polled;
        self.left -= polled;
        self.state = match () {
            () if self.aborted || self.left == 0 => State::Done,
            () if self.wakes_itself => State::Queued,
            () => State::Idle,
        };
        true
    }
}

/// Tasks are spawned, woken, stolen, run, aborted and forgotten.
pub fn tasks(data: &[u8]) {
    let shared = Arc::new(Shared::default());
    let (queue, thief) = (RunQueue::new(), RunQueue::new());
    let executor = Executor { shared, owned: Owned::new(1), queue, thief };
    let mut rows: Vec<Row> = Vec::new();
    let mut input = Input::new(data);
    while !input.is_empty() {
        let act = input.byte();
        let at = input.below(rows.len().max(1));
        match (act % 8, rows.get_mut(at)) {
            (0, _) | (_, None) => {
                let polls = 1 + usize::from(act / 8) % 4;
                rows.push(Row::new(&executor, polls, act >= 128));
            }
            (1 | 2, Some(row)) => {
                let waker = row.fate.waker.lock().unwrap().clone();
                if let Some(waker) = waker {
                    waker.wake();
                    if row.state == State::Idle {
                        row.state = State::Queued;
                    }
                }
            }
            (3, Some(row)) => {
                if let Some(handle) = &row.handle {
                    handle.abort();
                    if row.state != State::Done {
                        row.state = State::Queued;
                        row.aborted = true;
                    }
                }
            }
            (4, Some(row)) => drop(row.handle.take()),
            (5, _) => {
                executor.fetch();
                if let Some(task) = executor.queue.stealer().steal(&executor.thief) {
                    executor.thief.push(task);
                }
            }
            _ => run_one(&executor, &mut rows),
        }
        check(&executor, &rows);
    }
    for row in &mut rows {
        row.handle.iter().for_each(JoinHandle::abort);
    }
    // A task that had not run yet joins the list only now, so once more round.
    while executor.queued() > 0 || !executor.owned.is_empty() {
        executor.owned.abort_all(|task| executor.shared.inbox.push(task));
        executor.fetch();
        while let Some(task) = executor.queue.pop().or_else(|| executor.thief.pop()) {
            task.run(&executor);
        }
        executor.drain();
    }
    assert!(
        rows.iter().all(|row| row.fate.drops.load(SeqCst) == 1),
        "a future was not dropped once"
    );
}

fn run_one(executor: &Executor, rows: &mut [Row]) {
    executor.fetch();
    let Some(task) = executor.thief.pop().or_else(|| executor.queue.pop()) else { return };
    task.run(executor);
    executor.drain();
    let ran = rows.iter_mut().map(Row::after_a_run).filter(|ran| *ran).count();
    assert_eq!(ran, 1, "one task for one entry");
}

fn check(executor: &Executor, rows: &[Row]) {
    let queued = rows.iter().filter(|row| row.state == State::Queued).count();
    assert_eq!(executor.queued(), queued, "an entry for each task that is to run");
    for row in rows {
        let done = row.state == State::Done;
        assert_eq!(row.fate.drops.load(SeqCst), usize::from(done), "dropped when done");
        if let Some(handle) = &row.handle {
            assert_eq!(handle.is_finished(), done);
        }
    }
}
