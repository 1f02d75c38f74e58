//! Ten tasks that send to one through a channel with little room.

use super::{measure_futures01, measure_std, Sample};
use crate::peer::{Futures01, Std};
use futures::{Future, Sink, Stream};
use futures03::{SinkExt, StreamExt};

const SENDERS: u64 = 10;
const ROOM: usize = 100;

pub(super) fn std<R: Std>(scale: u64) -> Sample {
    measure_std::<R, _>(scale, |messages| async move {
        let (to, mut from) = futures_channel::mpsc::channel::<u64>(ROOM);
        for _ in 0..SENDERS {
            let mut to = to.clone();
            R::detach(async move {
                for message in 0..messages / SENDERS {
                    to.send(message).await.expect("somebody waits");
                }
            });
        }
        drop(to);
        let mut received = 0;
        while from.next().await.is_some() {
            received += 1;
        }
        assert_eq!(received, messages / SENDERS * SENDERS);
    })
}

pub(super) fn futures01<R: Futures01>(scale: u64) -> Sample {
    measure_futures01::<R, _>(scale, |messages| {
        futures::future::lazy(move || {
            let (to, from) = futures::sync::mpsc::channel::<u64>(ROOM);
            for _ in 0..SENDERS {
                let messages = futures::stream::iter_ok::<_, ()>(0..messages / SENDERS);
                let to = to.clone().sink_map_err(drop);
                R::spawn(messages.forward(to).map(drop));
            }
            drop(to);
            from.fold(0, |received, _| Ok(received + 1)).map(move |received: u64| {
                assert_eq!(received, messages / SENDERS * SENDERS);
            })
        })
    })
}
