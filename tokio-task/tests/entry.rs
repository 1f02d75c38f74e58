//! What can be spawned and blocked on, and what the compiler infers for it.

mod executor;

use executor::{Executor, Handle};
use futures::{Future as Future01, IntoFuture, Stream as Stream01};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use tokio_task::{
    Body, IntoBlockOn, IntoLocalBlockOn, IntoTask, JoinHandle, LocalBlockOnKind, Spawn, TaskKind,
};

/// As `tokio::spawn` does.
fn spawn<G: TaskKind>(executor: &Executor, future: impl IntoTask<G>) -> G::Handle {
    G::handle(executor.spawn(future))
}

/// As `Runtime::spawn` does.
fn chain<G: TaskKind>(executor: &mut Executor, future: impl IntoTask<G>) -> G::Chain<'_, Executor> {
    let plain = executor.spawn(future);
    G::chain(plain, executor)
}

/// As `Runtime::block_on` does.
fn block_on<F: IntoBlockOn<R, E>, R: ?Sized, E: ?Sized>(future: F) -> F::Output {
    fn run<B: Body<Output: Send> + Send>(body: B) -> B::Output {
        let executor = Executor::new();
        let (task, handle) = executor.task(body);
        executor.shared.push(task);
        executor.run_until(|| handle.is_finished());
        Handle::Std(handle).joined().unwrap()
    }
    run(future.into_body())
}

/// As a single-threaded runtime does.
fn block_on_locally<G: LocalBlockOnKind>(future: impl IntoLocalBlockOn<G>) -> G::Output {
    futures03::executor::block_on(future.into_std())
}

#[test]
fn either_generation_is_spawned() {
    let mut executor = Executor::new();
    let _: Spawn = spawn(&executor, futures::future::lazy(|| Ok(())));
    let handle: JoinHandle<u8> = spawn(&executor, async { 7 });
    let boxed: Box<dyn Future01<Item = (), Error = ()> + Send> = Box::new(futures::future::ok(()));
    let _: Spawn = spawn(&executor, boxed);
    let boxed: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async {});
    drop::<JoinHandle<()>>(spawn(&executor, boxed));
    let executor: &mut Executor =
        chain(chain(&mut executor, futures::future::ok(())), futures::future::err(()));
    drop::<JoinHandle<&str>>(chain(executor, async { "chained" }));
    executor.run();
    assert_eq!(Handle::Std(handle).joined().unwrap(), 7);
    assert_eq!(executor.completed(), 7);
}

#[test]
fn a_spawn_ends_the_closure_of_a_for_each() {
    let executor = Executor::new();
    let numbers = futures::stream::iter_ok::<_, ()>(0..10);
    numbers.for_each(|_| spawn(&executor, futures::future::ok(()))).wait().unwrap();
    let numbers = futures::stream::iter_ok::<_, ()>(0..10);
    numbers.for_each(|_| spawn(&executor, async {})).wait().unwrap();
    spawn(&executor, futures::future::ok(())).into_future().wait().unwrap();
    executor.run();
    assert_eq!(executor.completed(), 21);
}

#[test]
fn either_generation_is_blocked_on() {
    assert_eq!(block_on(async { 7 }), 7);
    assert_eq!(block_on(futures::future::ok::<u8, ()>(7)), Ok(7));
    assert_eq!(block_on::<_, _, ()>(futures::future::lazy(|| Ok(7))), Ok(7));
    assert_eq!(block_on(futures::future::err::<(), _>("no")), Err("no"));
}

#[test]
fn what_is_not_send_is_blocked_on_locally() {
    let shared = Rc::new(7);
    assert_eq!(block_on_locally(async { *shared }), 7);
    let borrowed = &shared;
    assert_eq!(block_on_locally(futures::future::lazy(|| Ok::<u8, ()>(**borrowed))), Ok(7));
}
