//! The names, signatures and auto traits that programs rely on.

use futures::{future, Future as Future01, Poll as Poll01};
use std::any::Any;
use std::cell::Cell;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::time::Duration;
use tokio_executor::park::{Park, Unpark};
use tokio_executor::{Enter, Executor, SpawnError, TypedExecutor};
use tokio_threadpool::blocking::{set_default, with_default, BlockingImpl, DefaultGuard};
use tokio_threadpool::park::{DefaultPark, DefaultUnpark, ParkError};
use tokio_threadpool::{
    blocking, BlockingError, Builder, Sender, Shutdown, SpawnHandle, ThreadPool, Worker, WorkerId,
};

/// Whether a type has a trait, without requiring it.
macro_rules! has {
    ($type:ty: $($bound:tt)+) => {{
        #[allow(dead_code)]
        trait No {
            const HAS: bool = false;
        }
        impl<T: ?Sized> No for T {}
        #[allow(dead_code)]
        struct Of<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        impl<T: ?Sized + $($bound)+> Of<T> {
            const HAS: bool = true;
        }
        <Of<$type>>::HAS
    }};
}

type Unsend = Cell<*const ()>;

const _: () = {
    assert!(has!(ThreadPool: Send) && has!(ThreadPool: Sync));
    assert!(has!(Sender: Send) && has!(Sender: Sync));
    assert!(has!(Shutdown: Send) && has!(Shutdown: Sync));
    assert!(has!(BlockingError: Send) && has!(BlockingError: Sync));
    assert!(has!(WorkerId: Send) && has!(WorkerId: Sync));
    assert!(has!(DefaultUnpark: Send) && has!(DefaultUnpark: Sync));
    assert!(has!(ParkError: Send) && has!(ParkError: Sync));
    assert!(has!(DefaultPark: Send) && !has!(DefaultPark: Sync));
    assert!(!has!(Builder: Send) && !has!(Builder: Sync));
    assert!(!has!(Worker: Send) && !has!(Worker: Sync));
    assert!(has!(SpawnHandle<Cell<()>, ()>: Send) && has!(SpawnHandle<Cell<()>, Cell<()>>: Sync));
    assert!(!has!(SpawnHandle<Unsend, ()>: Send) && !has!(SpawnHandle<(), Unsend>: Sync));
    // Never `Future`s of both generations.
    assert!(
        !has!(Shutdown: std::future::Future) && !has!(SpawnHandle<(), ()>: std::future::Future)
    );
};

fn displays<T: Error + Debug + Display>() {}
fn debugs<T: Debug>() {}
fn is_id<T: Clone + Eq + PartialEq + Debug + Hash>() {}
fn is_park<T: Park<Unpark = DefaultUnpark, Error = ParkError> + Debug>() {}
fn is_unpark<T: Unpark + Debug>() {}
fn is_future<T: Future01<Item = I, Error = E>, I, E>() {}
fn is_std<T: std::future::IntoFuture<Output = O>, O>() {}

#[test]
fn the_traits_are_there() {
    displays::<BlockingError>();
    displays::<ParkError>();
    debugs::<Builder>();
    debugs::<Sender>();
    debugs::<Shutdown>();
    debugs::<SpawnHandle<(), ()>>();
    debugs::<ThreadPool>();
    debugs::<Worker>();
    debugs::<DefaultGuard<'_>>();
    is_id::<WorkerId>();
    is_park::<DefaultPark>();
    is_unpark::<DefaultUnpark>();
    is_future::<Shutdown, (), ()>();
    is_future::<SpawnHandle<u8, u16>, u8, u16>();
    is_std::<Shutdown, ()>();
    is_std::<SpawnHandle<u8, u16>, Result<u8, u16>>();
}

fn is_executor<'a, F>()
where
    F: Future01<Item = (), Error = ()> + Send + 'static,
    Sender: Executor + TypedExecutor<F> + future::Executor<F> + Clone,
    &'a Sender: Executor,
{
}

type Lazy = future::FutureResult<(), ()>;

#[test]
#[allow(clippy::type_complexity)]
fn the_functions_are_there() {
    is_executor::<Lazy>();
    let _: fn() -> Builder = Builder::new;
    let _: fn(&mut Builder, usize) -> &mut Builder = Builder::pool_size;
    let _: fn(&mut Builder, usize) -> &mut Builder = Builder::max_blocking;
    let _: fn(&mut Builder, Option<Duration>) -> &mut Builder = Builder::keep_alive;
    let _: fn(&mut Builder, fn(Box<dyn Any + Send>)) -> &mut Builder = Builder::panic_handler;
    let _: for<'a> fn(&'a mut Builder, &'static str) -> &'a mut Builder = Builder::name_prefix;
    let _: fn(&mut Builder, usize) -> &mut Builder = Builder::stack_size;
    let _: fn(&mut Builder, fn(&Worker, &mut Enter)) -> &mut Builder = Builder::around_worker;
    let _: fn(&mut Builder, fn()) -> &mut Builder = Builder::after_start;
    let _: fn(&mut Builder, fn()) -> &mut Builder = Builder::before_stop;
    let _: fn(&mut Builder, fn(&WorkerId) -> DefaultPark) -> &mut Builder = Builder::custom_park;
    let _: fn(&Builder) -> ThreadPool = Builder::build;
    let _: fn(&Sender, Lazy) -> Result<(), SpawnError> = |s, f| s.spawn(f);
    let _: fn() -> ThreadPool = ThreadPool::new;
    let _: fn(&ThreadPool, Lazy) = |pool, future| pool.spawn(future);
    let _: fn(&ThreadPool, Lazy) -> SpawnHandle<(), ()> = ThreadPool::spawn_handle;
    let _: fn(&ThreadPool) -> &Sender = ThreadPool::sender;
    let _: fn(&mut ThreadPool) -> &mut Sender = ThreadPool::sender_mut;
    let _: fn(ThreadPool) -> Shutdown = ThreadPool::shutdown_on_idle;
    let _: fn(ThreadPool) -> Shutdown = ThreadPool::shutdown;
    let _: fn(ThreadPool) -> Shutdown = ThreadPool::shutdown_now;
    let _: fn(&Worker) -> &WorkerId = Worker::id;
    let _: fn(&Worker) = Worker::run;
    let _: fn(&WorkerId) -> usize = WorkerId::to_usize;
    let _: fn(fn() -> u8) -> Poll01<u8, BlockingError> = blocking;
    let _: fn() -> BlockingError = BlockingError::new;
    let _: fn(BlockingImpl) -> DefaultGuard<'static> = set_default;
    let _: fn(BlockingImpl, &mut Enter, fn(&mut Enter)) = with_default;
    let _: fn() -> DefaultPark = DefaultPark::new;
    // The same items, by their other paths.
    let _: fn() -> tokio_threadpool::blocking::BlockingError = BlockingError::new;
    let _: fn(fn() -> u8) -> Poll01<u8, BlockingError> = tokio_threadpool::blocking::blocking;
}
