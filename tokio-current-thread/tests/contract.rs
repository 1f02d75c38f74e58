//! The futures 0.1 API as programs use it: it compiles, and means what it meant.

use futures::future::{self, FutureResult};
use futures::Future as Future01;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::time::Duration;
use tokio_current_thread::{
    block_on_all, spawn, BlockError, CurrentThread, Entered, Handle, RunError, RunTimeoutError,
    TaskExecutor, Turn, TurnError,
};
use tokio_executor::park::{Park, ParkThread};
use tokio_executor::{Enter, EnterError, Executor, SpawnError, TypedExecutor};

type Ready = FutureResult<(), ()>;

#[test]
fn signatures_of_futures01_hold() {
    // Generic code that has only the bounds of 0.1.
    fn generic<F>(executor: &mut CurrentThread, future: F) -> &mut CurrentThread
    where
        F: Future01<Item = (), Error = ()> + 'static,
    {
        executor.spawn(future)
    }
    fn blocks<F: Future01>(
        executor: &mut CurrentThread,
        future: F,
    ) -> Result<F::Item, BlockError<F::Error>> {
        executor.block_on(future)
    }
    fn blocks_entered<F: Future01, P: Park>(
        entered: &mut Entered<'_, P>,
        future: F,
    ) -> Result<F::Item, BlockError<F::Error>> {
        entered.block_on(future)
    }
    fn spawns_entered<'a, 'b, F, P: Park>(
        entered: &'b mut Entered<'a, P>,
        future: F,
    ) -> &'b mut Entered<'a, P>
    where
        F: Future01<Item = (), Error = ()> + 'static,
    {
        entered.spawn(future)
    }
    fn sends<F>(handle: &Handle, future: F) -> Result<(), SpawnError>
    where
        F: Future01<Item = (), Error = ()> + Send + 'static,
    {
        handle.spawn(future)
    }
    fn blocks_all<F: Future01>(future: F) -> Result<F::Item, F::Error> {
        block_on_all(future)
    }
    fn spawns_here<F: Future01<Item = (), Error = ()> + 'static>(future: F) {
        spawn(future)
    }

    let mut executor: CurrentThread<ParkThread> = CurrentThread::new();
    generic(&mut executor, future::ok(())).spawn::<Ready>(future::ok(()));
    let spawner = future::lazy(|| {
        spawns_here(future::ok(()));
        Ok::<_, ()>(())
    });
    blocks(&mut executor, spawner).unwrap();
    executor.block_on::<Ready>(future::ok(())).unwrap();
    sends(&executor.handle(), future::ok(())).unwrap();
    executor.handle().spawn::<Ready>(future::ok(())).unwrap();
    let status: Result<(), SpawnError> = executor.handle().status();
    status.unwrap();
    let run: Result<(), RunError> = executor.run();
    run.unwrap();
    let run: Result<(), RunTimeoutError> = executor.run_timeout(Duration::ZERO);
    run.unwrap();
    let turn: Result<Turn, TurnError> = executor.turn(Some(Duration::ZERO));
    let _: bool = turn.unwrap().has_polled();
    let mut enter: Enter = tokio_executor::enter().unwrap();
    let mut entered: Entered<'_, ParkThread> = executor.enter(&mut enter);
    blocks_entered(&mut entered, future::ok::<_, ()>(())).unwrap();
    spawns_entered(&mut entered, future::ok(())).spawn::<Ready>(future::ok(()));
    entered.block_on::<Ready>(future::ok(())).unwrap();
    drop(enter);
    blocks_all(future::ok::<_, ()>(())).unwrap();
    block_on_all::<Ready>(future::ok(())).unwrap();
    let inferred: Result<u8, ()> = block_on_all(future::lazy(|| Ok(7)));
    assert_eq!(inferred, Ok(7));
}

#[test]
fn traits_hold() {
    fn executor<T: Executor + TypedExecutor<Ready> + Debug>() {}
    fn cloned<T: Clone + Debug>() {}
    fn error<T: Error + Debug + Display>() {}
    fn executes<T: future::Executor<Ready>>() {}
    executor::<CurrentThread>();
    executor::<TaskExecutor>();
    executes::<TaskExecutor>();
    cloned::<TaskExecutor>();
    cloned::<Handle>();
    error::<BlockError<()>>();
    error::<RunError>();
    error::<RunTimeoutError>();
    error::<TurnError>();
    fn from<T: From<EnterError>>() {}
    from::<BlockError<u8>>();
    from::<RunTimeoutError>();
    // The error of the future need not be printable.
    struct Opaque;
    let error = CurrentThread::new().block_on(future::err::<(), _>(Opaque)).unwrap_err();
    assert_eq!(error.to_string(), "the future failed");
    assert!(error.into_inner().is_some());
}

#[test]
fn boxed_futures_of_either_generation_are_taken() {
    let mut executor = CurrentThread::new();
    let boxed: Box<dyn Future01<Item = (), Error = ()>> = Box::new(future::ok(()));
    executor.spawn(boxed);
    let boxed: std::pin::Pin<Box<dyn std::future::Future<Output = u8>>> = Box::pin(async { 1 });
    let handle = executor.spawn(boxed);
    assert_eq!(executor.block_on(handle).unwrap().unwrap(), 1);
    let boxed: Box<dyn Future01<Item = u8, Error = ()>> = Box::new(future::ok(2));
    assert_eq!(executor.block_on(boxed).unwrap(), 2);
    executor.run().unwrap();
}
