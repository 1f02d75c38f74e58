//! Tasks get in and are run, wherever they come from.

#[macro_use]
mod support;

use self::support::{pool, receive, within, Generation, SIZES};
use futures::future::{self, Executor as _};
use futures::Future as Future01;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Barrier};
use std::task::Poll;
use std::thread;
use tokio_executor::{Executor, TypedExecutor};
use tokio_task::WaiterCell;
use tokio_threadpool::{Builder, ThreadPool};

both_generations! {
    tasks_from_outside_and_inside_run;
    spawning_through_another_pools_handle_runs_there;
    work_is_stolen_until_all_workers_have_some;
    a_task_is_woken_from_any_thread;
    the_pool_is_the_default_executor_of_its_tasks;
}

fn tasks_from_outside_and_inside_run(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let (send, received) = mpsc::channel();
        for i in 0..100 {
            let (sender, send) = (pool.sender().clone(), send.clone());
            generation.run(pool.sender(), move || {
                for j in 0..10 {
                    let send = send.clone();
                    generation.run(&sender, move || send.send(i * 10 + j).unwrap());
                }
            });
        }
        let mut seen: Vec<_> = (0..1000).map(|_| receive(&received, "a task is lost")).collect();
        seen.sort_unstable();
        assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    }
}

fn name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

fn spawning_through_another_pools_handle_runs_there(generation: impl Generation) {
    let a = Builder::new().pool_size(1).name_prefix("a-").build();
    let b = Builder::new().pool_size(1).name_prefix("b-").build();
    let (send, received) = mpsc::channel();
    let on_b = b.sender().clone();
    generation.run(a.sender(), move || {
        let inside = send.clone();
        generation.run(&on_b, move || inside.send(name()).unwrap());
        send.send(name()).unwrap();
    });
    let mut names = [receive(&received, "first"), receive(&received, "second")];
    names.sort();
    assert_eq!(names, ["a-0", "b-0"]);
}

fn work_is_stolen_until_all_workers_have_some(generation: impl Generation) {
    for size in [2, 4, 16] {
        let pool = pool(size);
        let barrier = Arc::new(Barrier::new(size));
        let (send, received) = mpsc::channel();
        let sender = pool.sender().clone();
        // All of them into one worker's queue; none returns before all run.
        generation.run(pool.sender(), move || {
            for _ in 0..size {
                let (barrier, send) = (barrier.clone(), send.clone());
                generation.run(&sender, move || {
                    barrier.wait();
                    send.send(()).unwrap();
                });
            }
        });
        for _ in 0..size {
            receive(&received, "a worker does not steal");
        }
    }
}

fn a_task_is_woken_from_any_thread(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let (send, received) = mpsc::channel();
        let cells: Vec<_> =
            (0..20).map(|_| Arc::new((WaiterCell::new(), AtomicUsize::new(0)))).collect();
        for shared in &cells {
            let (shared, send) = (shared.clone(), send.clone());
            generation.spawn(pool.sender(), move |caller| {
                drop(shared.0.register(caller));
                if shared.1.load(SeqCst) < 100 {
                    return Poll::Pending;
                }
                send.send(()).unwrap();
                Poll::Ready(())
            });
        }
        let threads = [(); 2].map(|()| {
            let cells = cells.clone();
            thread::spawn(move || {
                for _ in 0..50 {
                    for shared in &cells {
                        shared.1.fetch_add(1, SeqCst);
                        shared.0.wake();
                    }
                }
            })
        });
        for _ in &cells {
            receive(&received, "a wake is lost");
        }
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

fn the_pool_is_the_default_executor_of_its_tasks(generation: impl Generation) {
    let pool = Builder::new().pool_size(2).name_prefix("mine-").build();
    let (send, received) = mpsc::channel();
    generation.run(pool.sender(), move || {
        let other = send.clone();
        drop(tokio_executor::spawn(async move { send.send(name()).unwrap() }));
        tokio_executor::spawn(future::lazy(move || {
            other.send(name()).unwrap();
            Ok(())
        }));
    });
    for _ in 0..2 {
        assert!(receive(&received, "not spawned").starts_with("mine-"));
    }
}

#[test]
fn a_join_handle_yields_the_output() {
    let pool = pool(2);
    let handle = pool.spawn(async { 42 });
    let joined = pool.spawn(async move { handle.await.unwrap() + 1 });
    assert_eq!(within("join", move || joined.join().wait().unwrap()), 43);
}

#[test]
fn a_spawn_handle_yields_the_result_to_both_generations() {
    let pool = pool(2);
    let good = pool.spawn_handle(future::ok::<_, ()>(1));
    let bad = pool.spawn_handle(future::err::<(), _>("no"));
    assert_eq!(within("spawn_handle", move || good.wait()), Ok(1));
    let bad = pool.spawn(async move { bad.await });
    assert_eq!(within("spawn_handle in a std task", move || bad.join().wait().unwrap()), Err("no"));
}

#[test]
fn dropping_a_spawn_handle_cancels() {
    struct OnDrop(mpsc::Sender<()>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let pool = pool(2);
    let (send, dropped) = mpsc::channel();
    let on_drop = OnDrop(send);
    let handle = pool.spawn_handle(future::empty::<(), ()>().then(move |result| {
        drop(on_drop);
        result
    }));
    drop(handle);
    receive(&dropped, "the future is kept");
}

#[test]
fn a_spawn_handle_passes_a_panic_on() {
    let pool = pool(1);
    let handle = pool.spawn_handle(future::lazy(|| -> Result<(), ()> { panic!("boom") }));
    let payload = within("wait", move || {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handle.wait())).unwrap_err()
    });
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"boom"));
}

#[test]
fn a_sender_is_each_kind_of_executor() {
    fn through(mut executor: impl Executor, send: mpsc::Sender<u32>) {
        executor.status().unwrap();
        executor.spawn(Box::new(future::lazy(move || send.send(1).map_err(drop)))).unwrap();
    }
    let pool = ThreadPool::new();
    let (send, received) = mpsc::channel();
    through(pool.sender(), send.clone());
    through(pool.sender().clone(), send.clone());
    let (s, t) = (send.clone(), send);
    TypedExecutor::spawn(&mut pool.sender().clone(), future::lazy(move || s.send(1).map_err(drop)))
        .unwrap();
    pool.sender().execute(future::lazy(move || t.send(1).map_err(drop))).unwrap();
    assert_eq!((0..4).map(|_| receive(&received, "a spawn")).sum::<u32>(), 4);
}
