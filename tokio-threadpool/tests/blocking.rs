//! Code that blocks keeps neither the pool nor other blocking code waiting for ever.

#[macro_use]
mod support;

use self::support::{end, pool, receive, threads, wait_until, within, Generation, SIZES};
use futures::stream::FuturesUnordered;
use futures::{future, Async, Future as Future01, Stream as _};
use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Barrier};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tokio_task::{to_std, Caller, WaiterCell};
use tokio_threadpool::{blocking, poll_blocking, BlockingError, Builder, Sender, ThreadPool};

both_generations! {
    code_that_blocks_runs_and_the_pool_goes_on;
    more_tasks_than_permits_make_progress;
    no_more_tasks_block_than_permits_exist;
    a_permit_that_is_granted_and_not_used_goes_to_the_next;
    a_permit_of_a_task_that_ends_goes_to_the_next;
    a_permit_that_is_granted_after_one_was_used_is_for_the_next_poll;
    blocking_inside_blocking_just_runs;
    an_executor_may_be_entered_inside_blocking;
    a_task_goes_on_after_blocking;
    blocking_is_an_error_where_there_is_no_permit_to_wait_for;
}

fn limited(size: usize, permits: usize) -> ThreadPool {
    Builder::new().pool_size(size).max_blocking(permits).build()
}

/// `blocking` for a caller of either generation.
fn block<T>(caller: Caller<'_>, f: impl FnOnce() -> T) -> Poll<Result<T, BlockingError>> {
    match caller {
        Caller::Futures01 => to_std(blocking(f)),
        Caller::Std(waker) => poll_blocking(&mut std::task::Context::from_waker(waker), f),
    }
}

/// A task that blocks once.
fn spawn_blocking(generation: impl Generation, sender: &Sender, f: impl FnOnce() + Send + 'static) {
    let mut f = Some(f);
    generation.spawn(sender, move |caller| {
        block(caller, || f.take().expect("called once")()).map(|result| result.unwrap())
    });
}

fn code_that_blocks_runs_and_the_pool_goes_on(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let (send, received) = mpsc::channel();
        // More than workers, and all at a time.
        let barrier = Arc::new(Barrier::new(2 * size + 1));
        for _ in 0..2 * size {
            let (barrier, send) = (barrier.clone(), send.clone());
            spawn_blocking(generation, pool.sender(), move || {
                barrier.wait();
                send.send(()).unwrap();
            });
        }
        // A task that only polls.
        generation.run(pool.sender(), {
            let send = send.clone();
            move || send.send(()).unwrap()
        });
        receive(&received, "the pool does not go on");
        within("barrier", move || barrier.wait());
        for _ in 0..2 * size {
            receive(&received, "blocking");
        }
    }
}

fn more_tasks_than_permits_make_progress(generation: impl Generation) {
    for size in SIZES {
        for permits in [1, 2, 7] {
            let pool = limited(size, permits);
            let (send, received) = mpsc::channel();
            for _ in 0..50 {
                let send = send.clone();
                spawn_blocking(generation, pool.sender(), move || {
                    thread::yield_now();
                    send.send(()).unwrap();
                });
            }
            for _ in 0..50 {
                receive(&received, "a permit is lost");
            }
            end(pool.shutdown_on_idle());
        }
    }
}

fn no_more_tasks_block_than_permits_exist(generation: impl Generation) {
    let pool = limited(4, 3);
    let now = Arc::new(AtomicUsize::new(0));
    let (send, received) = mpsc::channel();
    for _ in 0..50 {
        let (now, send) = (now.clone(), send.clone());
        spawn_blocking(generation, pool.sender(), move || {
            let others = now.fetch_add(1, SeqCst);
            thread::yield_now();
            now.fetch_sub(1, SeqCst);
            send.send(others).unwrap();
        });
    }
    for _ in 0..50 {
        assert!(receive(&received, "blocking") < 3);
    }
}

/// Occupies the one permit until the sender is used.
fn occupy(generation: impl Generation, sender: &Sender) -> mpsc::Sender<()> {
    let (free, wait) = mpsc::channel();
    let (begun, begin) = mpsc::channel();
    spawn_blocking(generation, sender, move || {
        begun.send(()).unwrap();
        receive(&wait, "free");
    });
    receive(&begin, "begin");
    free
}

fn a_permit_that_is_granted_and_not_used_goes_to_the_next(generation: impl Generation) {
    for size in SIZES {
        let pool = limited(size, 1);
        let free = occupy(generation, pool.sender());
        let (begun, begin) = mpsc::channel();
        let kept = Arc::new(WaiterCell::new());
        // Waits for the permit, then has no use for it, and does not end either.
        let mut polled = false;
        let (of_task, waits) = (kept.clone(), begun.clone());
        generation.spawn(pool.sender(), move |caller| {
            if !std::mem::replace(&mut polled, true) {
                assert!(block(caller, || ()).is_pending());
                waits.send(()).unwrap();
            }
            drop(of_task.register(caller));
            Poll::Pending
        });
        receive(&begin, "waits");
        let (send, received) = mpsc::channel();
        let mut polls = 0;
        generation.spawn(pool.sender(), move |caller| {
            polls += 1;
            if polls == 1 {
                begun.send(()).unwrap();
            }
            block(caller, || send.send(()).unwrap()).map(|result| result.unwrap())
        });
        receive(&begin, "waits too");
        free.send(()).unwrap();
        receive(&received, "the permit is lost");
    }
}

fn a_permit_of_a_task_that_ends_goes_to_the_next(generation: impl Generation) {
    for size in SIZES {
        let pool = limited(size, 1);
        let free = occupy(generation, pool.sender());
        let (begun, begin) = mpsc::channel();
        let shared = Arc::new((WaiterCell::new(), AtomicBool::new(false)));
        let of_task = shared.clone();
        let waits = begun.clone();
        // Waits for a permit and for something else, which comes first.
        generation.spawn(pool.sender(), move |caller| {
            drop(of_task.0.register(caller));
            if of_task.1.load(SeqCst) {
                return Poll::Ready(());
            }
            assert!(block(caller, || ()).is_pending());
            waits.send(()).unwrap();
            Poll::Pending
        });
        receive(&begin, "waits");
        shared.1.store(true, SeqCst);
        shared.0.wake();
        free.send(()).unwrap();
        let (send, received) = mpsc::channel();
        spawn_blocking(generation, pool.sender(), move || send.send(()).unwrap());
        receive(&received, "the permit is lost");
        end(pool.shutdown_on_idle());
    }
}

/// A task that blocked waits for another permit in the same poll, gets it, and keeps its place before others.
fn a_permit_that_is_granted_after_one_was_used_is_for_the_next_poll(generation: impl Generation) {
    let pool = limited(3, 1);
    let free = occupy(generation, pool.sender());
    let (order, ran) = mpsc::channel();
    let (tell, told) = mpsc::channel();
    let (go_on, wait) = mpsc::channel();
    let (mut polls, first) = (0, order.clone());
    let stage = tell.clone();
    generation.spawn(pool.sender(), move |caller| {
        polls += 1;
        match polls {
            1 => {
                assert!(block(caller, || ()).is_pending());
                stage.send("waits").unwrap();
            }
            2 => {
                assert!(block(caller, || ()).is_ready());
                stage.send("used").unwrap();
                receive(&wait, "another one has the permit");
                assert!(block(caller, || ()).is_pending());
                stage.send("waits again").unwrap();
                receive(&wait, "it was given back");
            }
            _ => return block(caller, || first.send(1).unwrap()).map(|result| result.unwrap()),
        }
        Poll::Pending
    });
    assert_eq!(receive(&told, "the first"), "waits");
    free.send(()).unwrap();
    assert_eq!(receive(&told, "the first"), "used");

    let (begun, begin) = mpsc::channel();
    let (free, held) = mpsc::channel();
    let given_back = tell.clone();
    let mut hold = Some(move || {
        begun.send(()).unwrap();
        receive(&held, "free");
    });
    generation.spawn(pool.sender(), move |caller| {
        block(caller, || hold.take().expect("called once")()).map(|result| {
            result.unwrap();
            given_back.send("given back").unwrap();
        })
    });
    receive(&begin, "another one blocks");
    go_on.send(()).unwrap();
    assert_eq!(receive(&told, "the first"), "waits again");

    let mut waits = Some(tell);
    generation.spawn(pool.sender(), move |caller| {
        let polled = block(caller, || order.send(2).unwrap()).map(|result| result.unwrap());
        if let Some(waits) = waits.take() {
            waits.send("waits, too").unwrap();
        }
        polled
    });
    assert_eq!(receive(&told, "the second"), "waits, too");
    free.send(()).unwrap();
    assert_eq!(receive(&told, "the other one"), "given back");
    go_on.send(()).unwrap();
    assert_eq!(receive(&ran, "the first"), 1);
    assert_eq!(receive(&ran, "the second"), 2);
    end(pool.shutdown_on_idle());
}

fn blocking_inside_blocking_just_runs(generation: impl Generation) {
    // With one permit the inner one must not ask for another.
    let pool = limited(1, 1);
    let (send, received) = mpsc::channel();
    spawn_blocking(generation, pool.sender(), move || {
        let inner = blocking(|| blocking(|| 42));
        let Ok(Async::Ready(Ok(Async::Ready(42)))) = inner else { panic!("did not run") };
        send.send(()).unwrap();
    });
    receive(&received, "nested");
    end(pool.shutdown_on_idle());
}

fn an_executor_may_be_entered_inside_blocking(generation: impl Generation) {
    let pool = pool(1);
    let (send, received) = mpsc::channel();
    let sender = pool.sender().clone();
    spawn_blocking(generation, pool.sender(), move || {
        let mut enter = tokio_executor::enter().expect("not entered inside `blocking`");
        // A task of the pool, awaited by this thread; and `blocking` once more.
        let task = sender.spawn(async { 1 }).unwrap();
        let one = enter.block_on(task).unwrap();
        let two = enter
            .block_on(async { std::future::poll_fn(|cx| poll_blocking(cx, || 2)).await.unwrap() });
        drop(enter);
        send.send(one + two).unwrap();
    });
    assert_eq!(receive(&received, "inside"), 3);
    let (send, received) = mpsc::channel();
    generation.run(pool.sender(), move || {
        send.send(tokio_executor::enter().is_err()).unwrap();
    });
    assert!(receive(&received, "after"), "still entered outside `blocking`");
}

fn a_task_goes_on_after_blocking(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let (send, received) = mpsc::channel();
        for _ in 0..10 {
            let send = send.clone();
            let mut rounds = 0;
            generation.spawn(pool.sender(), move |caller| {
                let Poll::Ready(result) = block(caller, || ()) else { return Poll::Pending };
                result.unwrap();
                rounds += 1;
                if rounds < 20 {
                    caller.wake();
                    return Poll::Pending;
                }
                send.send(()).unwrap();
                Poll::Ready(())
            });
        }
        for _ in 0..10 {
            receive(&received, "a task is lost");
        }
        end(pool.shutdown_on_idle());
    }
}

fn blocking_is_an_error_where_there_is_no_permit_to_wait_for(generation: impl Generation) {
    let text = |result: Result<Async<()>, BlockingError>| {
        let error = result.expect_err("ran");
        assert!(error.source().is_none());
        error.to_string()
    };
    assert!(text(blocking(|| panic!("ran"))).contains("outside"));
    let forbidden = limited(1, 0);
    let (send, received) = mpsc::channel();
    generation.spawn(forbidden.sender(), move |caller| {
        let Poll::Ready(result) = block(caller, || panic!("ran")) else { panic!("waits") };
        send.send(text(result.map(Async::Ready))).unwrap();
        Poll::Ready(())
    });
    assert!(receive(&received, "error").contains("max_blocking"));
}

/// Each of two futures in one task has a waker of its own there.
#[test]
fn futures_of_one_task_that_wait_for_permits_all_get_one() {
    let pool = limited(2, 1);
    let free = occupy(support::Futures01, pool.sender());
    let (begun, begin) = mpsc::channel();
    let handle = pool.spawn_handle(future::lazy(move || {
        let all: FuturesUnordered<_> = (0..5)
            .map(|i| {
                let begun = begun.clone();
                future::poll_fn(move || {
                    let poll = blocking(|| i);
                    if let Ok(Async::NotReady) = poll {
                        begun.send(()).unwrap();
                    }
                    poll
                })
            })
            .collect();
        all.collect()
    }));
    for _ in 0..5 {
        receive(&begin, "waits");
    }
    free.send(()).unwrap();
    let mut all = within("a future is not woken", move || handle.wait().unwrap());
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4]);
}

#[test]
fn a_std_task_without_a_waker_is_told_so() {
    let pool = limited(1, 1);
    let free = occupy(support::Std, pool.sender());
    let handle = pool.spawn(async { blocking(|| ()).map(|_| ()).unwrap_err().to_string() });
    let text = within("join", move || handle.join().wait().unwrap());
    assert!(text.contains("poll_blocking"), "{text}");
    free.send(()).unwrap();
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "threads are counted as Linux tells them")]
fn backup_threads_leave_when_idle_and_workers_stay() {
    let pool = Builder::new()
        .pool_size(2)
        .keep_alive(Some(Duration::from_millis(1)))
        .name_prefix("leave-")
        .build();
    let (free, wait) = mpsc::channel::<()>();
    let wait = Arc::new(std::sync::Mutex::new(wait));
    let (send, received) = mpsc::channel();
    for _ in 0..10 {
        let (wait, send) = (wait.clone(), send.clone());
        spawn_blocking(support::Std, pool.sender(), move || {
            send.send(()).unwrap();
            let _ = wait.lock().unwrap().recv();
        });
    }
    for _ in 0..10 {
        receive(&received, "blocks");
    }
    wait_until("ten blocked and two workers", || threads("leave-").len() == 12);
    drop(free);
    wait_until("only the workers are left", || threads("leave-").len() == 2);
    let answer = pool.spawn(async { 1 });
    assert_eq!(within("join", move || answer.join().wait().unwrap()), 1);
}

#[test]
fn a_keep_alive_beyond_the_clock_means_for_ever() {
    let pool = Builder::new().pool_size(1).keep_alive(Some(Duration::MAX)).build();
    let (send, received) = mpsc::channel();
    for _ in 0..3 {
        let send = send.clone();
        spawn_blocking(support::Std, pool.sender(), move || send.send(()).unwrap());
        receive(&received, "blocking");
    }
    end(pool.shutdown_on_idle());
}

#[test]
fn another_implementation_of_blocking_may_take_its_place() {
    use tokio_threadpool::blocking::{set_default, with_default};
    fn here(f: &mut dyn FnMut()) -> futures::Poll<(), BlockingError> {
        f();
        Ok(().into())
    }
    fn refuse(_: &mut dyn FnMut()) -> futures::Poll<(), BlockingError> {
        Err(BlockingError::new())
    }
    let mut enter = tokio_executor::enter().unwrap();
    with_default(here, &mut enter, |_| {
        assert_eq!(blocking(|| 1).unwrap(), Async::Ready(1));
        let guard = set_default(refuse);
        assert!(blocking(|| 1).is_err());
        drop(guard);
        assert_eq!(blocking(|| 2).unwrap(), Async::Ready(2));
    });
    assert!(blocking(|| 1).is_err());
}
