//! Two hundred tasks that let each other run.

use super::{measure_futures01, measure_std, Countdown, Sample};
use crate::peer::{Futures01, Std};
use futures::{Async, Future};
use std::task::Poll;

const TASKS: u64 = 200;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |yields| async move {
        let (done, all) = futures_channel::oneshot::channel();
        let left = Countdown::new(TASKS, move || done.send(()).expect("somebody waits"));
        for _ in 0..TASKS {
            let left = left.clone();
            let mut yields = yields / TASKS;
            R::detach(async move {
                std::future::poll_fn(|cx| match yields {
                    0 => Poll::Ready(()),
                    _ => {
                        yields -= 1;
                        cx.waker().wake_by_ref();
                        Poll::Pending
                    }
                })
                .await;
                left.down();
            });
        }
        all.await.expect("every task ends");
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |yields| {
        futures::future::lazy(move || {
            let (done, all) = futures::sync::oneshot::channel();
            let left = Countdown::new(TASKS, move || done.send(()).expect("somebody waits"));
            for _ in 0..TASKS {
                let left = left.clone();
                let mut yields = yields / TASKS;
                R::spawn(futures::future::poll_fn(move || {
                    if yields == 0 {
                        left.down();
                        return Ok(Async::Ready(()));
                    }
                    yields -= 1;
                    futures::task::current().notify();
                    Ok(Async::NotReady)
                }));
            }
            all.map_err(drop)
        })
    })
}
