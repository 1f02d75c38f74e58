//! On a thread without a timer, delays work nevertheless, under either generation's executor.

mod support;

use futures::{Future, Stream};
use std::time::{Duration, Instant};
use support::*;
use tokio_timer::std_future::{interval, sleep_until, timeout};
use tokio_timer::{sleep, Delay, DelayQueue, Interval};

#[test]
fn waiting_on_a_plain_thread_makes_progress_with_timers() {
    bounded(|| {
        let start = Instant::now();
        Delay::new(start + ms(2)).wait().unwrap();
        assert!(start.elapsed() >= ms(2));
        sleep(ms(1)).wait().unwrap();
        assert_eq!(Interval::new_interval(ms(1)).take(2).wait().count(), 2);
        let mut queue = DelayQueue::new();
        queue.insert(1, ms(1));
        assert_eq!(queue.wait().map(|item| item.unwrap().into_inner()).collect::<Vec<_>>(), [1]);
        assert!(start.elapsed() >= ms(6));
    });
}

#[test]
fn blocking_on_a_plain_thread_makes_progress_with_timers() {
    bounded(|| {
        futures03::executor::block_on(async {
            let start = Instant::now();
            Delay::new(start + ms(2)).await.unwrap();
            assert!(start.elapsed() >= ms(2));
            sleep_until(start + ms(3)).await;
            assert!(start.elapsed() >= ms(3));
            let never = std::future::pending::<()>();
            timeout(ms(1), never).await.unwrap_err();
            let mut interval = interval(ms(1));
            interval.tick().await.unwrap();
            interval.tick().await.unwrap();
        });
    });
}

#[test]
fn delays_are_never_early_down_to_parts_of_a_millisecond() {
    bounded(|| {
        for micros in [0, 1, 10, 65, 66, 100, 333, 999, 1_000, 1_001, 2_345] {
            let deadline = Instant::now() + Duration::from_micros(micros);
            Delay::new(deadline).wait().unwrap();
            assert!(Instant::now() >= deadline, "{micros}");
            let deadline = Instant::now() + Duration::from_micros(micros);
            futures03::executor::block_on(sleep_until(deadline));
            assert!(Instant::now() >= deadline, "{micros}");
        }
    });
}

#[test]
fn a_waker_that_panics_does_not_end_the_timer_of_the_others() {
    bounded(|| {
        let panics = panicking_waker();
        // On a slow machine the time may have come before it is first asked for.
        let delay = std::iter::repeat_with(|| sleep(ms(1)))
            .find_map(|mut delay| {
                let caller = tokio_task::Caller::Std(&panics);
                delay.poll_with(caller).is_pending().then_some(delay)
            })
            .unwrap();
        sleep(ms(5)).wait().unwrap();
        assert!(delay.is_elapsed());
        sleep(ms(1)).wait().unwrap();
    });
}
