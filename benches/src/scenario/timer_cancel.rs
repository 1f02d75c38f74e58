//! A timer that a task begins to wait for, and gives up: what a time limit that is kept costs.
//!
//! After each hundred the task lets others run, so that no runtime's budget ends the wait before it has
//! begun.

use super::{measure_futures01, measure_std, Sample};
use crate::peer::{CurrentThread, Ours, Smol, Tokio01, Tokio1};
use futures::{Async, Future as Future01};
use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

/// Longer than any measurement.
const LONG: Duration = Duration::from_secs(30);

const IN_A_ROW: u64 = 100;

async fn cancel<F: Future>(rounds: u64, timer: impl Fn() -> F) {
    for _ in 0..rounds.div_ceil(IN_A_ROW) {
        let mut yielded = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            for _ in 0..IN_A_ROW {
                let timer = pin!(timer());
                assert!(timer.poll(cx).is_pending(), "it does not fire meanwhile");
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

pub(super) fn ours(scale: u64) -> Sample {
    measure_std::<Ours, _>(scale, |rounds| cancel(rounds, || tokio::time::sleep(LONG)))
}

pub(super) fn tokio1(scale: u64) -> Sample {
    measure_std::<Tokio1, _>(scale, |rounds| cancel(rounds, || tokio1::time::sleep(LONG)))
}

pub(super) fn current_thread(scale: u64) -> Sample {
    measure_std::<CurrentThread, _>(scale, |rounds| cancel(rounds, || tokio1::time::sleep(LONG)))
}

pub(super) fn smol(scale: u64) -> Sample {
    measure_std::<Smol, _>(scale, |rounds| cancel(rounds, || smol::Timer::after(LONG)))
}

/// The same in futures 0.1.
fn cancel01<F>(rounds: u64, timer: fn() -> F) -> impl Future01<Item = (), Error = ()> + Send
where
    F: Future01 + 'static,
    F::Error: std::fmt::Debug,
{
    let mut left = rounds.div_ceil(IN_A_ROW);
    futures::future::poll_fn(move || {
        if left == 0 {
            return Ok(Async::Ready(()));
        }
        left -= 1;
        for _ in 0..IN_A_ROW {
            let polled = timer().poll().expect("the timer runs");
            assert!(polled.is_not_ready(), "it does not fire meanwhile");
        }
        futures::task::current().notify();
        Ok(Async::NotReady)
    })
}

pub(super) fn ours01(scale: u64) -> Sample {
    measure_futures01::<Ours, _>(scale, |rounds| {
        cancel01(rounds, || tokio::timer::Delay::new(Instant::now() + LONG))
    })
}

pub(super) fn tokio01(scale: u64) -> Sample {
    measure_futures01::<Tokio01, _>(scale, |rounds| {
        cancel01(rounds, || tokio01::timer::Delay::new(Instant::now() + LONG))
    })
}
