//! Channels of both generations between tasks of both: each message comes once, in order, or is
//! dropped with a receiver that has gone.

use super::fault::{self, Fault};
use super::ledger::{Guard, Kind};
use super::manner::{spawn_async, spawn_futures01};
use super::random::Random;
use super::scope::{Company, Component, Scope};
use futures::sync::mpsc as mpsc01;
use futures::{stream, Future as _, Sink as _, Stream as _};
use futures03::channel::mpsc as mpsc03;
use futures03::{SinkExt as _, StreamExt as _};
use std::sync::Arc;
use std::thread;
use tokio::task::Futures01AsStd;

pub(super) const COMPONENT: Component = Component {
    name: "channels",
    shows: "messages between tasks of both generations; receivers that go away",
    run,
    company: Company::Others,
};

/// How many channels there are at most at a time.
const WIDTH: u64 = 64;

/// A message, with its place.
#[derive(Debug)]
struct Message {
    place: u64,
    _guard: Guard,
}

/// One channel: how long its senders and its receiver go on.
struct Line {
    scope: Scope,
    messages: Arc<Kind>,
    sent: u64,
    /// Fewer than are sent if the receiver goes away before.
    received: u64,
}

fn run(scope: &Scope, mut random: Random) {
    let (senders, receivers) = (scope.completes("sender"), scope.completes("receiver"));
    let messages = scope.open("message");
    let (inputs, mut id) = (random.fork(), 0);
    while scope.is_open() {
        if senders.live() + receivers.live() >= 2 * WIDTH {
            thread::sleep(random.micros(0..=500));
            continue;
        }
        id += 1;
        let mut random = inputs.of(id);
        let sent = random.within(0..=500);
        let leaves = random.once_in(4);
        let received = if leaves { random.within(0..=sent) } else { sent };
        let line = Line { scope: scope.clone(), messages: messages.clone(), sent, received };
        let room = random.within(0..=8) as usize;
        match random.within(0..=2) {
            0 => line.of_futures01(room, &mut random),
            1 => line.of_std(room, &mut random),
            _ => line.of_tokio(room, &mut random),
        }
        scope.count("channels", 1);
    }
    scope.settle(&senders);
    scope.settle(&receivers);
    scope.settle(&messages);
}

impl Line {
    fn message(messages: &Arc<Kind>, place: u64) -> Message {
        Message { place, _guard: messages.guard() }
    }

    /// The message at `place` has come.
    fn check(scope: &Scope, place: u64, message: Option<Message>) {
        let came = message.map(|message| message.place);
        scope.check(came == Some(place), format_args!("message {came:?} in place of {place}"));
    }

    /// A sender may only fail if its receiver goes away.
    fn sent(scope: &Scope, all: bool, may_fail: bool) {
        scope.check(all || may_fail, "a sender's receiver had gone");
    }

    fn of_futures01(self, room: usize, random: &mut Random) {
        let Line { scope, messages, sent, received } = self;
        let (tx, rx) = mpsc01::channel(room);
        let handle = scope.handle.clone();
        let (may_fail, in_sending) = (received < sent, scope.clone());
        let send = stream::iter_ok(0..sent).map(move |place| Line::message(&messages, place));
        let send = tx.send_all(send.map_err(|()| unreachable!("numbers do not fail")));
        let send = send.then(move |result| Ok(Line::sent(&in_sending, result.is_ok(), may_fail)));
        spawn_futures01(&handle, random, scope.completes("sender").guard(), send);
        let guard = scope.completes("receiver").guard();
        if random.once_in(2) {
            let receive = rx.take(received).fold((scope, 0), |(scope, place), message| {
                Line::check(&scope, place, Some(message));
                Ok::<_, ()>((scope, place + 1))
            });
            let receive = receive.map(move |(scope, came)| {
                scope.check(came == received, format_args!("{came} messages of {received} came"));
            });
            spawn_futures01(&handle, random, guard, receive);
        } else {
            spawn_async(&handle, random, guard, async move {
                let mut rx = Futures01AsStd::new(rx);
                for place in 0..received {
                    Line::check(&scope, place, rx.next().await.and_then(Result::ok));
                }
            });
        }
    }

    fn of_std(self, room: usize, random: &mut Random) {
        let Line { scope, messages, sent, received } = self;
        let (mut tx, mut rx) = mpsc03::channel(room);
        let handle = scope.handle.clone();
        let in_sending = scope.clone();
        spawn_async(&handle, random, scope.completes("sender").guard(), async move {
            let mut all = true;
            for place in 0..sent {
                if received == sent && fault::strikes(Fault::MessageLost) {
                    continue;
                }
                all &= tx.send(Line::message(&messages, place)).await.is_ok();
            }
            Line::sent(&in_sending, all, received < sent);
        });
        spawn_async(&handle, random, scope.completes("receiver").guard(), async move {
            for place in 0..received {
                Line::check(&scope, place, rx.next().await);
            }
        });
    }

    fn of_tokio(self, room: usize, random: &mut Random) {
        let Line { scope, messages, sent, received } = self;
        let (mut tx, mut rx) = tokio::sync::mpsc::channel(room + 1);
        let handle = scope.handle.clone();
        let (may_fail, in_sending) = (received < sent, scope.clone());
        let guard = scope.completes("sender").guard();
        if random.once_in(2) {
            let send = stream::iter_ok::<_, ()>(0..sent);
            let send = send.map(move |place| Line::message(&messages, place));
            let send = futures::Sink::sink_map_err(tx, drop).send_all(send);
            let send =
                send.then(move |result| Ok(Line::sent(&in_sending, result.is_ok(), may_fail)));
            spawn_futures01(&handle, random, guard, send);
        } else {
            spawn_async(&handle, random, guard, async move {
                let mut all = true;
                for place in 0..sent {
                    let message = Line::message(&messages, place);
                    all &= futures03::SinkExt::send(&mut tx, message).await.is_ok();
                }
                Line::sent(&in_sending, all, may_fail);
            });
        }
        spawn_async(&handle, random, scope.completes("receiver").guard(), async move {
            for place in 0..received {
                Line::check(&scope, place, futures03::StreamExt::next(&mut rx).await);
            }
        });
    }
}
