//! Timers on a runtime: never early, never starved, the same for tasks of both generations.

mod support;

use futures::{future, Future as _, Stream as _};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::task::{ready, Poll};
use std::time::{Duration, Instant};
use support::{bounded, runtime, within, Generation, LIMIT};
use tokio::clock::MockClock;
use tokio::prelude::{FutureExt as _, StreamExt as _};
use tokio::runtime::Builder;
use tokio::time::{interval, sleep, timeout};
use tokio::timer::{Delay, DelayQueue, Interval};
use tokio_task::Caller;

both! {
    a_delay_is_never_early,
    delays_fire_when_a_mock_clock_says_so,
    tasks_that_are_always_ready_do_not_starve_timers,
    many_short_block_on_calls_advance_timers,
    a_poll_that_never_returns_does_not_stop_the_timers_of_others,
    a_pool_that_is_all_asleep_wakes_for_an_earlier_delay,
    shutdown_now_does_not_wait_for_delays,
    shutdown_on_idle_waits_for_delays,
}

/// A step that waits for `delay`, then says so.
fn wait(delay: Delay, then: impl FnOnce() + Send) -> impl FnMut(Caller<'_>) -> Poll<()> + Send {
    let (mut delay, mut then) = (delay, Some(then));
    move |caller| {
        ready!(delay.poll_with(caller)).unwrap();
        then.take().expect("ready once")();
        Poll::Ready(())
    }
}

fn after(duration: Duration) -> Delay {
    Delay::new(Instant::now() + duration)
}

fn a_delay_is_never_early<G: Generation>() {
    let mut runtime = runtime(2);
    for micros in [0, 1, 300, 999, 1_000, 1_001, 3_500] {
        let deadline = Instant::now() + Duration::from_micros(micros);
        G::block_on(&mut runtime, wait(Delay::new(deadline), || ()));
        assert!(Instant::now() >= deadline);
    }
}

fn delays_fire_when_a_mock_clock_says_so<G: Generation>() {
    let mock = MockClock::new();
    let runtime = Builder::new().core_threads(2).clock(mock.clock()).build().unwrap();
    let (said, says) = channel();
    for hours in [3, 1, 2] {
        let delay = Delay::new(mock.now() + Duration::from_secs(hours * 3_600));
        let said = said.clone();
        let mut first = true;
        let mut step = wait(delay, move || said.send(hours).unwrap());
        let (waits, waiting) = channel();
        G::spawn_on(&runtime.executor(), move |caller| {
            let poll = step(caller);
            if std::mem::take(&mut first) {
                waits.send(()).unwrap();
            }
            poll
        });
        within(&waiting);
    }
    for hours in [1, 2, 3] {
        assert!(says.try_recv().is_err());
        mock.advance(Duration::from_secs(3_600));
        assert_eq!(within(&says), hours);
    }
}

fn tasks_that_are_always_ready_do_not_starve_timers<G: Generation>() {
    for workers in [1, 2] {
        let runtime = runtime(workers);
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..10 {
            let stop = stop.clone();
            G::spawn_on(&runtime.executor(), move |caller: Caller<'_>| {
                if stop.load(SeqCst) {
                    return Poll::Ready(());
                }
                caller.wake();
                Poll::Pending
            });
        }
        let (said, says) = channel();
        let mut left = 20;
        let mut delay = after(Duration::from_micros(100));
        G::spawn_on(&runtime.executor(), move |caller| loop {
            ready!(delay.poll_with(caller)).unwrap();
            left -= 1;
            if left == 0 {
                said.send(()).unwrap();
                return Poll::Ready(());
            }
            delay.reset(Instant::now() + Duration::from_micros(100));
        });
        within(&says);
        stop.store(true, SeqCst);
        runtime.shutdown_on_idle().wait().unwrap();
    }
}

fn many_short_block_on_calls_advance_timers<G: Generation>() {
    let mut runtime = runtime(1);
    let fired = Arc::new(AtomicBool::new(false));
    let fires = fired.clone();
    let delay = after(Duration::from_millis(5));
    G::spawn_on(&runtime.executor(), wait(delay, move || fires.store(true, SeqCst)));
    let limit = Instant::now() + LIMIT;
    while !fired.load(SeqCst) {
        G::block_on(&mut runtime, support::once(|| ()));
        assert!(Instant::now() < limit, "the delay does not come");
    }
}

fn a_poll_that_never_returns_does_not_stop_the_timers_of_others<G: Generation>() {
    let runtime = runtime(2);
    let executor = runtime.executor();
    let (tell, told) = channel::<()>();
    let (said, says) = channel();
    G::spawn_on(&executor.clone(), move |caller: Caller<'_>| {
        let _ = caller;
        // The delay is made and first polled behind this task, on the same worker.
        let tell = tell.clone();
        G::spawn(wait(after(Duration::from_millis(1)), move || tell.send(()).unwrap()));
        said.send(told.recv_timeout(LIMIT).is_ok()).unwrap();
        Poll::Ready(())
    });
    assert!(within(&says), "the delay fired while the other task was stuck");
}

fn a_pool_that_is_all_asleep_wakes_for_an_earlier_delay<G: Generation>() {
    let runtime = runtime(2);
    // The driver sleeps for that long, if nobody tells it better.
    G::spawn_on(&runtime.executor(), wait(after(Duration::from_secs(3_600)), || ()));
    let (said, says) = channel();
    let early = after(Duration::from_millis(1));
    G::spawn_on(&runtime.executor(), wait(early, move || said.send(()).unwrap()));
    within(&says);
}

fn shutdown_now_does_not_wait_for_delays<G: Generation>() {
    let runtime = runtime(2);
    let (dropped, drops) = channel::<()>();
    for _ in 0..100 {
        let dropped = dropped.clone();
        let step = wait(after(Duration::from_secs(3_600)), move || drop(dropped));
        G::spawn_on(&runtime.executor(), step);
    }
    drop(dropped);
    runtime.shutdown_now().wait().unwrap();
    assert!(drops.recv().is_err(), "every future has been dropped");
}

fn shutdown_on_idle_waits_for_delays<G: Generation>() {
    let runtime = runtime(2);
    let fired = Arc::new(AtomicUsize::new(0));
    for millis in 0..10 {
        let fired = fired.clone();
        let count = move || assert!(fired.fetch_add(1, SeqCst) < 10);
        G::spawn_on(&runtime.executor(), wait(after(Duration::from_millis(millis)), count));
    }
    runtime.shutdown_on_idle().wait().unwrap();
    assert_eq!(fired.load(SeqCst), 10);
}

/// A task of one generation waits for timers by the names of the other.
#[test]
fn timers_of_either_generation_work_under_the_other() {
    bounded(|| {
        let mut runtime = runtime(2);
        runtime.block_on(async {
            Delay::new(Instant::now() + Duration::from_millis(1)).await.unwrap();
            let mut ticks = Interval::new_interval(Duration::from_millis(1));
            assert!(futures03::StreamExt::next(&mut ticks).await.unwrap().is_ok());
            let late = future::empty::<(), ()>().timeout(Duration::from_millis(1)).await;
            assert!(late.unwrap_err().is_elapsed());
        });
        let by_std = tokio::task::StdAsFutures01::new(async {
            sleep(Duration::from_millis(1)).await;
            interval(Duration::from_millis(1)).tick().await.unwrap();
            timeout(Duration::from_millis(1), std::future::pending::<()>()).await.unwrap_err();
        });
        runtime.block_on(by_std).unwrap();
    });
}

/// On a thread without a runtime, a thread of the timers' own drives them.
#[test]
fn timers_work_on_a_plain_thread() {
    bounded(|| {
        after(Duration::from_millis(1)).wait().unwrap();
        futures03::executor::block_on(sleep(Duration::from_millis(1)));
        let ticks = Interval::new_interval(Duration::from_millis(1)).take(3).collect().wait();
        assert_eq!(ticks.unwrap().len(), 3);
    });
}

#[test]
fn a_queue_and_a_throttled_stream_run_on_the_runtime() {
    bounded(|| {
        let mut runtime = runtime(2);
        let queue = future::lazy(|| {
            let mut queue = DelayQueue::new();
            for millis in [3, 1, 2] {
                queue.insert(millis, Duration::from_millis(millis));
            }
            queue.map(|expired| expired.into_inner()).collect()
        });
        assert_eq!(runtime.block_on(queue).unwrap(), [1, 2, 3]);
        let slow = future::lazy(|| {
            let items = futures::stream::iter_ok::<_, ()>(0..3);
            items.throttle(Duration::from_millis(1)).collect().map_err(drop)
        });
        assert_eq!(runtime.block_on(slow), Ok(vec![0, 1, 2]));
    });
}
