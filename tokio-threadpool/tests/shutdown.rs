//! The end of a pool: complete, once, without a deadlock.

#[macro_use]
mod support;

use self::support::{end, pool, receive, wait_until, within, Generation, LIMIT, SIZES};
use futures::future::{self, Executor as _};
use futures::Future as Future01;
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{mpsc, Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time::Duration;
use tokio_task::WaiterCell;
use tokio_threadpool::{blocking, poll_blocking, Builder, Sender, ThreadPool};

both_generations! {
    shutdown_on_idle_waits_for_chains_of_spawns_in_transit;
    shutdown_on_idle_waits_for_a_task_that_sleeps;
    shutdown_on_idle_waits_for_a_task_that_blocks;
    shutdown_completes_what_is_there_and_refuses_new_tasks;
    a_spawn_that_is_refused_does_not_hold_up_the_shutdown;
    shutdown_now_drops_each_future_exactly_once;
    spawning_from_a_destructor_during_shutdown_is_refused;
    spawning_after_shutdown_is_an_error;
    a_pool_may_be_dropped_inside_its_own_task;
    a_pool_may_be_dropped_while_its_task_blocks;
    a_pool_may_be_dropped_inside_a_task_of_another;
    a_pool_of_idle_backup_threads_ends;
}

/// A task that spawns the next of its chain, in turn from inside and from another thread.
fn chain(
    generation: impl Generation,
    sender: &Sender,
    relay: &mpsc::Sender<Box<dyn FnOnce() + Send>>,
    left: usize,
    ran: &Arc<AtomicUsize>,
) {
    let (inside, relay, ran) = (sender.clone(), relay.clone(), ran.clone());
    generation.run(sender, move || {
        if left == 0 {
        } else if left % 4 == 0 {
            // The task does not end before the other thread has spawned.
            let (send, received) = mpsc::channel();
            let (r, n) = (relay.clone(), ran.clone());
            relay
                .send(Box::new(move || {
                    chain(generation, &inside, &r, left - 1, &n);
                    send.send(()).unwrap();
                }))
                .unwrap();
            receive(&received, "the spawn from outside");
        } else {
            chain(generation, &inside, &relay, left - 1, &ran);
        }
        ran.fetch_add(1, SeqCst);
    });
}

fn shutdown_on_idle_waits_for_chains_of_spawns_in_transit(generation: impl Generation) {
    for size in SIZES {
        for _ in 0..20 {
            let pool = pool(size);
            let ran = Arc::new(AtomicUsize::new(0));
            let (relay, jobs) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
            let outside = thread::spawn(move || jobs.into_iter().for_each(|job| job()));
            for _ in 0..4 {
                chain(generation, pool.sender(), &relay, 30, &ran);
            }
            let shutdown = pool.shutdown_on_idle();
            drop(relay);
            end(shutdown);
            assert_eq!(ran.load(SeqCst), 4 * 31, "early, or a task is lost");
            within("relay", move || outside.join().unwrap());
        }
    }
}

fn shutdown_on_idle_waits_for_a_task_that_sleeps(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let shared = Arc::new((WaiterCell::new(), AtomicBool::new(false)));
        let of_task = shared.clone();
        let (begun, begin) = mpsc::channel();
        let ended = Arc::new(AtomicBool::new(false));
        let task_ended = ended.clone();
        generation.spawn(pool.sender(), move |caller| {
            drop(of_task.0.register(caller));
            begun.send(()).unwrap();
            if !of_task.1.load(SeqCst) {
                return Poll::Pending;
            }
            task_ended.store(true, SeqCst);
            Poll::Ready(())
        });
        receive(&begin, "begin");
        let mut shutdown = pool.shutdown_on_idle();
        let early = within("poll", move || {
            let mut spawn = futures::executor::spawn(future::poll_fn(move || {
                shutdown.poll().map(|poll| futures::Async::Ready(poll.is_ready()))
            }));
            let early = spawn.wait_future().unwrap();
            (early, spawn)
        });
        assert!(!early.0);
        shared.1.store(true, SeqCst);
        shared.0.wake();
        let mut spawn = early.1;
        wait_until("ended", move || spawn.wait_future().unwrap());
        assert!(ended.load(SeqCst));
    }
}

fn shutdown_on_idle_waits_for_a_task_that_blocks(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let (free, wait) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        let ended = Arc::new(AtomicBool::new(false));
        let of_task = ended.clone();
        generation.run(pool.sender(), move || {
            blocking_now(|| {
                begun.send(()).unwrap();
                receive(&wait, "free");
            });
            of_task.store(true, SeqCst);
        });
        receive(&begin, "begin");
        let shutdown = pool.shutdown_on_idle();
        free.send(()).unwrap();
        end(shutdown);
        assert!(ended.load(SeqCst));
    }
}

/// Blocks in a task of either generation, where a permit is free.
fn blocking_now(f: impl FnOnce()) {
    match blocking(f) {
        Ok(futures::Async::Ready(())) => {}
        other => panic!("no permit: {other:?}"),
    }
}

fn shutdown_completes_what_is_there_and_refuses_new_tasks(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let sender = pool.sender().clone();
        let shared = Arc::new((WaiterCell::new(), AtomicBool::new(false)));
        let (of_task, inside) = (shared.clone(), sender.clone());
        let (send, received) = mpsc::channel();
        generation.spawn(&sender, move |caller| {
            drop(of_task.0.register(caller));
            if !of_task.1.load(SeqCst) {
                return Poll::Pending;
            }
            send.send(generation.try_run(&inside, || panic!("taken")).is_err()).unwrap();
            Poll::Ready(())
        });
        let shutdown = pool.shutdown();
        assert!(generation.try_run(&sender, || panic!("taken")).unwrap_err().is_shutdown());
        shared.1.store(true, SeqCst);
        shared.0.wake();
        assert!(receive(&received, "the task that was there"));
        end(shutdown);
    }
}

fn a_spawn_that_is_refused_does_not_hold_up_the_shutdown(generation: impl Generation) {
    for round in 0..300 {
        let pool = pool(1 + round % 2);
        let stop = Arc::new(AtomicBool::new(false));
        let threads = [(); 2].map(|()| {
            let (sender, stop) = (pool.sender().clone(), stop.clone());
            thread::spawn(move || {
                while generation.try_run(&sender, || ()).is_ok() && !stop.load(SeqCst) {}
                // A few more, all refused, while the workers look whether the pool is idle.
                for _ in 0..round % 7 {
                    let _ = generation.try_run(&sender, || ());
                }
            })
        });
        let shutdown = if round % 3 == 0 { pool.shutdown_now() } else { pool.shutdown() };
        end(shutdown);
        stop.store(true, SeqCst);
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

/// Counts drops, and that nothing is dropped twice.
struct Counted(Arc<AtomicUsize>, bool);

impl Drop for Counted {
    fn drop(&mut self) {
        assert!(!std::mem::replace(&mut self.1, true), "dropped twice");
        self.0.fetch_add(1, SeqCst);
    }
}

fn shutdown_now_drops_each_future_exactly_once(generation: impl Generation) {
    for size in SIZES {
        for round in 0..10 {
            let pool = pool(size);
            let dropped = Arc::new(AtomicUsize::new(0));
            let spawned = Arc::new(AtomicUsize::new(0));
            let stop = Arc::new(AtomicBool::new(false));
            let cells: Arc<Vec<WaiterCell>> =
                Arc::new((0..64).map(|_| WaiterCell::new()).collect());
            // Wakers from outside race with the shutdown, and so do spawns.
            let threads = [0, 1].map(|which| {
                let (cells, stop) = (cells.clone(), stop.clone());
                let (sender, dropped) = (pool.sender().clone(), dropped.clone());
                let spawned = spawned.clone();
                thread::spawn(move || {
                    while !stop.load(SeqCst) {
                        cells.iter().for_each(WaiterCell::wake);
                        if which == 1 {
                            spawned.fetch_add(1, SeqCst);
                            let counted = Counted(dropped.clone(), false);
                            let _ = generation.try_run(&sender, move || drop(counted));
                        }
                    }
                })
            });
            for i in 0..64 {
                spawned.fetch_add(1, SeqCst);
                let (counted, cells) = (Counted(dropped.clone(), false), cells.clone());
                generation.spawn(pool.sender(), move |caller| {
                    let _ = &counted;
                    drop(cells[i].register(caller));
                    if i % 3 == 0 {
                        caller.wake();
                    }
                    if i % 5 == 0 {
                        cells[(i + 1) % 64].wake();
                    }
                    Poll::Pending
                });
            }
            if round % 2 == 0 {
                thread::yield_now();
            }
            end(pool.shutdown_now());
            let at_the_end = dropped.load(SeqCst);
            assert!(at_the_end >= 64, "a future outlives the shutdown");
            stop.store(true, SeqCst);
            for thread in threads {
                thread.join().unwrap();
            }
            drop(cells);
            assert_eq!(dropped.load(SeqCst), spawned.load(SeqCst));
        }
    }
}

struct SpawnsOnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for SpawnsOnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn spawning_from_a_destructor_during_shutdown_is_refused(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let (send, received) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        for _ in 0..10 {
            let (inside, send, begun) = (pool.sender().clone(), send.clone(), begun.clone());
            let on_drop = SpawnsOnDrop(move || {
                let refused = generation.try_run(&inside, || panic!("taken")).is_err();
                // By the default executor too.
                drop(tokio_executor::spawn(async { panic!("taken") }));
                send.send(refused).unwrap();
            });
            generation.spawn(pool.sender(), move |_| {
                let _ = &on_drop;
                begun.send(()).unwrap();
                Poll::Pending
            });
        }
        for _ in 0..10 {
            receive(&begin, "begin");
        }
        end(pool.shutdown_now());
        for _ in 0..10 {
            assert!(receive(&received, "a destructor"));
        }
    }
}

fn spawning_after_shutdown_is_an_error(generation: impl Generation) {
    let pool = pool(2);
    let sender = pool.sender().clone();
    end(pool.shutdown_now());
    let (send, received) = mpsc::channel::<()>();
    let refused = generation.try_run(&sender, move || send.send(()).unwrap());
    assert!(refused.unwrap_err().is_shutdown());
    // The future was dropped.
    assert_eq!(received.recv_timeout(LIMIT), Err(mpsc::RecvTimeoutError::Disconnected));
    let mine = sender.execute(future::ok(())).unwrap_err();
    assert!(mine.into_future().wait().is_ok());
}

fn a_pool_may_be_dropped_inside_its_own_task(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let sender = pool.sender().clone();
        let (send, received) = mpsc::channel();
        let counted = Arc::new(());
        let of_task = counted.clone();
        generation.run(&sender, move || {
            drop(pool);
            send.send(of_task).unwrap();
        });
        drop(receive(&received, "dropping the pool inside"));
        wait_until("the task is gone", || Arc::strong_count(&counted) == 1);
    }
}

fn a_pool_may_be_dropped_while_its_task_blocks(generation: impl Generation) {
    for size in SIZES {
        // By the task that blocks.
        let own = pool(size);
        let sender = own.sender().clone();
        let (send, received) = mpsc::channel();
        let sent = send.clone();
        generation.run(&sender, move || {
            blocking_now(move || drop(own));
            sent.send(()).unwrap();
        });
        receive(&received, "dropping the pool in `blocking`");
        // By another thread.
        let other = pool(size);
        let (free, wait) = mpsc::channel();
        let (begun, begin) = mpsc::channel();
        generation.run(other.sender(), move || {
            blocking_now(move || {
                begun.send(()).unwrap();
                receive(&wait, "free");
            });
            send.send(()).unwrap();
        });
        receive(&begin, "begin");
        let dropping = thread::spawn(move || drop(other));
        free.send(()).unwrap();
        receive(&received, "the task goes on");
        within("drop", move || dropping.join().unwrap());
    }
}

fn a_pool_may_be_dropped_inside_a_task_of_another(generation: impl Generation) {
    for size in SIZES {
        let outer = pool(size);
        let (send, received) = mpsc::channel();
        generation.run(outer.sender(), move || {
            let inner = pool(size);
            let ran = Arc::new(AtomicBool::new(false));
            let of_task = ran.clone();
            let shared = Arc::new(WaiterCell::new());
            let kept = shared.clone();
            generation.spawn(inner.sender(), move |caller| {
                drop(kept.register(caller));
                of_task.store(true, SeqCst);
                Poll::Pending
            });
            wait_until("the inner pool runs", || ran.load(SeqCst));
            drop(inner);
            // Its only other owner, the task, is gone.
            assert_eq!(Arc::strong_count(&shared), 1);
            send.send(()).unwrap();
        });
        receive(&received, "the inner pool");
        end(outer.shutdown_on_idle());
    }
}

fn a_pool_of_idle_backup_threads_ends(generation: impl Generation) {
    for size in SIZES {
        let pool = pool(size);
        let (send, received) = mpsc::channel();
        for _ in 0..8 {
            let send = send.clone();
            generation.run(pool.sender(), move || {
                blocking_now(|| ());
                send.send(()).unwrap();
            });
        }
        for _ in 0..8 {
            receive(&received, "blocking");
        }
        end(pool.shutdown_now());
    }
}

/// Task and pool would keep each other's memory.
#[test]
fn a_task_that_awaits_the_end_of_its_own_pool_is_freed() {
    for std in [false, true] {
        let counted = Arc::new(());
        let of_pool = counted.clone();
        let mut builder = Builder::new();
        builder.pool_size(2).panic_handler(move |_| drop(of_pool.clone()));
        let pool = builder.build();
        drop(builder);
        let sender = pool.sender().clone();
        if std {
            drop(sender.spawn(async move { pool.shutdown_now().await }).unwrap());
        } else {
            sender.spawn(future::lazy(move || pool.shutdown_now())).unwrap();
        }
        drop(sender);
        wait_until("the pool's memory is freed", || Arc::strong_count(&counted) == 1);
    }
}

/// A task waits for a permit of its own pool when that stops.
#[test]
fn a_task_that_waits_for_a_permit_does_not_keep_its_pool() {
    let counted = Arc::new(());
    let of_pool = counted.clone();
    let mut builder = Builder::new();
    builder.pool_size(2).max_blocking(1).panic_handler(move |_| drop(of_pool.clone()));
    let pool = builder.build();
    drop(builder);
    let (free, wait) = mpsc::channel();
    let (begun, begin) = mpsc::channel();
    let blocks = begun.clone();
    drop(pool.spawn(async move {
        blocking_now(|| {
            blocks.send(()).unwrap();
            receive(&wait, "free");
        });
    }));
    receive(&begin, "blocks");
    for _ in 0..3 {
        let begun = begun.clone();
        drop(pool.spawn(std::future::poll_fn(move |cx| {
            let poll = poll_blocking(cx, || ());
            assert!(poll.is_pending());
            begun.send(()).unwrap();
            poll
        })));
        receive(&begin, "waits");
    }
    let shutdown = pool.shutdown_now();
    free.send(()).unwrap();
    end(shutdown);
    wait_until("the pool's memory is freed", || Arc::strong_count(&counted) == 1);
}

#[test]
fn a_pool_may_be_dropped_in_a_hook_of_its_own_threads() {
    for which in 0..3 {
        let slot = Arc::new((Mutex::new(None::<ThreadPool>), AtomicBool::new(false)));
        let (send, received) = mpsc::channel();
        let (in_hook, send) = (slot.clone(), Mutex::new(send));
        let hook = move || {
            wait_until("built", || in_hook.1.load(SeqCst));
            let pool = in_hook.0.lock().unwrap().take();
            if let Some(pool) = pool {
                drop(pool);
                send.lock().unwrap().send(()).unwrap();
            }
        };
        let mut builder = Builder::new();
        // One worker: when it blocks, nobody sleeps who could look after its tasks, so that another
        // thread becomes that worker.
        builder.pool_size(if which == 2 { 1 } else { 2 }).keep_alive(Some(Duration::ZERO));
        match which {
            0 => builder.after_start(hook),
            1 => builder.around_worker(move |_, _| hook()),
            _ => builder.before_stop(hook),
        };
        let pool = builder.build();
        drop(builder);
        if which == 2 {
            // The thread that has blocked ends while the pool lives.
            let (ran, runs) = mpsc::channel();
            let sender = pool.sender().clone();
            drop(pool.spawn(async move {
                drop(sender.spawn(async move { ran.send(()).unwrap() }).unwrap());
                blocking_now(move || receive(&runs, "the task behind the one that blocks"));
            }));
        }
        *slot.0.lock().unwrap() = Some(pool);
        slot.1.store(true, SeqCst);
        receive(&received, "the hook");
    }
}

/// The pool is gone once its owner's `drop` returns.
#[test]
fn drop_waits_for_the_end() {
    for size in SIZES {
        let pool = pool(size);
        let dropped = Arc::new(AtomicUsize::new(0));
        for _ in 0..100 {
            let counted = Counted(dropped.clone(), false);
            drop(pool.spawn(async move {
                std::future::pending::<()>().await;
                drop(counted);
            }));
        }
        within("drop", move || drop(pool));
        assert_eq!(dropped.load(SeqCst), 100);
    }
}

#[test]
fn fields_may_drop_in_any_order() {
    for order in 0..6 {
        let pool = pool(2);
        let sender = pool.sender().clone();
        let handle = pool.spawn(std::future::pending::<()>());
        within("drop", move || match order {
            0 => drop((pool, sender, handle)),
            1 => drop((pool, handle, sender)),
            2 => drop((sender, pool, handle)),
            3 => drop((sender, handle, pool)),
            4 => drop((handle, pool, sender)),
            _ => drop((handle, sender, pool)),
        });
    }
}

/// Also when the thread-local storage that futures 0.1 waits with is gone.
#[test]
fn a_pool_may_be_dropped_with_its_threads_storage() {
    thread_local! {
        static POOL: RefCell<Option<ThreadPool>> = const { RefCell::new(None) };
    }
    within("the thread ends", || {
        let thread = thread::spawn(|| {
            POOL.with(|place| {
                let pool = pool(2);
                let answer = pool.spawn(async { 1 });
                assert_eq!(answer.join().wait().unwrap(), 1);
                *place.borrow_mut() = Some(pool);
            });
        });
        thread.join().unwrap();
    });
}

#[test]
fn dropping_the_shutdown_does_not_stop_it() {
    let pool = pool(2);
    let dropped = Arc::new(AtomicUsize::new(0));
    let counted = Counted(dropped.clone(), false);
    drop(pool.spawn(async move {
        std::future::pending::<()>().await;
        drop(counted);
    }));
    drop(pool.shutdown_now());
    wait_until("dropped", || dropped.load(SeqCst) == 1);
}

#[test]
fn a_shutdown_is_awaited_by_a_task_of_another_pool() {
    let (a, b) = (pool(2), pool(2));
    let shutdown = b.shutdown_on_idle();
    let handle = a.spawn(async move { shutdown.await });
    within("join", move || handle.join().wait().unwrap());
}
