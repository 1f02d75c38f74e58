//! Tasks of futures that need not be `Send`: what may happen on other threads, and what does not.

mod executor;

use executor::{Executor, PATIENCE};
use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Instant;
use tokio_task::{IntoLocalTask, JoinHandle, LocalTaskKind};

fn spawn<G: LocalTaskKind>(executor: &Executor, future: impl IntoLocalTask<G>) -> G::Plain {
    // SAFETY: the tests run and drop the executor, and so each entry, on this thread; the inbox is
    // empty then.
    let (task, plain) = unsafe { G::task(future.into_body(), executor.door()) };
    executor.shared.push(task);
    plain
}

fn chain<G: LocalTaskKind>(
    executor: &mut Executor,
    future: impl IntoLocalTask<G>,
) -> G::Chain<'_, Executor> {
    let plain = spawn(executor, future);
    G::chain(plain, executor)
}

/// Must be dropped on its thread.
struct Home(ThreadId, Rc<Cell<usize>>);

impl Home {
    fn new(drops: &Rc<Cell<usize>>) -> Self {
        Home(thread::current().id(), drops.clone())
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        assert_eq!(thread::current().id(), self.0);
        self.1.set(self.1.get() + 1);
    }
}

fn count(counted: Rc<Cell<usize>>) -> impl futures::Future<Item = (), Error = ()> {
    futures::future::lazy(move || {
        counted.set(counted.get() + 1);
        Ok(())
    })
}

#[test]
fn either_generation_is_spawned_without_send() {
    let mut executor = Executor::new();
    let (shared, ran) = (Rc::new(7), Rc::new(Cell::new(0)));
    let (theirs, one) = (shared.clone(), ran.clone());
    let handle: JoinHandle<Rc<u8>> = spawn(&executor, async move { theirs });
    spawn(&executor, count(one));
    let (one, two) = (ran.clone(), ran.clone());
    let executor: &mut Executor = chain(chain(&mut executor, count(one)), futures::future::ok(()));
    drop::<JoinHandle<()>>(chain(executor, async move { two.set(two.get() + 1) }));
    executor.run();
    assert_eq!(ran.get(), 3);
    assert_eq!(executor.completed(), 5);
    let joined = futures03::executor::block_on(handle).unwrap();
    assert!(Rc::ptr_eq(&joined, &shared));
}

#[test]
fn another_thread_wakes_aborts_joins_and_frees_but_drops_no_future() {
    let executor = Executor::new();
    let drops = Rc::new(Cell::new(0));
    let (home, mut wakers) = (Home::new(&drops), Vec::new());
    let (sender, receiver) = std::sync::mpsc::channel::<Waker>();
    let handle = spawn(&executor, async move {
        let _home = home;
        poll_fn(|cx| {
            sender.send(cx.waker().clone()).unwrap();
            Poll::<()>::Pending
        })
        .await
    });
    executor.run();
    wakers.push(receiver.recv().unwrap());
    let thread = thread::spawn(move || {
        wakers[0].wake_by_ref();
        handle.abort();
        drop(handle);
        wakers
    });
    let wakers = thread.join().unwrap();
    assert_eq!(drops.get(), 0);
    executor.run();
    assert_eq!((drops.get(), executor.completed()), (1, 1));
    drop(executor);
    // The last references: memory alone.
    thread::spawn(move || drop(wakers)).join().unwrap();
}

#[test]
fn a_waker_outlives_the_executor() {
    let executor = Executor::new();
    let drops = Rc::new(Cell::new(0));
    let home = Home::new(&drops);
    let (sender, receiver) = std::sync::mpsc::channel::<Waker>();
    drop(spawn(&executor, async move {
        let _home = home;
        poll_fn(|cx| {
            sender.send(cx.waker().clone()).unwrap();
            Poll::<()>::Pending
        })
        .await
    }));
    executor.run();
    executor.shut_down();
    drop(executor);
    assert_eq!(drops.get(), 1);
    let waker = receiver.recv().unwrap();
    let begin = Instant::now();
    thread::spawn(move || waker.wake()).join().unwrap();
    assert!(begin.elapsed() < PATIENCE);
}

#[test]
fn what_is_refused_is_dropped_and_cancelled() {
    fn cancelled<G: LocalTaskKind>(future: impl IntoLocalTask<G>) -> G::Plain {
        G::cancelled(future.into_body())
    }
    let drops = Rc::new(Cell::new(0));
    let home = Home::new(&drops);
    let handle = cancelled(async move {
        let _home = home;
        pending::<Rc<()>>().await
    });
    assert_eq!(drops.get(), 1);
    assert!(futures03::executor::block_on(handle).unwrap_err().is_cancelled());
    let home = Home::new(&drops);
    cancelled(futures::future::lazy(move || {
        drop(home);
        Ok(())
    }));
    assert_eq!(drops.get(), 2);
}

#[test]
fn an_output_that_nobody_takes_is_dropped_at_home() {
    let executor = Executor::new();
    let drops = Rc::new(Cell::new(0));
    // Detached before the end, and after it.
    let (early, late) = (Home::new(&drops), Home::new(&drops));
    drop(spawn(&executor, async move { early }));
    let handle = spawn(&executor, async move { late });
    executor.run();
    assert_eq!(drops.get(), 1);
    drop(handle);
    assert_eq!(drops.get(), 2);
    assert_eq!(executor.shared.completed.load(SeqCst), 2);
}
