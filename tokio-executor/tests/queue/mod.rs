//! An executor of the 0.1 family that knows nothing of tokio-task: a queue of boxed futures, run by
//! hand on one thread. And the same work as a task of either generation.

// Each test uses a part of it.
#![allow(dead_code)]

use futures::executor::{self, Notify, NotifyHandle, Spawn};
use futures::{future, Async};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_executor::park::{Park, ParkThread, Unpark, UnparkThread};
use tokio_executor::{Executor, SpawnError};
use tokio_task::Boxed;

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Clone, Default)]
pub(crate) struct Queue {
    incoming: Rc<RefCell<Vec<Boxed>>>,
    tasks: Rc<RefCell<Vec<Task>>>,
    park: Rc<RefCell<ParkThread>>,
}

struct Task {
    spawn: Spawn<Boxed>,
    signal: Arc<Signal>,
}

struct Signal {
    woken: AtomicBool,
    unpark: UnparkThread,
}

impl Notify for Signal {
    fn notify(&self, _id: usize) {
        self.woken.store(true, SeqCst);
        self.unpark.unpark();
    }
}

impl Executor for Queue {
    fn spawn(&mut self, future: Boxed) -> Result<(), SpawnError> {
        self.incoming.borrow_mut().push(future);
        Ok(())
    }
}

impl Queue {
    /// How many tasks were taken and never polled.
    pub(crate) fn len(&self) -> usize {
        self.incoming.borrow().len()
    }

    /// Polls what was spawned or woken, once each. Says how many tasks are left.
    pub(crate) fn turn(&self) -> usize {
        let unpark = self.park.borrow().unpark();
        let mut tasks = self.tasks.take();
        for future in self.incoming.take() {
            let woken = AtomicBool::new(true);
            let signal = Arc::new(Signal { woken, unpark: unpark.clone() });
            tasks.push(Task { spawn: executor::spawn(future), signal });
        }
        tasks.retain_mut(|task| {
            if !task.signal.woken.swap(false, SeqCst) {
                return true;
            }
            let handle = NotifyHandle::from(task.signal.clone());
            matches!(task.spawn.poll_future_notify(&handle, 0), Ok(Async::NotReady))
        });
        self.tasks.borrow_mut().append(&mut tasks);
        self.tasks.borrow().len() + self.len()
    }

    /// Runs until all tasks have ended.
    pub(crate) fn run(&self) {
        while self.turn() != 0 {
            if self.len() == 0 {
                let start = Instant::now();
                self.park.borrow_mut().park_timeout(PATIENCE).unwrap();
                assert!(start.elapsed() < PATIENCE, "the tasks are not woken");
            }
        }
    }
}

pub(crate) type Work = Box<dyn FnOnce() + Send>;

/// `work` as a futures 0.1 task, spawned by `tokio_executor::spawn`.
pub(crate) fn spawn_futures01(work: Work) {
    tokio_executor::spawn(future::lazy(move || {
        work();
        Ok(())
    }))
}

/// `work` as a std task, spawned by `tokio_executor::spawn` and detached.
pub(crate) fn spawn_std(work: Work) {
    drop(tokio_executor::spawn(async move { work() }));
}

/// One test body for tasks of both generations.
#[macro_export]
macro_rules! for_both_generations {
    ($(fn $name:ident($spawn:ident) $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                fn run($spawn: fn(queue::Work)) $body

                #[test]
                fn futures01() {
                    run(queue::spawn_futures01);
                }

                #[test]
                fn std() {
                    run(queue::spawn_std);
                }
            }
        )*
    };
}

/// Does something when it is dropped.
pub(crate) struct OnDrop<F: FnMut()>(pub(crate) F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}
