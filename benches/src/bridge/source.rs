//! What is on the far side of a bridge, in either generation.

use futures::task::AtomicTask;
use futures::{Async, Poll as Poll01};
use futures03::task::AtomicWaker;
use std::future::{poll_fn, Future};
use std::io::{self, ErrorKind, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

/// How much is read at a time.
pub(super) const CHUNK: usize = 64;

/// A future that waits so many times, and is woken at once.
pub(super) struct Waits(pub(super) u64);

impl Waits {
    pub(super) fn std(mut self) -> impl Future<Output = ()> + Send {
        let task = AtomicWaker::new();
        poll_fn(move |cx| {
            if self.0 == 0 {
                return Poll::Ready(());
            }
            self.0 -= 1;
            task.register(cx.waker());
            task.wake();
            Poll::Pending
        })
    }
}

impl futures::Future for Waits {
    type Item = ();
    type Error = ();

    fn poll(&mut self) -> Poll01<(), ()> {
        if self.0 == 0 {
            return Ok(Async::Ready(()));
        }
        self.0 -= 1;
        wait_futures01();
        Ok(Async::NotReady)
    }
}

/// Leaves the task where a wake finds it, and wakes it.
fn wait_futures01() {
    let task = AtomicTask::new();
    task.register();
    task.notify();
}

/// A stream: every second poll has an item.
pub(super) struct Items {
    polls: u64,
}

impl Items {
    pub(super) fn new(polls: u64) -> Self {
        Items { polls }
    }

    pub(super) fn std(self) -> ItemsStd {
        ItemsStd { items: self, task: AtomicWaker::new() }
    }

    /// `None` if the caller has to wait, `Some(None)` at the end.
    fn next(&mut self) -> Option<Option<u64>> {
        if self.polls == 0 {
            return Some(None);
        }
        self.polls -= 1;
        (self.polls % 2 == 0).then_some(Some(self.polls))
    }
}

impl futures::Stream for Items {
    type Item = u64;
    type Error = ();

    fn poll(&mut self) -> Poll01<Option<u64>, ()> {
        match self.next() {
            Some(item) => Ok(Async::Ready(item)),
            None => {
                wait_futures01();
                Ok(Async::NotReady)
            }
        }
    }
}

/// As [`Items`], of the std generation.
pub(super) struct ItemsStd {
    items: Items,
    task: AtomicWaker,
}

impl ItemsStd {
    fn wait(&self, cx: &Context<'_>) {
        self.task.register(cx.waker());
        self.task.wake();
    }
}

impl futures03::Stream for ItemsStd {
    type Item = Result<u64, ()>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.items.next() {
            Some(item) => Poll::Ready(item.map(Ok)),
            None => {
                self.wait(cx);
                Poll::Pending
            }
        }
    }
}

/// A byte stream: every second poll has a chunk.
pub(super) struct Bytes(Items);

impl Bytes {
    pub(super) fn new(polls: u64) -> Self {
        Bytes(Items::new(polls))
    }

    pub(super) fn std(self) -> BytesStd {
        BytesStd(self.0.std())
    }
}

fn fill(buf: &mut [u8], item: Option<u64>) -> usize {
    match item {
        Some(item) => {
            buf.fill(item as u8);
            buf.len()
        }
        None => 0,
    }
}

impl Read for Bytes {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.next() {
            Some(item) => Ok(fill(buf, item)),
            None => {
                wait_futures01();
                Err(ErrorKind::WouldBlock.into())
            }
        }
    }
}

impl tokio::io::AsyncRead for Bytes {}

/// What `compat` takes is the published trait.
impl tokio01::io::AsyncRead for Bytes {}

/// As [`Bytes`], of the std generation.
pub(super) struct BytesStd(ItemsStd);

impl futures03::AsyncRead for BytesStd {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self.0.items.next() {
            Some(item) => Poll::Ready(Ok(fill(buf, item))),
            None => {
                self.0.wait(cx);
                Poll::Pending
            }
        }
    }
}
