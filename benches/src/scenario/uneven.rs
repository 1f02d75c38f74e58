//! Tasks of very uneven length, which two workers have to share.

use super::{measure_futures01, measure_std, Countdown, Sample};
use crate::peer::{Futures01, Std};
use crate::process::keep_busy_until;
use futures::Future;
use std::time::{Duration, Instant};

/// Most tasks are short; every fiftieth is a hundred times as long.
fn work(task: u64) {
    let long = task % 50 == 0;
    keep_busy_until(Instant::now() + Duration::from_micros(if long { 500 } else { 5 }));
}

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |tasks| async move {
        let (done, all) = futures_channel::oneshot::channel();
        let left = Countdown::new(tasks, move || done.send(()).expect("somebody waits"));
        for task in 0..tasks {
            let left = left.clone();
            R::detach(async move {
                work(task);
                left.down();
            });
        }
        all.await.expect("every task runs");
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |tasks| {
        futures::future::lazy(move || {
            let (done, all) = futures::sync::oneshot::channel();
            let left = Countdown::new(tasks, move || done.send(()).expect("somebody waits"));
            for task in 0..tasks {
                let left = left.clone();
                R::spawn(futures::future::lazy(move || {
                    work(task);
                    left.down();
                    Ok(())
                }));
            }
            all.map_err(drop)
        })
    })
}
