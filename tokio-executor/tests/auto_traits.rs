//! Who may cross threads. Compiles, or does not.

use tokio_executor::park::{Park, ParkError, ParkThread, Unpark, UnparkThread};
use tokio_executor::{
    DefaultExecutor, DefaultGuard, Enter, EnterError, Executor, SharedExecutor, SpawnError,
    TypedExecutor,
};

fn send_and_sync<T: Send + Sync>() {}
fn is_static<T: 'static>() {}
fn error<T: std::error::Error + Send + Sync + 'static>() {}

/// Compiles only if the type does not implement the trait: else two impls fit `_`.
macro_rules! is_not {
    ($type:ty: $trait:ident) => {{
        trait Ambiguous<A> {
            fn check() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        impl<T: ?Sized + $trait> Ambiguous<u8> for T {}
        <$type as Ambiguous<_>>::check();
    }};
}

#[test]
fn what_may_cross_threads() {
    send_and_sync::<DefaultExecutor>();
    send_and_sync::<DefaultGuard>();
    send_and_sync::<EnterError>();
    send_and_sync::<SpawnError>();
    send_and_sync::<ParkError>();
    send_and_sync::<UnparkThread>();
    is_static::<DefaultGuard>();
}

#[test]
fn what_stays_on_its_thread() {
    is_not!(Enter: Send);
    is_not!(Enter: Sync);
    is_not!(ParkThread: Send);
    is_not!(ParkThread: Sync);
}

#[test]
fn errors_are_errors() {
    error::<EnterError>();
    error::<SpawnError>();
    error::<ParkError>();
}

#[test]
fn traits_can_be_objects() {
    fn object<T: ?Sized>() {}
    object::<dyn Executor>();
    object::<dyn SharedExecutor>();
    object::<dyn TypedExecutor<()>>();
    object::<dyn Unpark>();
    object::<dyn Park<Unpark = UnparkThread, Error = ParkError>>();
    fn executor<T: Executor>() {}
    executor::<Box<dyn Executor>>();
    executor::<Box<DefaultExecutor>>();
}
