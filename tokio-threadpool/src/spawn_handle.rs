//! Waiting for a future that was spawned with `spawn_handle`.

use futures::{Async, Future as Future01, Poll as Poll01};
use std::fmt;
use std::future::IntoFuture;
use std::panic;
use tokio_task::{Futures01AsStd, Join, JoinHandle};

/// The result of a futures 0.1 future that runs on a pool.
///
/// Made by [`ThreadPool::spawn_handle`](crate::ThreadPool::spawn_handle). It is a futures 0.1
/// `Future` with the spawned future's item and error, and a std `IntoFuture`. Dropping it cancels
/// the spawned future.
///
/// # Panics
///
/// When polled: with the spawned future's panic, if that panicked; and if the pool was shut down
/// before the future was ready.
pub struct SpawnHandle<T, E> {
    /// None once the result was handed out.
    join: Option<Join<Result<T, E>>>,
}

impl<T, E> SpawnHandle<T, E> {
    pub(crate) fn new(handle: JoinHandle<Result<T, E>>) -> Self {
        SpawnHandle { join: Some(handle.join()) }
    }
}

impl<T, E> Future01 for SpawnHandle<T, E> {
    type Item = T;
    type Error = E;

    fn poll(&mut self) -> Poll01<T, E> {
        let join = self.join.as_mut().expect("`SpawnHandle` polled after it was ready");
        let result = match join.poll() {
            Ok(Async::NotReady) => return Ok(Async::NotReady),
            Ok(Async::Ready(result)) => result,
            Err(error) => match error.try_into_panic() {
                Ok(payload) => panic::resume_unwind(payload),
                Err(_) => panic!("the pool was shut down before the spawned future was ready"),
            },
        };
        self.join = None;
        result.map(Async::Ready)
    }
}

impl<T, E> IntoFuture for SpawnHandle<T, E> {
    type Output = Result<T, E>;
    type IntoFuture = Futures01AsStd<Self>;

    fn into_future(self) -> Self::IntoFuture {
        Futures01AsStd::new(self)
    }
}

impl<T, E> Drop for SpawnHandle<T, E> {
    fn drop(&mut self) {
        if let Some(join) = &self.join {
            join.abort();
        }
    }
}

impl<T: fmt::Debug, E: fmt::Debug> fmt::Debug for SpawnHandle<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnHandle").finish_non_exhaustive()
    }
}
