//! An executor of one's own, on one thread, with a reactor as its `Park`.

use futures::executor::{self, Notify, Spawn};
use futures::{Async, Future};
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tokio_executor::park::{Park, Unpark};
use tokio_executor::{Executor, SpawnError};
use tokio_reactor::Reactor;

type Task = Box<dyn Future<Item = (), Error = ()> + Send>;

/// Runs its tasks one after the other whenever anything wakes it.
pub struct Simple {
    reactor: Reactor,
    tasks: Vec<Spawn<Task>>,
}

/// Takes tasks while the executor runs.
#[derive(Clone, Default)]
pub struct Queue(Arc<Mutex<VecDeque<Task>>>);

struct Wake<U> {
    unpark: U,
    woken: AtomicBool,
}

impl<U: Unpark> Notify for Wake<U> {
    fn notify(&self, _: usize) {
        self.woken.store(true, Ordering::SeqCst);
        self.unpark.unpark();
    }
}

impl Executor for Queue {
    fn spawn(
        &mut self,
        future: Box<dyn Future<Item = (), Error = ()> + Send>,
    ) -> Result<(), SpawnError> {
        self.0.lock().unwrap().push_back(future);
        Ok(())
    }
}

impl Simple {
    pub fn new() -> io::Result<Simple> {
        Ok(Simple { reactor: Reactor::new()?, tasks: Vec::new() })
    }

    /// Runs `future` and all that it spawns.
    pub fn run(&mut self, future: impl Future<Item = (), Error = ()> + Send + 'static) {
        let mut enter = tokio_executor::enter().expect("one executor to a thread");
        let mut queue = Queue::default();
        queue.spawn(Box::new(future)).unwrap();
        let handle = self.reactor.handle();
        let notify = Arc::new(Wake { unpark: self.reactor.unpark(), woken: AtomicBool::new(true) });
        tokio_reactor::with_default(&handle, &mut enter, |enter| {
            tokio_executor::with_default(&mut queue.clone(), enter, |_| loop {
                self.tasks.extend(queue.0.lock().unwrap().drain(..).map(executor::spawn));
                if self.tasks.is_empty() {
                    return;
                }
                if notify.woken.swap(false, Ordering::SeqCst) {
                    self.tasks.retain_mut(|task| {
                        matches!(task.poll_future_notify(&notify, 0), Ok(Async::NotReady))
                    });
                    if !queue.0.lock().unwrap().is_empty() {
                        notify.woken.store(true, Ordering::SeqCst);
                    }
                } else {
                    self.reactor.park().unwrap();
                }
            })
        });
    }
}
