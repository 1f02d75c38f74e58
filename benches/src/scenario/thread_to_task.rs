//! A thread outside that sends a message to a task and waits for the answer.

use super::{measure_futures01, measure_std, Sample};
use crate::peer::{Futures01, Std};
use futures::{Future, Stream};
use futures03::StreamExt;

/// What the thread outside does; the last thing is to say that it is done.
fn ask(rounds: u64, mut send: impl FnMut(u64), answers: &std::sync::mpsc::Receiver<u64>) {
    for round in 0..rounds {
        send(round);
        assert_eq!(answers.recv(), Ok(round));
    }
}

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |rounds| async move {
        let (to, mut from) = futures_channel::mpsc::unbounded::<u64>();
        let (back, answers) = std::sync::mpsc::channel();
        let (done, end) = futures_channel::oneshot::channel();
        R::detach(async move {
            while let Some(message) = from.next().await {
                back.send(message).expect("the thread waits");
            }
        });
        std::thread::spawn(move || {
            ask(rounds, |round| to.unbounded_send(round).expect("somebody waits"), &answers);
            done.send(()).expect("somebody waits");
        });
        end.await.expect("the thread is done");
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |rounds| {
        futures::future::lazy(move || {
            let (to, from) = futures::sync::mpsc::unbounded::<u64>();
            let (back, answers) = std::sync::mpsc::channel();
            let (done, end) = futures::sync::oneshot::channel();
            R::spawn(from.for_each(move |message| {
                back.send(message).expect("the thread waits");
                Ok(())
            }));
            std::thread::spawn(move || {
                ask(rounds, |round| to.unbounded_send(round).expect("somebody waits"), &answers);
                done.send(()).expect("somebody waits");
            });
            end.map_err(drop)
        })
    })
}
