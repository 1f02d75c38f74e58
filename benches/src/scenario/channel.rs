//! Two tasks that take turns over two channels.

use super::{measure_futures01, measure_std, Sample};
use crate::peer::{Futures01, Std};
use futures::future::{loop_fn, Loop};
use futures::{Future, Stream};
use futures03::StreamExt;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |turns| async move {
        let (to, mut from) = futures_channel::mpsc::unbounded::<u64>();
        let (back, mut answers) = futures_channel::mpsc::unbounded::<u64>();
        R::detach(async move {
            while let Some(message) = from.next().await {
                back.unbounded_send(message).expect("somebody waits");
            }
        });
        for turn in 0..turns / 2 {
            to.unbounded_send(turn).expect("somebody waits");
            assert_eq!(answers.next().await, Some(turn));
        }
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |turns| {
        futures::future::lazy(move || {
            let (to, from) = futures::sync::mpsc::unbounded::<u64>();
            let (back, answers) = futures::sync::mpsc::unbounded::<u64>();
            R::spawn(from.for_each(move |message| {
                back.unbounded_send(message).expect("somebody waits");
                Ok(())
            }));
            loop_fn((0, to, answers), move |(turn, to, answers)| {
                to.unbounded_send(turn).expect("somebody waits");
                answers.into_future().map_err(drop).map(move |(answer, answers)| {
                    assert_eq!(answer, Some(turn));
                    match turn + 1 >= turns / 2 {
                        true => Loop::Break(()),
                        false => Loop::Continue((turn + 1, to, answers)),
                    }
                })
            })
        })
    })
}
