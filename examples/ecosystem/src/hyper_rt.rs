//! The runtime as hyper 1 wants to see it.
//!
//! hyper 1 knows no runtime: it asks for sockets, an executor and a timer by traits of its own.
//! `smol_hyper::rt::FuturesIo` makes its sockets of anything that has the traits of `futures-io`, as
//! the sockets here have; the other two are below.

use hyper::rt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::time;

/// Spawns on the runtime of the task that uses it. HTTP/2 runs a task for each request.
#[derive(Clone, Copy, Debug)]
pub struct Executor;

impl<F> rt::Executor<F> for Executor
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::spawn(future);
    }
}

/// Waits by the runtime's wheel.
#[derive(Clone, Copy, Debug)]
pub struct Timer;

impl rt::Timer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep(time::sleep(duration)))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn rt::Sleep>> {
        Box::pin(Sleep(time::sleep_until(deadline)))
    }
}

/// A type of ours, so that hyper's trait can be implemented for it.
struct Sleep(time::Sleep);

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(cx)
    }
}

impl rt::Sleep for Sleep {}
