//! Tasks spawned from a thread outside the runtime.

use super::{measure_futures01, measure_std, Countdown, Sample};
use crate::peer::{Futures01, Std};
use futures::Future;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |tasks| {
        let remote = std::sync::Mutex::new(None::<R::Remote>);
        async move {
            *remote.lock().expect("no panic") = Some(R::remote());
            let (done, all) = futures_channel::oneshot::channel();
            let left = Countdown::new(tasks, move || done.send(()).expect("somebody waits"));
            let remote = remote.into_inner().expect("no panic").expect("just set");
            let thread = std::thread::spawn(move || {
                for _ in 0..tasks {
                    let left = left.clone();
                    R::spawn_remote(&remote, async move {
                        left.down();
                    });
                }
            });
            all.await.expect("every task runs");
            thread.join().expect("it has done its part");
        }
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |tasks| {
        futures::future::lazy(move || {
            let remote = R::remote();
            let (done, all) = futures::sync::oneshot::channel();
            let left = Countdown::new(tasks, move || done.send(()).expect("somebody waits"));
            std::thread::spawn(move || {
                for _ in 0..tasks {
                    let left = left.clone();
                    R::spawn_remote(
                        &remote,
                        futures::future::lazy(move || {
                            left.down();
                            Ok(())
                        }),
                    );
                }
            });
            all.map_err(drop)
        })
    })
}
