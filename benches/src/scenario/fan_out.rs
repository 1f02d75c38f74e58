//! A task that spawns a hundred others and joins them, again and again.

use super::{measure_futures01, measure_std, Sample};
use crate::peer::{Futures01, Std};
use futures::future::{loop_fn, Loop};
use futures::{Future, Stream};

const WIDTH: u64 = 100;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |tasks| async move {
        for _ in 0..tasks.div_ceil(WIDTH) {
            let handles: Vec<_> = (0..WIDTH).map(|i| R::spawn(async move { i })).collect();
            let mut sum = 0;
            for handle in handles {
                sum += handle.await;
            }
            assert_eq!(sum, WIDTH * (WIDTH - 1) / 2);
        }
    })
}

/// Futures 0.1 has no join handles: each task sends its result.
pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |tasks| {
        futures::future::lazy(move || {
            loop_fn(0, move |round| {
                let handles: Vec<_> = (0..WIDTH)
                    .map(|i| {
                        let (send, receive) = futures::sync::oneshot::channel();
                        R::spawn(futures::future::lazy(move || send.send(i).map_err(drop)));
                        receive
                    })
                    .collect();
                let each = futures::stream::iter_ok(handles).and_then(|handle| handle);
                each.fold(0, |sum, i| Ok(sum + i)).map_err(drop).map(move |sum: u64| {
                    assert_eq!(sum, WIDTH * (WIDTH - 1) / 2);
                    match round + 1 >= tasks.div_ceil(WIDTH) {
                        true => Loop::Break(()),
                        false => Loop::Continue(round + 1),
                    }
                })
            })
        })
    })
}
