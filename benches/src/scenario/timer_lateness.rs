//! How late timers are. The "time for an operation" is the median of how late a task goes on after its
//! deadline; its processor time is that of the process, for each wait.

use super::{Sample, Watch};
use crate::peer::{CurrentThread, Futures01, Ours, Smol, Std, Tokio01, Tokio1};
use futures::future::{loop_fn, Loop};
use futures::Future as Future01;
use std::future::Future;
use std::time::{Duration, Instant};

/// From half a millisecond on, each a third of a millisecond and something more than the one before.
fn deadline(number: u64) -> Instant {
    Instant::now() + Duration::from_nanos(500_000 + number * 337_331 % 3_000_000)
}

fn sample(mut late: Vec<Duration>, watch: &Watch) -> Sample {
    let operations = late.len() as u64;
    late.sort_unstable();
    let median = late[late.len() / 2];
    let cpu = watch.stop(operations).cpu;
    Sample { operations, wall: median * late.len() as u32, cpu }
}

fn measure<R: Std, F>(scale: u64, wait: fn(Instant) -> F) -> Sample
where
    F: Future + Send + 'static,
{
    R::run(async move {
        let watch = Watch::start();
        let mut late = Vec::new();
        for number in 0..scale {
            let deadline = deadline(number);
            wait(deadline).await;
            late.push(Instant::now().checked_duration_since(deadline).expect("never early"));
        }
        sample(late, &watch)
    })
}

pub(super) fn ours(scale: u64) -> Sample {
    measure::<Ours, _>(scale, tokio::time::sleep_until)
}

pub(super) fn tokio1(scale: u64) -> Sample {
    measure::<Tokio1, _>(scale, |deadline| tokio1::time::sleep_until(deadline.into()))
}

pub(super) fn current_thread(scale: u64) -> Sample {
    measure::<CurrentThread, _>(scale, |deadline| tokio1::time::sleep_until(deadline.into()))
}

pub(super) fn smol(scale: u64) -> Sample {
    measure::<Smol, _>(scale, smol::Timer::at)
}

fn measure01<R: Futures01, F>(scale: u64, wait: fn(Instant) -> F) -> Sample
where
    F: Future01 + Send + 'static,
    F::Error: std::fmt::Debug,
{
    let (send, receive) = std::sync::mpsc::channel();
    R::run(futures::future::lazy(move || {
        let watch = Watch::start();
        loop_fn((0, Vec::new()), move |(number, mut late)| {
            let deadline = deadline(number);
            wait(deadline).then(move |waited| {
                waited.expect("the timer runs");
                late.push(Instant::now().checked_duration_since(deadline).expect("never early"));
                if number + 1 < scale {
                    Ok::<_, ()>(Loop::Continue((number + 1, late)))
                } else {
                    Ok(Loop::Break(late))
                }
            })
        })
        .map(move |late| send.send(sample(late, &watch)).expect("somebody waits for it"))
    }));
    receive.recv().expect("the measurement came to its end")
}

pub(super) fn ours01(scale: u64) -> Sample {
    measure01::<Ours, _>(scale, tokio::timer::Delay::new)
}

pub(super) fn tokio01(scale: u64) -> Sample {
    measure01::<Tokio01, _>(scale, tokio01::timer::Delay::new)
}
