//! Each generation inside a task of the other, on one executor.

use futures::stream::FuturesUnordered as Unordered01;
use futures::sync::oneshot as oneshot01;
use futures::{future, Async, Future as Future01, Stream as Stream01};
use futures03::channel::oneshot;
use std::cell::Cell;
use std::rc::Rc;
use std::thread;
use std::time::Duration;
use tokio_current_thread::{block_on_all, spawn, CurrentThread};
use tokio_task::{poll_proceed, Caller, Futures01AsStd, StdAsFutures01};

#[test]
fn a_std_task_awaits_what_a_task_of_futures01_sends() {
    let answer = block_on_all(async {
        let (sender, receiver) = oneshot01::channel();
        spawn(future::lazy(move || sender.send(Rc::new(1)).map_err(drop)));
        Futures01AsStd::new(receiver).await.map(|one| *one)
    });
    assert_eq!(answer, Ok(1));
}

#[test]
fn a_task_of_futures01_awaits_what_a_std_task_sends() {
    let answer = block_on_all(future::lazy(|| {
        let (sender, receiver) = oneshot::channel();
        drop(spawn(async move { sender.send(Rc::new(1)).unwrap() }));
        StdAsFutures01::new(receiver).map(|one| *one.unwrap())
    }));
    assert_eq!(answer.unwrap(), 1);
}

#[test]
fn both_generations_wait_for_another_thread() {
    let mut executor = CurrentThread::new();
    let sum = Rc::new(Cell::new(0));
    for i in 0..20 {
        let (sender, receiver) = oneshot::channel();
        let (sender01, receiver01) = oneshot01::channel();
        let (one, two, three) = (sum.clone(), sum.clone(), sum.clone());
        executor.spawn(receiver01.map(move |n: u32| one.set(one.get() + n)).map_err(drop));
        let (sender_std, receiver_std) = oneshot01::channel();
        drop(executor.spawn(async move {
            let n: u32 = Futures01AsStd::new(receiver_std).await.unwrap();
            two.set(two.get() + n);
        }));
        let received = StdAsFutures01::new(receiver).map_err(|never| match never {});
        executor.spawn(received.map(move |n| three.set(three.get() + n.unwrap())));
        thread::spawn(move || {
            thread::sleep(Duration::from_millis(i % 3));
            sender01.send(1).unwrap();
            sender_std.send(10).unwrap();
            sender.send(100).unwrap();
        });
    }
    executor.run_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(sum.get(), 20 * 111);
}

#[test]
fn unordered_futures_end_under_the_budget() {
    /// Ready after many operations of a resource that is always ready.
    fn busy() -> impl Future01<Item = (), Error = ()> {
        let mut operations = 0;
        future::poll_fn(move || {
            while operations < 1000 {
                if poll_proceed(Caller::Futures01).is_pending() {
                    return Ok(Async::NotReady);
                }
                operations += 1;
            }
            Ok(Async::Ready(()))
        })
    }
    let mut executor = CurrentThread::new();
    let all: Unordered01<_> = (0..20).map(|_| busy()).collect();
    executor.spawn(all.for_each(|()| Ok(())));
    let all: futures03::stream::FuturesUnordered<_> =
        (0..20).map(|_| Futures01AsStd::new(busy())).collect();
    drop(executor.spawn(async { drop(futures03::StreamExt::collect::<Vec<_>>(all).await) }));
    executor.run_timeout(Duration::from_secs(30)).unwrap();
    let nested =
        executor.block_on(async { futures03::executor::block_on(Futures01AsStd::new(busy())) });
    assert_eq!(nested.unwrap(), Ok(()));
}

#[test]
fn tasks_of_futures01_recognise_themselves() {
    block_on_all(future::lazy(|| {
        let mut known: Option<futures::task::Task> = None;
        spawn(future::poll_fn(move || {
            match &known {
                Some(task) => {
                    assert!(task.will_notify_current());
                    return Ok(Async::Ready(()));
                }
                None => known = Some(futures::task::current()),
            }
            futures::task::current().notify();
            Ok(Async::NotReady)
        }));
        Ok::<_, ()>(())
    }))
    .unwrap();
}
