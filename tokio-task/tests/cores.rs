//! Tasks that move between the cores of an executor, each on a thread of its own: polled here,
//! woken there, ended elsewhere, in both generations at once.

mod executor;

use executor::{Drops, Generation, Handle, Step, PATIENCE};
use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Instant;
use tokio_task::{
    Futures01Result, Inbox, Owned, Returns, Runner, Schedule, Std, Task, Waiter, WaiterCell,
};

const CORES: usize = 4;
const TASKS: usize = 2_000;

#[derive(Default)]
struct Shared {
    inbox: Inbox,
    returns: [Returns; CORES],
    completed: AtomicUsize,
    panics: AtomicUsize,
}

struct Door(Arc<Shared>);

// SAFETY: `Core` has the list to each of the stacks.
unsafe impl Schedule for Door {
    fn schedule(&self, task: Task) {
        self.0.inbox.push(task);
    }

    fn completed(&self) {
        self.0.completed.fetch_add(1, SeqCst);
    }

    fn panicked(&self, _: Box<dyn Any + Send>) {
        self.0.panics.fetch_add(1, SeqCst);
    }

    fn returns(&self, owner: u32) -> &Returns {
        &self.0.returns[owner as usize - 1]
    }
}

struct Core {
    shared: Arc<Shared>,
    owned: Owned,
}

// SAFETY: `Door::returns` understands the numbers.
unsafe impl Runner for Core {
    fn owned(&self) -> Option<&Owned> {
        Some(&self.owned)
    }

    fn requeue(&self, task: Task) {
        self.shared.inbox.push(task);
    }

    fn completed(&self) {
        self.shared.completed.fetch_add(1, SeqCst);
    }
}

impl Core {
    /// Runs until `tasks` tasks are complete and its own are unlinked. Every third entry goes back
    /// to the inbox unpolled, for others to take.
    fn run(self, tasks: usize) {
        let begin = Instant::now();
        let mut turns = 0;
        loop {
            let before = turns;
            let mut batch = self.shared.inbox.take_all();
            while let Some(task) = batch.pop() {
                turns += 1;
                if turns % 3 == 0 {
                    self.shared.inbox.push(task);
                } else {
                    task.run(&self);
                }
            }
            // SAFETY: this core's stack and list.
            unsafe { self.shared.returns[self.owned.owner() as usize - 1].drain(&self.owned) };
            if self.shared.completed.load(SeqCst) == tasks && self.owned.is_empty() {
                return;
            }
            assert!(begin.elapsed() < PATIENCE, "a task was lost");
            if turns == before {
                std::thread::yield_now();
            }
        }
    }
}

fn spawn(
    shared: &Arc<Shared>,
    generation: Generation,
    mut step: impl Step<usize>,
) -> Handle<usize> {
    let door = Door(shared.clone());
    let (task, handle) = match generation {
        Generation::Futures01 => {
            let future = futures::future::poll_fn(move || {
                tokio_task::to_futures01(step(tokio_task::Caller::Futures01).map(Ok))
            });
            let (task, handle) = Task::with_handle(Futures01Result::new(future), door);
            (task, Handle::Futures01(handle))
        }
        Generation::Std => {
            let future = std::future::poll_fn(move |cx| step(cx.into()));
            let (task, handle) = Task::with_handle(Std(future), door);
            (task, Handle::Std(handle))
        }
    };
    shared.inbox.push(task);
    handle
}

fn on_all_cores(shared: &Arc<Shared>, tasks: usize, meanwhile: impl FnOnce()) {
    let threads: Vec<_> = (1..=CORES as u32)
        .map(|number| {
            let shared = shared.clone();
            std::thread::spawn(move || Core { shared, owned: Owned::new(number) }.run(tasks))
        })
        .collect();
    meanwhile();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(shared.panics.load(SeqCst), 0);
    // No task is left that would hold the executor.
    assert!(shared.inbox.take_all().is_empty());
}

/// A core that wakes the task that it is about to poll.
struct Wakes {
    core: Core,
    waiter: Arc<Mutex<Option<Waiter>>>,
}

// SAFETY: as for `Core`.
unsafe impl Runner for Wakes {
    fn owned(&self) -> Option<&Owned> {
        self.core.owned()
    }

    fn requeue(&self, task: Task) {
        self.core.requeue(task);
    }

    fn started(&self) {
        let waiter = self.waiter.lock().unwrap().take();
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }

    fn completed(&self) {
        self.core.completed();
    }
}

/// It is not taken for a wake that led to the poll that has started.
#[test]
fn a_wake_when_a_poll_has_started_leads_to_another_one() {
    for generation in [Generation::Futures01, Generation::Std] {
        let shared = Arc::new(Shared::default());
        let waiter: Arc<Mutex<Option<Waiter>>> = Arc::default();
        let (waits, mut polls) = (waiter.clone(), 0);
        let handle = spawn(&shared, generation, move |caller| {
            polls += 1;
            if polls == 3 {
                return Poll::Ready(polls);
            }
            *waits.lock().unwrap() = (polls == 1).then(|| Waiter::from(caller));
            Poll::Pending
        });
        let core = Wakes { core: Core { shared: shared.clone(), owned: Owned::new(1) }, waiter };
        let run = || shared.inbox.take_all().pop().expect("it is queued").run(&core);
        run();
        assert!(shared.inbox.is_empty());
        core.waiter.lock().unwrap().clone().expect("it waits").wake();
        run();
        run();
        assert_eq!(handle.joined().unwrap(), 3);
    }
}

/// A ring in which each task waits for its left neighbour to come as far as itself.
#[test]
fn a_ring_of_tasks_goes_round() {
    const ROUNDS: usize = 50;
    let shared = Arc::new(Shared::default());
    let ring: Arc<Vec<(AtomicUsize, WaiterCell)>> =
        Arc::new((0..TASKS).map(|_| (AtomicUsize::new(0), WaiterCell::new())).collect());
    let handles: Vec<_> = (0..TASKS)
        .map(|i| {
            let ring = ring.clone();
            let generation = [Generation::Futures01, Generation::Std][i % 2];
            spawn(&shared, generation, move |caller| {
                let (mine, next) = (&ring[i], &ring[(i + 1) % TASKS]);
                if let Some(displaced) = mine.1.register(caller) {
                    displaced.wake();
                }
                let left = ring[(i + TASKS - 1) % TASKS].0.load(SeqCst);
                let round = mine.0.load(SeqCst);
                // The first leads by a round.
                if round < ROUNDS && (left > round || (i == 0 && left == round)) {
                    mine.0.store(round + 1, SeqCst);
                    next.1.wake();
                }
                match mine.0.load(SeqCst) {
                    ROUNDS => Poll::Ready(i),
                    _ => Poll::Pending,
                }
            })
        })
        .collect();
    on_all_cores(&shared, TASKS, || ());
    for (i, handle) in handles.into_iter().enumerate() {
        assert_eq!(handle.joined().unwrap(), i);
    }
    drop(ring);
    assert_eq!(Arc::strong_count(&shared), 1);
}

/// Tasks that await each other's handles, while other threads wake, abort and detach them.
#[test]
fn wakes_aborts_and_joins_on_all_cores_end_each_task_once() {
    let shared = Arc::new(Shared::default());
    let drops = Drops::default();
    let waiters: Arc<Vec<Mutex<Option<Waiter>>>> =
        Arc::new((0..TASKS).map(|_| Mutex::new(None)).collect());
    let mut handles = Vec::new();
    for i in 0..TASKS {
        let (token, waiters) = (drops.token(), waiters.clone());
        let generation = [Generation::Futures01, Generation::Std][i / 2 % 2];
        let mut previous = if i % 5 == 4 { handles.pop().flatten() } else { None };
        let mut polls = 0;
        let handle = spawn(&shared, generation, move |caller| {
            let _ = &token;
            polls += 1;
            if let (Some(handle), tokio_task::Caller::Std(waker)) = (&mut previous, caller) {
                let handle: &mut Handle<usize> = handle;
                if handle.poll_with(waker).is_ready() {
                    previous = None;
                }
            }
            let waiter = Waiter::from(caller);
            *waiters[i].lock().unwrap() = Some(waiter);
            if polls % 3 == 0 {
                caller.wake();
            }
            match polls {
                20 => Poll::Ready(i),
                _ => Poll::Pending,
            }
        });
        handles.push(Some(handle));
    }
    on_all_cores(&shared, TASKS, || {
        let done = || shared.completed.load(SeqCst) == TASKS;
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let begin = Instant::now();
                    while !done() && begin.elapsed() < PATIENCE {
                        for waiter in waiters.iter() {
                            let waiter = waiter.lock().unwrap().take();
                            if let Some(waiter) = waiter {
                                waiter.clone().wake();
                                waiter.wake_by_ref();
                            }
                        }
                    }
                });
            }
            for (i, handle) in handles.into_iter().enumerate() {
                let Some(handle) = handle else { continue };
                if i % 3 == 0 {
                    handle.abort();
                }
                if i % 7 == 0 {
                    while !handle.is_finished() {
                        std::thread::yield_now();
                    }
                    assert!(handle.joined().map_or_else(|error| error.is_cancelled(), |_| true));
                }
            }
        });
    });
    for waiter in waiters.iter() {
        drop(waiter.lock().unwrap().take());
    }
    assert_eq!(drops.count(), TASKS);
    assert_eq!(Arc::strong_count(&shared), 1);
}
