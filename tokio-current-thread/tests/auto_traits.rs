//! Who may cross threads. Compiles, or does not.

use std::rc::Rc;
use tokio_current_thread::{
    BlockError, CurrentThread, Entered, Handle, RunError, RunTimeoutError, TaskExecutor, Turn,
    TurnError,
};
use tokio_executor::park::ParkThread;
use tokio_task::JoinHandle;

fn send_and_sync<T: Send + Sync>() {}
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
    send_and_sync::<Handle>();
    send_and_sync::<Turn>();
    send_and_sync::<BlockError<u8>>();
    send_and_sync::<JoinHandle<u8>>();
}

#[test]
fn what_stays_on_its_thread() {
    is_not!(CurrentThread: Send);
    is_not!(CurrentThread: Sync);
    is_not!(Entered<'static, ParkThread>: Send);
    is_not!(Entered<'static, ParkThread>: Sync);
    is_not!(TaskExecutor: Send);
    is_not!(TaskExecutor: Sync);
    is_not!(BlockError<Rc<u8>>: Send);
    is_not!(BlockError<Rc<u8>>: Sync);
    is_not!(JoinHandle<Rc<u8>>: Send);
    is_not!(JoinHandle<Rc<u8>>: Sync);
}

#[test]
fn errors_are_errors() {
    error::<BlockError<u8>>();
    error::<RunError>();
    error::<RunTimeoutError>();
    error::<TurnError>();
}
