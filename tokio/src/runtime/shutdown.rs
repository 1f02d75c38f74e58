//! Waiting for a runtime's end.

use futures::{Future, Poll};
use std::fmt;
use std::future::IntoFuture;
use tokio_threadpool::WaitForShutdown;

/// Resolves when a runtime has stopped: every future has been dropped, and the reactor is gone.
///
/// It is a futures 0.1 `Future`, and a std `IntoFuture` with the output `()`. It never fails.
/// Dropping it does not stop the shutdown.
pub struct Shutdown(tokio_threadpool::Shutdown);

impl Shutdown {
    pub(super) fn new(inner: tokio_threadpool::Shutdown) -> Self {
        Shutdown(inner)
    }
}

impl Future for Shutdown {
    type Item = ();
    type Error = ();

    fn poll(&mut self) -> Poll<(), ()> {
        self.0.poll()
    }
}

impl IntoFuture for Shutdown {
    type Output = ();
    type IntoFuture = WaitForShutdown;

    fn into_future(self) -> WaitForShutdown {
        self.0.into_future()
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown").finish_non_exhaustive()
    }
}
