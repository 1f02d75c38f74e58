//! What goes from thread to thread, what needs no pinning, and what can be spawned.

use std::cell::Cell;
use std::time::{Duration, Instant};
use tokio_executor::park::ParkThread;
use tokio_timer::clock::{Clock, MockClock};
use tokio_timer::timer::{Handle, Timer, Turn};
use tokio_timer::{
    clock, delay_queue, std_future, throttle, timeout, timer, Delay, DelayQueue, Delaying, Error,
    Interval, Timeout,
};

fn everything<T: Send + Sync + Unpin + 'static>() {}
fn send<T: Send>(_: T) {}
fn sync<T: Sync>() {}

#[test]
fn waits_go_from_thread_to_thread() {
    everything::<Delay>();
    everything::<Delaying>();
    everything::<Interval>();
    everything::<Timeout<()>>();
    everything::<DelayQueue<()>>();
    everything::<delay_queue::Key>();
    everything::<delay_queue::Expired<()>>();
    everything::<throttle::Throttle<()>>();
    everything::<throttle::ThrottleError<()>>();
    everything::<timeout::Error<()>>();
    everything::<Error>();
    everything::<std_future::Sleep>();
    everything::<std_future::Timeout<()>>();
    everything::<std_future::Elapsed>();
    everything::<Handle>();
    everything::<Turn>();
    everything::<timer::DefaultGuard>();
    everything::<Clock>();
    everything::<MockClock>();
    everything::<clock::DefaultGuard>();
    everything::<Timer<(), Clock>>();
    sync::<Timer<(), ()>>();
    send::<Option<Timer<Cell<()>, Cell<()>>>>(None);
    send::<Option<DelayQueue<Cell<()>>>>(None);
}

/// A future of both generations would be ambiguous here.
#[test]
fn every_future_can_be_blocked_on() {
    let mut enter = tokio_executor::enter().unwrap();
    let never = || futures::future::empty::<(), ()>();
    let soon = Duration::from_millis(1);
    enter.block_on(tokio_timer::sleep(soon)).unwrap();
    enter.block_on(Delay::new(Instant::now())).unwrap();
    enter.block_on(std::future::IntoFuture::into_future(tokio_timer::sleep(soon))).unwrap();
    enter.block_on(Timeout::new(never(), soon)).unwrap_err();
    enter.block_on(std::future::IntoFuture::into_future(Timeout::new(never(), soon))).unwrap_err();
    enter.block_on(std_future::sleep(soon));
    enter.block_on(std_future::timeout(soon, std::future::pending::<()>())).unwrap_err();
    enter.block_on(Interval::new_interval(soon).tick()).unwrap();
    send(Interval::new_interval(soon).tick());
    let _ = ParkThread::new();
}
