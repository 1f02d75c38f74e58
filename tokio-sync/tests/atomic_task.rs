//! A task that waits for anything.

mod support;

use futures::task::{self, Task};
use std::sync::Arc;
use std::task::Poll;
use support::{Bell, Futures01, Generation};
use tokio_sync::task::AtomicTask;
use tokio_task::Caller;

both! {
    a_registered_task_is_notified_once,
    the_task_that_registers_last_is_notified,
    a_task_can_be_taken,
}

fn register<G: Generation>(cell: &AtomicTask, bell: &Arc<Bell>) {
    let _ = G::poll(bell, |caller| {
        match caller {
            Caller::Futures01 => cell.register(),
            Caller::Std(_) => cell.register_with(caller),
        }
        Poll::Ready(())
    });
}

fn a_registered_task_is_notified_once<G: Generation>() {
    let (cell, bell) = (AtomicTask::new(), Bell::new());
    cell.notify();
    for round in 1..4 {
        register::<G>(&cell, &bell);
        cell.notify();
        cell.notify();
        assert_eq!(bell.rang(), round);
    }
}

fn the_task_that_registers_last_is_notified<G: Generation>() {
    let (cell, first, second) = (AtomicTask::default(), Bell::new(), Bell::new());
    register::<G>(&cell, &first);
    register::<G>(&cell, &second);
    cell.notify();
    assert_eq!((first.rang(), second.rang()), (0, 1));
}

fn a_task_can_be_taken<G: Generation>() {
    let (cell, bell) = (AtomicTask::new(), Bell::new());
    assert!(cell.take_task().is_none());
    register::<G>(&cell, &bell);
    let task: Task = cell.take_task().unwrap();
    cell.notify();
    assert_eq!(bell.rang(), 0);
    task.notify();
    assert_eq!(bell.rang(), 1);
    assert!(cell.take_task().is_none());
}

#[test]
fn a_task_can_be_registered_by_another() {
    let (cell, bell) = (AtomicTask::new(), Bell::new());
    let Poll::Ready(task) = Futures01::poll(&bell, |_| Poll::Ready(task::current())) else {
        unreachable!()
    };
    cell.register_task(task);
    cell.notify();
    assert_eq!(bell.rang(), 1);
}
