//! Crossing from one generation of futures to the other, ours beside `futures` 0.3's `compat` layer.
//!
//! Each case is one task of our runtime of the current thread, so that nothing but the bridge differs.
//! Without a bridge, the same is written in the generation of the task. What waits does as resources
//! do: it leaves the task where a wake finds it, and is woken.

use crate::bridge::source::{Bytes, Items, Waits, CHUNK};
use futures::{Async, Future as _};
use futures03::compat::{AsyncRead01CompatExt, Future01CompatExt, Stream01CompatExt};
use futures03::{AsyncReadExt, FutureExt, StreamExt, TryFutureExt, TryStreamExt};
use std::future::ready;
use std::io::{ErrorKind, Read};
use tokio::io::{Futures01IoAsStd, StdIoAsFutures01};
use tokio::runtime::current_thread::run;
use tokio::task::{Futures01AsStd, StdAsFutures01};
use tokio::timer::Delay;

mod source;

/// Who builds the bridge.
#[derive(Clone, Copy, Debug)]
pub enum Side {
    /// The adapters of this project.
    Ours,
    /// Those of `futures` 0.3.
    Compat,
    /// There is none: both sides are of one generation.
    Without,
}

impl Side {
    /// All of them.
    pub const ALL: [Side; 3] = [Side::Ours, Side::Compat, Side::Without];

    /// Its name on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Side::Ours => "ours",
            Side::Compat => "compat",
            Side::Without => "without",
        }
    }
}

/// A way across. Each function makes so many polls.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its name on the command line and in tables.
    pub name: &'static str,
    ours: fn(u64),
    compat: fn(u64),
    without: fn(u64),
}

impl Case {
    /// The case of that name.
    pub fn find(name: &str) -> Option<&'static Case> {
        ALL.iter().find(|case| case.name == name)
    }

    /// Makes so many polls across the bridge of `side`.
    pub fn run(&self, side: Side, polls: u64) {
        match side {
            Side::Ours => (self.ours)(polls),
            Side::Compat => (self.compat)(polls),
            Side::Without => (self.without)(polls),
        }
    }
}

/// All of them.
pub const ALL: &[Case] = &[
    Case {
        name: "await a 0.1 future that waits",
        ours: |polls| run(async move { Futures01AsStd::new(Waits(polls)).await.unwrap() }),
        compat: |polls| run(async move { Future01CompatExt::compat(Waits(polls)).await.unwrap() }),
        without: |polls| run(Waits(polls).std()),
    },
    Case {
        name: "await a 0.1 future that is ready",
        ours: |polls| {
            run(async move {
                for n in 0..polls {
                    let ready = futures::future::ok::<u64, ()>(n);
                    assert_eq!(Futures01AsStd::new(ready).await, Ok(n));
                }
            });
        },
        compat: |polls| {
            run(async move {
                for n in 0..polls {
                    let ready = futures::future::ok::<u64, ()>(n);
                    assert_eq!(Future01CompatExt::compat(ready).await, Ok(n));
                }
            });
        },
        without: |polls| {
            run(async move {
                for n in 0..polls {
                    assert_eq!(ready(Ok::<u64, ()>(n)).await, Ok(n));
                }
            });
        },
    },
    Case {
        name: "await a `Delay` that is due",
        // What this project hands out needs no adapter.
        ours: |polls| {
            let due = tokio::clock::now();
            run(async move {
                for _ in 0..polls {
                    Delay::new(due).await.unwrap();
                }
            });
        },
        compat: |polls| {
            let due = tokio::clock::now();
            run(async move {
                for _ in 0..polls {
                    Future01CompatExt::compat(Delay::new(due)).await.unwrap();
                }
            });
        },
        without: |polls| {
            let due = tokio::clock::now();
            run(async move {
                for _ in 0..polls {
                    tokio::time::sleep_until(due).await;
                }
            });
        },
    },
    Case {
        name: "an async future in 0.1 code",
        ours: |polls| run(StdAsFutures01::new(Waits(polls).std()).map_err(|never| match never {})),
        compat: |polls| {
            run(Box::pin(Waits(polls).std().map(Ok::<(), ()>)).compat());
        },
        without: |polls| run(Waits(polls)),
    },
    Case {
        name: "a 0.1 stream in async code",
        ours: |polls| run(count(Futures01AsStd::new(Items::new(polls)), polls / 2)),
        compat: |polls| run(count(Stream01CompatExt::compat(Items::new(polls)), polls / 2)),
        without: |polls| run(count(Items::new(polls).std(), polls / 2)),
    },
    Case {
        name: "an async stream in 0.1 code",
        ours: |polls| run(count_futures01(StdAsFutures01::new(Items::new(polls).std()), polls / 2)),
        compat: |polls| run(count_futures01(Items::new(polls).std().compat(), polls / 2)),
        without: |polls| run(count_futures01(Items::new(polls), polls / 2)),
    },
    Case {
        name: "read a 0.1 byte stream in async code",
        ours: |polls| run(read(Futures01IoAsStd::new(Bytes::new(polls)), polls / 2)),
        compat: |polls| run(read(AsyncRead01CompatExt::compat(Bytes::new(polls)), polls / 2)),
        without: |polls| run(read(Bytes::new(polls).std(), polls / 2)),
    },
    Case {
        name: "read an async byte stream in 0.1 code",
        ours: |polls| {
            run(read_futures01(StdIoAsFutures01::new(Bytes::new(polls).std()), polls / 2));
        },
        compat: |polls| run(read_futures01(Bytes::new(polls).std().compat(), polls / 2)),
        without: |polls| run(read_futures01(Bytes::new(polls), polls / 2)),
    },
];

/// Takes all items, each of which is waited for.
async fn count<S>(mut items: S, expected: u64)
where
    S: futures03::Stream<Item = Result<u64, ()>> + Unpin,
{
    let mut seen = 0;
    while let Some(item) = items.next().await {
        item.expect("there are no errors");
        seen += 1;
    }
    assert_eq!(seen, expected);
}

fn count_futures01<S>(items: S, expected: u64) -> impl futures::Future<Item = (), Error = ()>
where
    S: futures::Stream<Item = u64, Error = ()>,
{
    items.fold(0, |seen, _| Ok(seen + 1)).map(move |seen: u64| assert_eq!(seen, expected))
}

/// Reads all, a chunk at a time, each of which is waited for.
async fn read(mut bytes: impl futures03::AsyncRead + Unpin, chunks: u64) {
    let mut buf = [0; CHUNK];
    let mut seen = 0;
    while bytes.read(&mut buf).await.expect("there are no errors") > 0 {
        seen += 1;
    }
    assert_eq!(seen, chunks);
}

fn read_futures01(
    mut bytes: impl Read,
    chunks: u64,
) -> impl futures::Future<Item = (), Error = ()> {
    let mut buf = [0; CHUNK];
    let mut seen = 0;
    futures::future::poll_fn(move || loop {
        match bytes.read(&mut buf) {
            Ok(0) => {
                assert_eq!(seen, chunks);
                return Ok(Async::Ready(()));
            }
            Ok(_) => seen += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Async::NotReady),
            Err(error) => panic!("{error}"),
        }
    })
}
