//! A copy that never waits leaves room for other tasks.

use futures::Future as Future01;
use std::any::Any;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;
use tokio_io::io::copy;
use tokio_io::AsyncRead;
use tokio_task::{Futures01, Owned, Returns, Runner, Schedule, Std, Task};

/// The smallest executor: one queue, no owned tasks.
#[derive(Clone, Default)]
struct Queue(Arc<Mutex<VecDeque<Task>>>);

impl Queue {
    fn pop(&self) -> Option<Task> {
        self.0.lock().unwrap().pop_front()
    }
}

// SAFETY: no runner of this executor shows an owned list, so there is none to be found.
unsafe impl Schedule for Queue {
    fn schedule(&self, task: Task) {
        self.0.lock().unwrap().push_back(task);
    }

    fn completed(&self) {}

    fn panicked(&self, _: Box<dyn Any + Send>) {}

    fn returns(&self, _: u32) -> &Returns {
        unreachable!("no runner shows an owned list")
    }
}

// SAFETY: as above; it is given the tasks of its own queue.
unsafe impl Runner for Queue {
    fn owned(&self) -> Option<&Owned> {
        None
    }

    fn requeue(&self, task: Task) {
        self.schedule(task);
    }

    fn completed(&self) {}
}

/// Always ready, until told to end.
struct Endless(Arc<AtomicBool>);

impl Read for Endless {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        Ok(if self.0.load(Relaxed) { 0 } else { buf.len() })
    }
}

impl AsyncRead for Endless {}

/// Ends the copy even when the test fails.
struct End(Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

fn other_tasks_run(copying: impl FnOnce(Arc<AtomicBool>, Queue) -> Task) {
    let flag = Arc::new(AtomicBool::new(false));
    let end = End(flag.clone());
    let queue = Queue::default();
    queue.schedule(copying(flag, queue.clone()));
    let (run, ran) = channel();
    let other = Std(async move { run.send(()).unwrap() });
    queue.schedule(Task::new(other, queue.clone()));

    let thread = thread::spawn(move || {
        while let Some(task) = queue.pop() {
            task.run(&queue);
        }
    });
    ran.recv_timeout(Duration::from_secs(20)).expect("the thread gets to the other task");
    drop(end);
    thread.join().unwrap();
}

#[test]
fn a_copy_that_is_always_ready_does_not_starve_other_tasks() {
    other_tasks_run(|flag, queue| {
        let copying = copy(Endless(flag), io::sink()).map(drop).map_err(|e| panic!("{e}"));
        Task::new(Futures01::new(copying), queue)
    });
    other_tasks_run(|flag, queue| {
        let copying = async { drop(copy(Endless(flag), io::sink()).await.unwrap()) };
        Task::new(Std(copying), queue)
    });
}
