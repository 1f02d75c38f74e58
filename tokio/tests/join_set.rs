//! Groups of tasks: outputs in the order they come, nothing forgotten, all aborted at the end.

use futures::{future, Future as _};
use futures03::channel::oneshot;
use std::sync::mpsc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::task::{yield_now, yield_now_futures01, JoinError, JoinSet};

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(30);

fn block_on<T: Send + 'static>(f: impl std::future::Future<Output = T> + Send + 'static) -> T {
    Runtime::new().unwrap().block_on(f)
}

#[test]
fn an_empty_group_has_nothing_to_join() {
    block_on(async {
        let mut set = JoinSet::<()>::new();
        assert!(set.is_empty());
        assert!(set.join_next().await.is_none());
    });
}

#[test]
fn outputs_come_in_the_order_in_which_tasks_end() {
    block_on(async {
        let mut set = JoinSet::new();
        let mut ends = Vec::new();
        for n in 0..3 {
            let (end, ended) = oneshot::channel::<()>();
            ends.push(end);
            set.spawn(async move {
                ended.await.unwrap();
                n
            });
        }
        assert_eq!(set.len(), 3);
        for n in [1, 2, 0] {
            std::mem::replace(&mut ends[n], oneshot::channel().0).send(()).unwrap();
            assert_eq!(set.join_next().await.unwrap().unwrap(), n);
        }
        assert!(set.join_next().await.is_none());
    });
}

#[test]
fn a_thousand_tasks_of_both_generations_are_all_joined() {
    block_on(async {
        let mut set = JoinSet::new();
        for n in 0..500_u32 {
            set.spawn(async move {
                yield_now().await;
                Ok::<u32, ()>(n)
            });
            set.spawn_futures01(yield_now_futures01().map(move |()| n + 500));
        }
        let mut all = Vec::new();
        while let Some(output) = set.join_next().await {
            all.push(output.unwrap().unwrap());
            if all.len() == 100 {
                // Into places that are free again.
                set.spawn(async { Ok(1_000) });
            }
        }
        all.sort_unstable();
        assert!(all.into_iter().eq(0..=1_000));
    });
}

#[test]
fn it_is_a_stream_of_either_generation() {
    block_on(async {
        let mut set = JoinSet::new();
        set.spawn(async { 1 });
        set.spawn(async { 2 });
        let add = |sum, n: Result<u32, JoinError>| async move { sum + n.unwrap() };
        let sum = futures03::StreamExt::fold(set, 0, add).await;
        assert_eq!(sum, 3);
    });
    let sum = Runtime::new().unwrap().block_on(future::lazy(|| {
        let mut set = JoinSet::new();
        set.spawn(async { 1 });
        set.spawn(async { 2 });
        futures::Stream::fold(set, 0, |sum, n| Ok::<_, JoinError>(sum + n))
    }));
    assert_eq!(sum.unwrap(), 3);
}

#[test]
fn a_task_that_panics_or_is_aborted_is_joined_as_such() {
    block_on(async {
        let mut set = JoinSet::new();
        set.spawn(async { panic!("as it should") });
        let error: JoinError = set.join_next().await.unwrap().unwrap_err();
        assert!(error.is_panic());
        set.spawn(std::future::pending::<()>());
        set.spawn(async {});
        assert!(set.join_next().await.unwrap().is_ok());
        set.abort_all();
        assert!(set.join_next().await.unwrap().unwrap_err().is_cancelled());
        assert!(set.is_empty());
    });
}

#[test]
fn dropping_the_group_drops_its_futures_and_detaching_does_not() {
    let (dropped, drops) = mpsc::channel::<()>();
    let mut runtime = Runtime::new().unwrap();
    let (finish, finished) = oneshot::channel::<()>();
    let kept = dropped.clone();
    let (said, says) = mpsc::channel();
    runtime.block_on(async move {
        let mut set = JoinSet::new();
        set.spawn(async move {
            let _dropped = dropped;
            std::future::pending::<()>().await;
        });
        set.spawn(async move {
            let _dropped = kept;
            std::future::pending::<()>().await;
        });
        let mut detached = JoinSet::new();
        detached.spawn(async move {
            finished.await.unwrap();
            said.send(()).unwrap();
        });
        detached.detach_all();
        assert!(detached.is_empty());
    });
    // Disconnected, when the last future that holds a sender is gone.
    assert_eq!(drops.recv_timeout(LIMIT), Err(mpsc::RecvTimeoutError::Disconnected));
    finish.send(()).unwrap();
    says.recv_timeout(LIMIT).unwrap();
}

#[test]
fn shutdown_waits_until_all_are_gone() {
    block_on(async {
        let (dropped, drops) = mpsc::channel::<()>();
        let mut set = JoinSet::new();
        for _ in 0..10 {
            let dropped = dropped.clone();
            set.spawn(async move {
                let _dropped = dropped;
                std::future::pending::<()>().await;
            });
        }
        drop(dropped);
        set.shutdown().await;
        assert_eq!(drops.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    });
}
