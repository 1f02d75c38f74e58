//! Closures that block, wherever they are spawned.

mod support;

use futures::{future, Future as _};
use futures03::executor::block_on;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};
use support::{bounded, listener, panic_deliberately, runtime, within, Deliberate};
use tokio::clock::{Clock, MockClock};
use tokio::net::TcpListener;
use tokio::runtime::{current_thread, Builder, Handle};
use tokio::task::{spawn_blocking, JoinSet};
use tokio_threadpool::blocking;

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

#[test]
fn in_a_pool_it_runs_on_the_pools_threads() {
    bounded(|| {
        let mut runtime = Builder::new().core_threads(1).name_prefix("mine-").build().unwrap();
        let name = runtime.block_on(async { spawn_blocking(thread_name).await.unwrap() });
        assert!(name.starts_with("mine-"), "{name}");
        let name = runtime.block_on(future::lazy(|| spawn_blocking(thread_name).join())).unwrap();
        assert!(name.starts_with("mine-"), "{name}");
        // From a thread that has entered it.
        let handle = runtime.as_handle().clone();
        let name = handle.block_on(async { spawn_blocking(thread_name).await.unwrap() });
        assert!(name.starts_with("mine-"), "{name}");
        let task = {
            let _entered = runtime.enter();
            spawn_blocking(|| (thread_name(), Handle::try_current().is_ok()))
        };
        let (name, has_handle) = runtime.block_on(task).unwrap();
        assert!(name.starts_with("mine-"), "{name}");
        assert!(has_handle);
    });
}

#[test]
fn elsewhere_it_runs_on_threads_of_the_process() {
    bounded(|| {
        let here = thread::current().id();
        let mut local = current_thread::Runtime::new().unwrap();
        let answer = local.block_on(async {
            spawn_blocking(|| (thread::current().id(), thread_name())).await.unwrap()
        });
        assert_ne!(answer.0, here);
        assert!(answer.1.starts_with("tokio-blocking-"), "{}", answer.1);
        let joined = local.block_on(future::lazy(|| spawn_blocking(|| 7).join())).unwrap();
        assert_eq!(joined, 7);
        // On a plain thread, in either generation.
        assert_eq!(futures03::executor::block_on(spawn_blocking(|| 8)).unwrap(), 8);
        assert_eq!(spawn_blocking(|| 9).join().wait().unwrap(), 9);
        // On a pool that allows none.
        let mut forbidden = Builder::new().core_threads(1).blocking_threads(0).build().unwrap();
        let name = forbidden.block_on(async { spawn_blocking(thread_name).await.unwrap() });
        assert!(name.starts_with("tokio-blocking-"), "{name}");
    });
}

#[test]
fn tasks_of_the_current_thread_go_on_meanwhile() {
    bounded(|| {
        let (go, wait) = channel::<()>();
        current_thread::block_on_all(async move {
            let blocked = spawn_blocking(move || within(&wait));
            // Ends the block from the thread that a wrong `spawn_blocking` would block.
            current_thread::spawn(async move { go.send(()).unwrap() });
            blocked.await.unwrap();
        });
    });
}

#[test]
fn closures_run_beside_each_other() {
    // Each waits for the next one, so all have to run at a time.
    fn chain(length: usize) -> Vec<impl FnOnce() + Send> {
        let ends: Vec<(Sender<()>, Receiver<()>)> = (0..length).map(|_| channel()).collect();
        let (sends, waits): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
        let first = sends[0].clone();
        let mut sends = sends.into_iter().skip(1);
        let mut closures = Vec::new();
        for wait in waits {
            let next = sends.next();
            closures.push(move || {
                within(&wait);
                if let Some(next) = next {
                    next.send(()).unwrap();
                }
            });
        }
        first.send(()).unwrap();
        closures.reverse();
        closures
    }
    bounded(|| {
        let wait_for_all = || async {
            let mut all = JoinSet::new();
            for closure in chain(20) {
                all.insert(spawn_blocking(closure));
            }
            while let Some(ended) = all.join_next().await {
                ended.unwrap();
            }
        };
        runtime(2).block_on(wait_for_all());
        current_thread::block_on_all(wait_for_all());
        futures03::executor::block_on(wait_for_all());
    });
}

#[test]
fn a_panic_comes_out_of_the_handle() {
    bounded(|| {
        let check = || async {
            let error = spawn_blocking(|| panic_deliberately()).await.unwrap_err();
            assert!(error.try_into_panic().unwrap().is::<Deliberate>());
            assert_eq!(spawn_blocking(|| 1).await.unwrap(), 1);
        };
        runtime(1).block_on(check());
        current_thread::block_on_all(check());
    });
}

#[test]
fn a_closure_that_has_not_started_can_be_aborted() {
    bounded(|| {
        let mut runtime = Builder::new().core_threads(1).blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let (go, wait) = channel::<()>();
            let first = spawn_blocking(move || within(&wait));
            let second = spawn_blocking(|| unreachable!("it was aborted"));
            second.abort();
            go.send(()).unwrap();
            first.await.unwrap();
            assert!(second.await.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn after_the_end_of_the_runtime_it_is_cancelled() {
    bounded(|| {
        let runtime = runtime(1);
        let handle = runtime.as_handle().clone();
        runtime.shutdown_now().wait().unwrap();
        let _entered = handle.enter();
        let late = spawn_blocking(|| unreachable!("the runtime is gone"));
        assert!(futures03::executor::block_on(late).unwrap_err().is_cancelled());
    });
}

#[test]
fn shutdown_on_idle_waits_for_closures() {
    bounded(|| {
        let runtime = runtime(1);
        let (done, ended) = channel();
        {
            let _entered = runtime.enter();
            spawn_blocking(move || done.send(()).unwrap());
        }
        runtime.shutdown_on_idle().wait().unwrap();
        ended.try_recv().unwrap();
    });
}

#[test]
fn timers_and_the_clock_inside_are_the_callers() {
    bounded(|| {
        let mock = MockClock::new();
        let later = mock.now() + Duration::from_secs(3600);
        let mut local = current_thread::Builder::new().clock(mock.clock()).build().unwrap();
        mock.advance(Duration::from_secs(3600));
        let (now, delay) = local.block_on(async move {
            // A delay of this runtime's timer: with another one it would wait an hour.
            spawn_blocking(move || (tokio::clock::now(), tokio::timer::Delay::new(later)))
                .await
                .unwrap()
        });
        assert_eq!(now, later);
        local.block_on(delay).unwrap();
        assert!(Clock::new().now() < Instant::now() + Duration::from_secs(1800));
    });
}

/// Also on a runtime that has no threads for it.
#[test]
fn what_a_closure_spawns_runs_on_the_callers_runtime() {
    bounded(|| {
        let of_current_thread = thread::current().id();
        current_thread::block_on_all(async move {
            let spawned = spawn_blocking(|| {
                let by_handle = tokio::runtime::Handle::current().spawn(async { thread_name() });
                (tokio::spawn(async { thread::current().id() }), by_handle)
            });
            let (task, by_handle) = spawned.await.unwrap();
            assert_eq!(task.await.unwrap(), of_current_thread);
            assert_eq!(by_handle.await.unwrap(), thread_name());
        });
    });
    bounded(|| {
        let mut runtime = tokio::runtime::Builder::new()
            .core_threads(1)
            .blocking_threads(0)
            .name_prefix("own-")
            .build()
            .unwrap();
        let name = runtime.block_on(async {
            let task = spawn_blocking(|| tokio::spawn(async { thread_name() })).await.unwrap();
            task.await.unwrap()
        });
        assert!(name.starts_with("own-"), "{name}");
    });
}

/// Nobody serves the reactor any more when the workers have stopped: whoever waits for it is told.
#[test]
fn a_closure_that_waits_for_an_event_ends_with_its_runtime() {
    type Wait = fn(TcpListener) -> bool;
    let by_futures01: Wait =
        |mut listener| future::poll_fn(|| listener.poll_accept()).wait().is_err();
    let by_std: Wait = |listener| block_on(listener.accept()).is_err();
    for wait in [by_futures01, by_std] {
        for in_a_task in [true, false] {
            bounded(move || {
                let mut runtime = runtime(2);
                let (tell, told) = channel();
                let listener = listener();
                let closure = move || {
                    tell.send(true).unwrap();
                    tell.send(wait(listener)).unwrap();
                };
                if in_a_task {
                    let mut closure = Some(closure);
                    runtime.spawn(future::poll_fn(move || {
                        blocking(|| closure.take().expect("called once")()).map_err(drop)
                    }));
                } else {
                    runtime.block_on(async { drop(spawn_blocking(closure)) });
                }
                assert!(told.recv().unwrap());
                runtime.shutdown_now().wait().unwrap();
                assert!(told.recv().unwrap(), "the wait ends with an error");
            });
        }
    }
}
