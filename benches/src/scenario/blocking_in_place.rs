//! A task that says that it is about to block, and goes on after it.

use super::{measure_futures01, measure_std, Sample};
use crate::peer::{Ours, Tokio01, Tokio1};
use futures::future::{loop_fn, poll_fn, Loop};
use futures::Future;
use std::hint::black_box;

pub(super) fn ours(scale: u64) -> Sample {
    measure_std::<Ours, _>(scale, |rounds| async move {
        for round in 0..rounds {
            let blocked = std::future::poll_fn(|cx| {
                tokio_threadpool::blocking::poll_blocking(cx, || black_box(round))
            });
            assert_eq!(blocked.await.expect("on a pool"), round);
            R::yield_now().await;
        }
    })
}

/// The worker is one again before it blocks the next time.
struct R;

impl R {
    async fn yield_now() {
        let mut yielded = false;
        std::future::poll_fn(|cx| {
            if std::mem::replace(&mut yielded, true) {
                return std::task::Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    }
}

pub(super) fn tokio1(scale: u64) -> Sample {
    measure_std::<Tokio1, _>(scale, |rounds| async move {
        for round in 0..rounds {
            assert_eq!(tokio1::task::block_in_place(|| black_box(round)), round);
            R::yield_now().await;
        }
    })
}

macro_rules! by_futures01 {
    ($name:ident, $runtime:ident, $blocking:path) => {
        pub(super) fn $name(scale: u64) -> Sample {
            measure_futures01::<$runtime, _>(scale, |rounds| {
                loop_fn(0, move |round| {
                    let blocked = poll_fn(move || $blocking(|| black_box(round)));
                    let mut yielded = false;
                    let yields = poll_fn(move || {
                        if std::mem::replace(&mut yielded, true) {
                            return Ok(futures::Async::Ready(()));
                        }
                        futures::task::current().notify();
                        Ok(futures::Async::NotReady)
                    });
                    blocked.map_err(|error| panic!("{error}")).and_then(|_| yields).map(move |()| {
                        match round + 1 >= rounds {
                            true => Loop::Break(()),
                            false => Loop::Continue(round + 1),
                        }
                    })
                })
            })
        }
    };
}

by_futures01!(ours01, Ours, tokio_threadpool::blocking);
by_futures01!(tokio01, Tokio01, tokio01_blocking);

fn tokio01_blocking<T>(
    f: impl FnOnce() -> T,
) -> futures::Poll<T, tokio01_threadpool::BlockingError> {
    tokio01_threadpool::blocking(f)
}
