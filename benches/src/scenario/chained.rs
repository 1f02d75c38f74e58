//! A chain of tasks, each spawned by the one before.

use super::{measure_futures01, measure_std, Sample};
use crate::peer::{Futures01, Std};
use futures::Future;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |links| async move {
        let (done, end) = futures_channel::oneshot::channel();
        link::<R>(links, done);
        end.await.expect("the chain has an end");
    })
}

fn link<R: Std>(left: u64, done: futures_channel::oneshot::Sender<()>) {
    R::detach(async move {
        match left {
            1 => done.send(()).expect("somebody waits"),
            _ => link::<R>(left - 1, done),
        }
    });
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |links| {
        futures::future::lazy(move || {
            let (done, end) = futures::sync::oneshot::channel();
            link01::<R>(links, done);
            end.map_err(drop)
        })
    })
}

fn link01<R: Futures01>(left: u64, done: futures::sync::oneshot::Sender<()>) {
    R::spawn(futures::future::lazy(move || {
        match left {
            1 => done.send(()).expect("somebody waits"),
            _ => link01::<R>(left - 1, done),
        }
        Ok(())
    }));
}
