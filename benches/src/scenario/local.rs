//! Tasks spawned from inside a task.

use super::{measure_futures01, measure_std, Countdown, Sample};
use crate::peer::{Futures01, Std};
use futures::Future;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |tasks| async move {
        let (done, all) = futures_channel::oneshot::channel();
        let left = Countdown::new(tasks, move || done.send(()).expect("somebody waits"));
        for _ in 0..tasks {
            let left = left.clone();
            R::detach(async move { left.down() });
        }
        all.await.expect("every task runs");
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |tasks| {
        futures::future::lazy(move || {
            let (done, all) = futures::sync::oneshot::channel();
            let left = Countdown::new(tasks, move || done.send(()).expect("somebody waits"));
            for _ in 0..tasks {
                let left = left.clone();
                R::spawn(futures::future::lazy(move || {
                    left.down();
                    Ok(())
                }));
            }
            all.map_err(drop)
        })
    })
}
