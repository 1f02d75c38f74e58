//! How long tasks wait behind a poll of 20 ms. The "time for an operation" is what the last of a
//! hundred tasks waits that were spawned by the task which then polls for so long: the 95th percentile
//! of such polls. The processor time is that of the process, polls included.

use super::{Sample, Watch};
use crate::peer::{Futures01, Std};
use crate::process::keep_busy_until;
use futures::Future;
use std::sync::mpsc::{channel, Sender};
use std::thread;
use std::time::{Duration, Instant};

const TASKS: usize = 100;
const POLL: Duration = Duration::from_millis(20);
/// From the end of a poll to the next one: all workers rest meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// From a thread outside. `spawn` spawns the task that spawns the others and then polls for long; each of
/// the others sends how long it waited.
fn measure(scale: u64, spawn: impl Fn(Sender<Duration>)) -> Sample {
    let watch = Watch::start();
    let mut longest: Vec<Duration> = (0..scale)
        .map(|_| {
            let (tell, told) = channel();
            spawn(tell);
            let waits: Vec<Duration> = told.iter().collect();
            assert_eq!(waits.len(), TASKS, "every task runs");
            thread::sleep(PAUSE);
            waits.into_iter().max().expect("there are many")
        })
        .collect();
    longest.sort_unstable();
    let high = longest[longest.len() * 95 / 100];
    let cpu = watch.stop(scale).cpu;
    Sample { operations: scale, wall: high * u32::try_from(scale).expect("not so many"), cpu }
}

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    R::run(async move {
        let remote = R::remote();
        let (done, measured) = futures_channel::oneshot::channel();
        thread::spawn(move || {
            let sample = measure(scale, |tell| {
                R::spawn_remote(&remote, async move {
                    let start = Instant::now();
                    for _ in 0..TASKS {
                        let tell = tell.clone();
                        R::detach(async move {
                            tell.send(start.elapsed()).expect("somebody waits for it");
                        });
                    }
                    keep_busy_until(start + POLL);
                });
            });
            done.send(sample).expect("somebody waits for it");
        });
        measured.await.expect("the measurement came to its end")
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    let (send, receive) = channel();
    R::run(futures::future::lazy(move || {
        let remote = R::remote();
        let (done, measured) = futures::sync::oneshot::channel();
        thread::spawn(move || {
            let sample = measure(scale, |tell| {
                R::spawn_remote(
                    &remote,
                    futures::future::lazy(move || {
                        let start = Instant::now();
                        for _ in 0..TASKS {
                            let tell = tell.clone();
                            R::spawn(futures::future::lazy(move || {
                                tell.send(start.elapsed()).expect("somebody waits for it");
                                Ok(())
                            }));
                        }
                        keep_busy_until(start + POLL);
                        Ok(())
                    }),
                );
            });
            done.send(sample).expect("somebody waits for it");
        });
        measured
            .map(move |sample| send.send(sample).expect("somebody waits for it"))
            .map_err(|_| panic!("the measurement did not come to its end"))
    }));
    receive.recv().expect("the measurement came to its end")
}
