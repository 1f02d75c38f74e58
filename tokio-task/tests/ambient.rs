//! Futures, streams and sinks of one generation inside tasks of the other.

mod executor;

use executor::{Executor, Generation, Handle};
use futures::sync::{mpsc as mpsc01, oneshot as oneshot01};
use futures::{Async, Future as Future01, Sink as Sink01, Stream as Stream01};
use futures03::channel::{mpsc as mpsc03, oneshot as oneshot03};
use futures03::{FutureExt, SinkExt, StreamExt};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use tokio_task::{
    with_futures01, Caller, Futures01AsStd, JoinHandle, Never, Sink01AsStd, SinkStdAsFutures01,
    StdAsFutures01, Waiter,
};

in_both_generations! {
    a_future_of_either_generation_wakes_the_task
    nested_both_ways
    channels_of_both_generations_feed_one_task
}

/// Runs until the task is done.
fn finish<T>(executor: &Executor, handle: JoinHandle<T>) -> T {
    executor.run_until(|| handle.is_finished());
    Handle::Std(handle).joined().unwrap()
}

/// Spawns a 0.1 future for its item.
fn spawn01<F>(executor: &Executor, future: F) -> JoinHandle<Result<F::Item, F::Error>>
where
    F: Future01<Item: Send, Error: Send> + Send + 'static,
{
    let (task, handle) = executor.task(tokio_task::Futures01Result::new(future));
    executor.shared.push(task);
    handle
}

/// Runs `std` in a std task, or wrapped in a 0.1 one.
fn in_task<T: Send + 'static>(
    generation: Generation,
    executor: &Executor,
    std: impl Future<Output = T> + Send + 'static,
) -> T {
    match generation {
        Generation::Std => finish(executor, executor.spawn(std)),
        Generation::Futures01 => {
            let result = finish(executor, spawn01(executor, StdAsFutures01::new(std)));
            result.unwrap_or_else(|never: Never| match never {})
        }
    }
}

fn a_future_of_either_generation_wakes_the_task(generation: Generation) {
    let executor = Executor::new();
    let (sender01, receiver01) = oneshot01::channel();
    let (sender03, receiver03) = oneshot03::channel();
    let thread = std::thread::spawn(move || {
        sender01.send(1).unwrap();
        sender03.send(2).unwrap();
    });
    let sum = in_task(generation, &executor, async move {
        Futures01AsStd::new(receiver01).await.unwrap() + receiver03.await.unwrap()
    });
    thread.join().unwrap();
    assert_eq!(sum, 3);
}

fn nested_both_ways(generation: Generation) {
    let executor = Executor::new();
    let (sender01, receiver01) = oneshot01::channel::<u32>();
    let (sender03, receiver03) = oneshot03::channel::<u32>();
    // A std future in a 0.1 one in a std one, and the other way round.
    let inner = StdAsFutures01::new(async move { receiver03.await.unwrap() });
    let middle = Futures01AsStd::new(inner.map(|n| n + 1));
    let outer = StdAsFutures01::new(async move { middle.await.unwrap() + 1 });
    let thread = std::thread::spawn(move || {
        sender03.send(10).unwrap();
        sender01.send(20).unwrap();
    });
    let sum = in_task(generation, &executor, async move {
        Futures01AsStd::new(outer).await.unwrap() + Futures01AsStd::new(receiver01).await.unwrap()
    });
    thread.join().unwrap();
    assert_eq!(sum, 32);
}

fn channels_of_both_generations_feed_one_task(generation: Generation) {
    const ITEMS: u32 = 1000;
    let executor = Executor::new();
    let (sender01, receiver01) = mpsc01::channel::<u32>(2);
    let (sender03, receiver03) = mpsc03::channel::<u32>(2);
    // Each sink in a task of the other generation.
    let numbers = futures03::stream::iter(0..ITEMS).map(Ok);
    let first = executor.spawn(async move {
        numbers.forward(Sink01AsStd::new(sender01)).await.unwrap();
    });
    let numbers = futures::stream::iter_ok::<_, mpsc03::SendError>(0..ITEMS);
    let second = spawn01(
        &executor,
        SinkStdAsFutures01::new(sender03).send_all(numbers).map(drop).map_err(drop),
    );
    let sum = in_task(generation, &executor, async move {
        let first = Futures01AsStd::new(receiver01).map(|item| item.unwrap());
        futures03::stream::select(first, receiver03).fold(0, |sum, n| async move { sum + n }).await
    });
    assert_eq!(sum, ITEMS * (ITEMS - 1));
    finish(&executor, first);
    finish(&executor, second).unwrap();
}

#[test]
fn a_std_stream_is_a_futures01_stream() {
    let executor = Executor::new();
    let items = futures03::stream::iter([Ok(1), Ok(2), Err("end")]);
    let mut seen = Vec::new();
    let stream = StdAsFutures01::new(items).for_each(move |n| {
        seen.push(n);
        assert_eq!(seen, [1, 2][..seen.len()]);
        Ok(())
    });
    assert_eq!(finish(&executor, spawn01(&executor, stream)), Err("end"));
}

#[test]
fn futures_unordered_of_futures01_polls_std_futures() {
    let executor = Executor::new();
    let mut all = futures::stream::FuturesUnordered::new();
    let mut senders = Vec::new();
    for _ in 0..100 {
        let (sender, receiver) = oneshot03::channel::<usize>();
        senders.push(sender);
        all.push(StdAsFutures01::new(receiver.map(Result::unwrap)));
    }
    let handle = spawn01(&executor, all.fold(0, |sum, n| Ok::<_, Never>(sum + n)));
    executor.run();
    let thread = std::thread::spawn(move || {
        for (i, sender) in senders.into_iter().enumerate().rev() {
            sender.send(i).unwrap();
        }
    });
    assert_eq!(finish(&executor, handle).unwrap(), 4950);
    thread.join().unwrap();
}

#[test]
fn futures_unordered_of_futures03_polls_futures01() {
    let executor = Executor::new();
    let mut all = futures03::stream::FuturesUnordered::new();
    let mut senders = Vec::new();
    for _ in 0..100 {
        let (sender, receiver) = oneshot01::channel::<usize>();
        senders.push(sender);
        all.push(Futures01AsStd::new(receiver));
    }
    let handle = executor.spawn(async move {
        let mut sum = 0;
        while let Some(n) = all.next().await {
            sum += n.unwrap();
        }
        sum
    });
    executor.run();
    let thread = std::thread::spawn(move || {
        for (i, sender) in senders.into_iter().enumerate().rev() {
            sender.send(i).unwrap();
        }
    });
    assert_eq!(finish(&executor, handle), 4950);
    thread.join().unwrap();
}

#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// Keeps the task of its last poll.
fn keeper() -> (Arc<Mutex<Option<Waiter>>>, impl Future01<Item = (), Error = ()>) {
    let place: Arc<Mutex<Option<Waiter>>> = Arc::default();
    let keep = place.clone();
    let future = futures::future::poll_fn(move || {
        *keep.lock().unwrap() = Some(Caller::Futures01.into());
        Ok(Async::NotReady)
    });
    (place, future)
}

#[test]
fn a_foreign_waker_is_kept_while_it_stays_the_same() {
    let (place, future) = keeper();
    let mut future = Futures01AsStd::new(future);
    let bells = [Arc::new(Bell::default()), Arc::new(Bell::default())];
    for (i, bell) in bells.iter().enumerate() {
        for polls in 1..=3 {
            let waker = Waker::from(bell.clone());
            let mut cx = Context::from_waker(&waker);
            assert!(Pin::new(&mut future).poll(&mut cx).is_pending());
            place.lock().unwrap().as_ref().unwrap().wake_by_ref();
            assert_eq!(bells[i].0.load(SeqCst), polls);
        }
    }
    assert_eq!(bells[0].0.load(SeqCst), 3);
    assert_eq!(Arc::strong_count(&bells[0]), 1);
    place.lock().unwrap().take();
    drop(future);
    assert_eq!(Arc::strong_count(&bells[1]), 1);
}

#[test]
fn with_futures01_reaches_the_waker_around_it() {
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(bell.clone());
    let mut cx = Context::from_waker(&waker);
    let task = with_futures01(&mut cx, futures::task::current);
    task.notify();
    assert_eq!(bell.0.load(SeqCst), 1);

    // In a task of ours, too.
    let executor = Executor::new();
    let mut polls = 0;
    let handle = executor.spawn(std::future::poll_fn(move |cx| {
        polls += 1;
        if polls == 2 {
            return Poll::Ready(());
        }
        with_futures01(cx, || futures::task::current().notify());
        Poll::Pending
    }));
    finish(&executor, handle);
}

#[test]
fn a_future_may_move_between_tasks() {
    let executor = Executor::new();
    let (sender, receiver) = oneshot01::channel::<u32>();
    let mut future = Futures01AsStd::new(receiver);
    let foreign = Arc::new(Bell::default());
    let waker = Waker::from(foreign.clone());
    assert!(Pin::new(&mut future).poll(&mut Context::from_waker(&waker)).is_pending());
    let handle = executor.spawn(future);
    executor.run();
    sender.send(5).unwrap();
    assert_eq!(finish(&executor, handle), Ok(5));
    assert_eq!(foreign.0.load(SeqCst), 0);

    let (sender, receiver) = oneshot03::channel::<u32>();
    let mut future = StdAsFutures01::new(receiver);
    let mut elsewhere = futures::executor::spawn(futures::future::poll_fn(|| {
        Ok::<_, ()>(Async::Ready(future.poll().unwrap()))
    }));
    assert_eq!(elsewhere.wait_future(), Ok(Async::NotReady));
    drop(elsewhere);
    let handle = spawn01(&executor, future);
    executor.run();
    sender.send(6).unwrap();
    assert_eq!(finish(&executor, handle).unwrap(), Ok(6));
}

#[test]
fn task_local_data_of_futures01_live_across_polls() {
    futures::task_local!(static COUNT: std::cell::Cell<u32> = std::cell::Cell::new(0));
    let executor = Executor::new();
    let count = futures::future::poll_fn(|| {
        let count = COUNT.with(|count| {
            count.set(count.get() + 1);
            count.get()
        });
        if count == 3 {
            return Ok::<_, ()>(Async::Ready(count));
        }
        futures::task::current().notify();
        Ok(Async::NotReady)
    });
    assert_eq!(finish(&executor, executor.spawn(Futures01AsStd::new(count))), Ok(3));
}

/// A 0.1 sink that takes an item only every other time, and says what it was asked.
struct Reluctant {
    willing: bool,
    log: Arc<Mutex<Vec<String>>>,
}

impl Sink01 for Reluctant {
    type SinkItem = u32;
    type SinkError = String;

    fn start_send(&mut self, item: u32) -> futures::StartSend<u32, String> {
        self.willing = !self.willing;
        if !self.willing {
            futures::task::current().notify();
            return Ok(futures::AsyncSink::NotReady(item));
        }
        if item == 13 {
            return Err("unlucky".into());
        }
        self.log.lock().unwrap().push(format!("{item}"));
        Ok(futures::AsyncSink::Ready)
    }

    fn poll_complete(&mut self) -> futures::Poll<(), String> {
        self.log.lock().unwrap().push("flush".into());
        Ok(Async::Ready(()))
    }

    fn close(&mut self) -> futures::Poll<(), String> {
        self.log.lock().unwrap().push("close".into());
        Ok(Async::Ready(()))
    }
}

#[test]
fn a_futures01_sink_gets_every_item_in_order() {
    let executor = Executor::new();
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut sink = Sink01AsStd::new(Reluctant { willing: true, log: log.clone() });
    let handle = executor.spawn(async move {
        sink.feed(1).await.unwrap();
        sink.feed(2).await.unwrap();
        sink.flush().await.unwrap();
        sink.feed(3).await.unwrap();
        sink.close().await.unwrap();
        assert_eq!(sink.send(13).await, Err("unlucky".into()));
    });
    finish(&executor, handle);
    assert_eq!(*log.lock().unwrap(), ["1", "2", "flush", "3", "close"]);
}
