//! What a program written for tokio 1 reaches for first is here by the same name, and does the same.

mod support;

use futures::{future, Future as _};
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};
use support::{bounded, panic_deliberately, panic_message, runtime, within, Deliberate, LIMIT};
use tokio::runtime::{current_thread, Builder, Handle};
use tokio::task::{self, AbortHandle, JoinSet, LocalSet};

#[test]
fn a_task_is_aborted_by_who_does_not_wait_for_it() {
    bounded(|| {
        let mut runtime = runtime(2);
        runtime.block_on(async {
            let waits = task::spawn(std::future::pending::<()>());
            let abort: AbortHandle = waits.abort_handle();
            let other = abort.clone();
            assert!(!abort.is_finished());
            thread::spawn(move || other.abort());
            assert!(waits.await.unwrap_err().is_cancelled());
            assert!(abort.is_finished());
            // Without effect once the task has ended, and after its handle is gone.
            abort.abort();
            let ends = task::spawn(async {});
            let abort = ends.abort_handle();
            drop(ends);
            while !abort.is_finished() {
                task::yield_now().await;
            }
            abort.abort();
        });
    });
}

/// The future is dropped on its own thread, wherever it is aborted, also when nobody joins it.
#[test]
fn a_local_task_is_aborted_from_another_thread() {
    struct Stays(Rc<Cell<Option<thread::ThreadId>>>);
    impl Drop for Stays {
        fn drop(&mut self) {
            self.0.set(Some(thread::current().id()));
        }
    }
    bounded(|| {
        let dropped = Rc::new(Cell::new(None));
        let stays = Stays(dropped.clone());
        let set = LocalSet::new();
        let task = set.spawn_local(async move {
            let _stays = stays;
            std::future::pending::<()>().await;
        });
        let abort = task.abort_handle();
        drop(task);
        let mut beside = Some(abort.clone());
        futures03::executor::block_on(set.run_until(poll_fn(|cx| {
            if let Some(abort) = beside.take() {
                thread::spawn(move || abort.abort()).join().unwrap();
            }
            cx.waker().wake_by_ref();
            if abort.is_finished() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })));
        assert_eq!(dropped.get(), Some(thread::current().id()));
        drop(set);
        thread::spawn(move || drop(abort)).join().unwrap();
    });
}

#[test]
fn a_join_set_spawns_in_all_ways() {
    bounded(|| {
        let other = runtime(1);
        current_thread::block_on_all(async move {
            let mut set = JoinSet::new();
            drop(set.spawn(async { 1 }));
            drop(set.spawn_on(async { 2 }, other.as_handle()));
            drop(set.spawn_blocking(|| 3));
            let not_send = Rc::new(4);
            drop(set.spawn_local(async move { *not_send }));
            let aborted = set.spawn(std::future::pending());
            aborted.abort();
            let mut sum = 0;
            let mut cancelled = 0;
            while let Some(joined) = set.join_next().await {
                match joined {
                    Ok(n) => sum += n,
                    Err(error) => cancelled += usize::from(error.is_cancelled()),
                }
            }
            assert_eq!((sum, cancelled), (10, 1));
        });
    });
}

#[test]
fn a_join_set_says_without_waiting_who_has_ended() {
    bounded(|| {
        current_thread::block_on_all(async {
            let mut set = JoinSet::new();
            assert!(set.try_join_next().is_none());
            let (send, receive) = futures03::channel::oneshot::channel::<u32>();
            drop(set.spawn(async { receive.await.unwrap() }));
            drop(set.spawn(async { 1 }));
            assert!(set.try_join_next().is_none());
            task::yield_now().await;
            assert_eq!(set.try_join_next().unwrap().unwrap(), 1);
            assert!(set.try_join_next().is_none());
            assert_eq!(set.len(), 1);
            // The other one is not forgotten: its end wakes who waits.
            current_thread::spawn(async move { send.send(2).unwrap() });
            assert_eq!(set.join_next().await.unwrap().unwrap(), 2);
            // Who waits already is woken after others have looked.
            let (send, receive) = futures03::channel::oneshot::channel::<u32>();
            drop(set.spawn(async { receive.await.unwrap() }));
            let mut send = Some(send);
            let joined = poll_fn(|cx| {
                let polled = set.poll_join_next_with(cx.into());
                assert!(set.try_join_next().is_none());
                if let Some(send) = send.take() {
                    send.send(3).unwrap();
                }
                polled
            });
            assert_eq!(joined.await.unwrap().unwrap(), 3);
        });
    });
}

#[test]
fn join_all_has_every_output_or_panics_as_the_task_did() {
    bounded(|| {
        current_thread::block_on_all(async {
            let mut set = JoinSet::new();
            (0..3).for_each(|n| drop(set.spawn(async move { n })));
            let mut all = set.join_all().await;
            all.sort_unstable();
            assert_eq!(all, [0, 1, 2]);
        });
        let payload = std::panic::catch_unwind(|| {
            current_thread::block_on_all(async {
                let mut set = JoinSet::new();
                drop(set.spawn(async { panic_deliberately() }));
                set.join_all().await;
            });
        });
        assert!(payload.unwrap_err().is::<Deliberate>());
    });
}

/// Two block in place at a time, on a runtime with one worker.
#[test]
fn others_go_on_while_a_task_blocks_in_place() {
    bounded(|| {
        let mut runtime =
            Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let both = Arc::new(Barrier::new(2));
        let beside = both.clone();
        let std = runtime.spawn(async move { task::block_in_place(|| beside.wait().is_leader()) });
        let (done, futures01) = channel();
        runtime.spawn(future::lazy(move || {
            done.send(task::block_in_place(|| both.wait().is_leader())).unwrap();
            Ok(())
        }));
        let leads = runtime.block_on(std).unwrap();
        assert_ne!(leads, within(&futures01));
        // A thread that blocks in place may block on a future.
        let handle = runtime.as_handle().clone();
        let nested = async move { task::block_in_place(|| handle.block_on(async { 42 })) };
        assert_eq!(runtime.block_on(nested), 42);
    });
}

#[test]
fn beyond_the_limit_and_outside_of_a_pool_it_just_runs() {
    assert_eq!(task::block_in_place(|| 1), 1);
    bounded(|| {
        assert_eq!(current_thread::block_on_all(async { task::block_in_place(|| 2) }), 2);
        let mut runtime = Builder::new().core_threads(1).max_blocking_threads(0).build().unwrap();
        assert_eq!(runtime.block_on(async { task::block_in_place(|| 3) }), 3);
        assert_eq!(
            runtime.block_on(future::lazy(|| Ok::<_, ()>(task::block_in_place(|| 4)))),
            Ok(4)
        );
    });
}

#[test]
fn a_runtime_runs_what_blocks_from_outside() {
    for blocking_threads in [1, 0] {
        bounded(move || {
            let mut runtime =
                Builder::new().core_threads(1).blocking_threads(blocking_threads).build().unwrap();
            let one = runtime.spawn_blocking(|| 1);
            let two = runtime.as_handle().spawn_blocking(|| 2);
            assert_eq!(runtime.block_on(async { one.await.unwrap() + two.await.unwrap() }), 3);
        });
    }
}

#[test]
fn a_shutdown_waits_no_longer_than_it_is_told() {
    bounded(|| {
        let (go, wait) = channel::<()>();
        let (done, ended) = channel();
        let runtime = runtime(1);
        let (started, has_started) = channel();
        drop(runtime.spawn_blocking(move || {
            started.send(()).unwrap();
            let _ = wait.recv();
            done.send(()).unwrap();
        }));
        within(&has_started);
        runtime.shutdown_timeout(Duration::from_millis(1));
        assert!(ended.try_recv().is_err());
        go.send(()).unwrap();
        within(&ended);
    });
    bounded(|| {
        let before = Instant::now();
        let runtime = runtime(1);
        let handle = runtime.as_handle().clone();
        runtime.shutdown_timeout(Duration::MAX);
        assert!(before.elapsed() < LIMIT);
        let late = handle.spawn(async {});
        assert!(futures03::executor::block_on(late).unwrap_err().is_cancelled());
    });
}

#[test]
fn a_runtime_may_be_shut_down_in_the_background_inside_of_another_one_and_of_itself() {
    bounded(|| {
        current_thread::block_on_all(async { runtime(1).shutdown_background() });
        let (give, take) = channel();
        let (done, ended) = channel();
        let mut runtime = runtime(2);
        drop(runtime.spawn(async move {
            let own: tokio::runtime::Runtime = within(&take);
            own.shutdown_background();
            done.send(()).unwrap();
        }));
        give.send(runtime).unwrap();
        within(&ended);
    });
}

#[test]
fn shutting_down_inside_of_a_task_says_what_to_do() {
    let message = bounded(|| {
        let inside = runtime(1);
        current_thread::block_on_all(async move {
            panic_message(move || inside.shutdown_timeout(Duration::ZERO))
        })
    });
    assert!(message.contains("shutdown_background"), "{message}");
}

#[test]
fn an_unconstrained_future_of_either_generation_is_not_made_to_wait() {
    fn proceeds(caller: tokio_task::Caller<'_>) -> usize {
        (0..1000).take_while(|_| tokio_task::poll_proceed(caller).is_ready()).count()
    }
    bounded(|| {
        let mut runtime = runtime(1);
        let limited = poll_fn(|cx| Poll::Ready(proceeds(cx.into())));
        assert_eq!(runtime.block_on(limited), 128);
        let free = task::unconstrained(poll_fn(|cx| Poll::Ready(proceeds(cx.into()))));
        assert_eq!(runtime.block_on(free), 1000);
        let free = future::lazy(|| Ok::<_, ()>(proceeds(tokio_task::Caller::Futures01)));
        assert_eq!(runtime.block_on(task::unconstrained(free)), Ok(1000));
    });
}

#[test]
fn a_builder_knows_the_names_of_tokio_1() {
    bounded(|| {
        let mut pool = Builder::new_multi_thread();
        let pool = pool.worker_threads(1).max_blocking_threads(1).enable_all().build().unwrap();
        let not_send = Rc::new(1);
        assert_eq!(pool.as_handle().block_on(async { *not_send }), 1);
        let mut one = Builder::new_current_thread().enable_all().build().unwrap();
        assert_eq!(one.block_on(async { *not_send }), 1);
        pool.as_handle().block_on(async {
            let late = tokio::time::timeout(Duration::from_millis(1), std::future::pending::<()>());
            let _: tokio::time::error::Elapsed = late.await.unwrap_err();
        });
    });
}

#[test]
fn what_aborts_may_cross_threads() {
    fn crosses<T: Send + Sync + Clone>() {}
    crosses::<AbortHandle>();
    crosses::<Handle>();
}

/// A guard in a thread's own storage is dropped while that is torn down.
#[test]
fn an_entered_thread_may_end_with_its_guard() {
    use std::cell::RefCell;
    struct SpawnsAtEnd(Handle, std::sync::mpsc::Sender<()>);
    impl Drop for SpawnsAtEnd {
        fn drop(&mut self) {
            // By the handle: the thread's own storage may be gone, which is no reason to panic.
            let _ = Handle::try_current();
            let _entered = self.0.enter();
            let done = self.1.clone();
            drop(self.0.spawn(async move { done.send(()).unwrap() }));
        }
    }
    thread_local! {
        static LATE: RefCell<Vec<Box<dyn std::any::Any>>> = const { RefCell::new(Vec::new()) };
    }
    bounded(|| {
        let runtime = runtime(1);
        let handle = runtime.as_handle().clone();
        let (done, ended) = channel();
        thread::spawn(move || {
            LATE.with(|late| {
                let mut late = late.borrow_mut();
                late.push(Box::new(handle.enter()));
                late.push(Box::new(SpawnsAtEnd(handle.clone(), done)));
                late.push(Box::new(LocalSet::new()));
            });
            let set = LocalSet::new();
            drop(set.spawn_local(std::future::pending::<()>()));
            LATE.with(|late| late.borrow_mut().push(Box::new(set)));
        })
        .join()
        .unwrap();
        within(&ended);
        runtime.shutdown_on_idle().wait().unwrap();
    });
}
