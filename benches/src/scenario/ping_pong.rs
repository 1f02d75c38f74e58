//! Pairs of tasks that tell each other one thing each.

use super::{measure_futures01, measure_std, Countdown, Sample};
use crate::peer::{Futures01, Std};
use futures::Future;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |pairs| async move {
        let (done, all) = futures_channel::oneshot::channel();
        let left = Countdown::new(pairs, move || done.send(()).expect("somebody waits"));
        for _ in 0..pairs {
            let left = left.clone();
            R::detach(async move {
                let (ping, pinged) = futures_channel::oneshot::channel();
                let (pong, ponged) = futures_channel::oneshot::channel();
                R::detach(async move {
                    pinged.await.expect("a ping");
                    pong.send(()).expect("somebody waits");
                });
                ping.send(()).expect("somebody waits");
                ponged.await.expect("a pong");
                left.down();
            });
        }
        all.await.expect("every pair ends");
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |pairs| {
        futures::future::lazy(move || {
            let (done, all) = futures::sync::oneshot::channel();
            let left = Countdown::new(pairs, move || done.send(()).expect("somebody waits"));
            for _ in 0..pairs {
                let left = left.clone();
                R::spawn(futures::future::lazy(move || {
                    let (ping, pinged) = futures::sync::oneshot::channel();
                    let (pong, ponged) = futures::sync::oneshot::channel();
                    R::spawn(pinged.map_err(drop).and_then(|()| pong.send(())));
                    ping.send(()).expect("somebody waits");
                    ponged.map_err(drop).map(move |()| {
                        left.down();
                    })
                }));
            }
            all.map_err(drop)
        })
    })
}
