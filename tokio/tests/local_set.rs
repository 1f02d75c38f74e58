//! Tasks that need not be `Send` beside those that have to be.

mod support;

use futures::{future, Future as _};
use futures03::channel::oneshot::{Canceled, Sender};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{Read as _, Write as _};
use std::net;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::pin::{pin, Pin};
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread;
use std::time::Duration;
use support::{bounded, listener, panic_deliberately, panic_message, runtime, Deliberate, LIMIT};
use tokio::net::TcpStream;
use tokio::runtime::{current_thread, Handle};
use tokio::task::{
    spawn_local, yield_now, yield_now_futures01, Futures01AsStd, JoinHandle, LocalSet,
};
use tokio::time::sleep;

/// Runs a future in each place where a set can be awaited.
fn everywhere<F: std::future::Future<Output = ()>>(make: impl Fn() -> F + Send + Sync + 'static) {
    let make = Arc::new(make);
    let again = make.clone();
    bounded(move || runtime(2).as_handle().block_on(again()));
    let again = make.clone();
    bounded(move || current_thread::Runtime::new().unwrap().block_on(again()));
    bounded(move || futures03::executor::block_on(make()));
}

#[test]
fn tasks_of_both_generations_run_while_the_set_is_awaited() {
    everywhere(|| async {
        let set = LocalSet::new();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let (one, two, three) = (seen.clone(), seen.clone(), seen.clone());
        set.spawn_local(async move { one.borrow_mut().push("std") });
        set.spawn_local(future::lazy(move || {
            two.borrow_mut().push("0.1");
            Ok(())
        }));
        set.run_until(async move {
            spawn_local(async move { three.borrow_mut().push("inside") }).await.unwrap();
        })
        .await;
        assert_eq!(*seen.borrow(), ["std", "0.1", "inside"]);
    });
}

#[test]
fn the_set_itself_is_ready_when_no_task_is_left() {
    everywhere(|| async {
        LocalSet::new().await;
        let mut set = LocalSet::new();
        let left = Rc::new(Cell::new(100));
        for n in 0..100 {
            let left = left.clone();
            set.spawn_local(async move {
                for _ in 0..n % 7 {
                    yield_now().await;
                }
                // Those that tasks spawn are waited for.
                spawn_local(async move { left.set(left.get() - 1) });
            });
        }
        (&mut set).await;
        assert_eq!(left.get(), 0);
        set.await;
    });
}

#[test]
fn a_futures01_future_can_be_run_until() {
    everywhere(|| async {
        let set = LocalSet::new();
        let rc = Rc::new(1);
        let waits = yield_now_futures01().map(move |()| *rc);
        assert_eq!(set.run_until(waits).await, Ok(1));
    });
}

#[test]
fn sockets_and_timers_are_the_runtimes() {
    fn check(mut block_on: impl FnMut(std::pin::Pin<Box<dyn std::future::Future<Output = ()>>>)) {
        let server = listener();
        let addr = server.local_addr().unwrap();
        let client = thread::spawn(move || {
            let mut peer = net::TcpStream::connect(addr).unwrap();
            peer.set_read_timeout(Some(LIMIT)).unwrap();
            peer.write_all(b"ping").unwrap();
            let mut echo = [0; 4];
            peer.read_exact(&mut echo).unwrap();
            assert_eq!(&echo, b"ping");
        });
        block_on(Box::pin(async move {
            let set = LocalSet::new();
            let not_send = Rc::new(server);
            set.run_until(async move {
                let served = spawn_local(async move {
                    let (sock, _) = not_send.accept().await.unwrap();
                    sleep(Duration::from_millis(1)).await;
                    // 0.1 futures of sockets, in a local task.
                    let (sock, buf): (TcpStream, _) =
                        tokio::io::read_exact(sock, [0; 4]).await.unwrap();
                    tokio::io::write_all(sock, buf).await.unwrap();
                });
                served.await.unwrap();
            })
            .await;
        }));
        client.join().unwrap();
    }
    bounded(|| {
        let runtime = runtime(2);
        check(|future| runtime.as_handle().block_on(future));
        let mut local = current_thread::Runtime::new().unwrap();
        check(|future| local.block_on(future));
    });
}

#[test]
fn spawn_inside_spawns_on_the_runtime_and_spawn_local_on_the_set() {
    bounded(|| {
        let runtime = runtime(1);
        let here = thread::current().id();
        let id = || thread::current().id();
        let set = LocalSet::new();
        let (local, sent) = set.block_on(&runtime, async move {
            assert!(Handle::try_current().is_ok());
            let local = spawn_local(async move { id() }).await.unwrap();
            // In a task of the set as well.
            let sent = spawn_local(async move { tokio::spawn(async move { id() }).await.unwrap() });
            (local, sent.await.unwrap())
        });
        assert_eq!(local, here);
        assert_ne!(sent, here);
    });
    // A task that `spawn` made is not the set's, also where both run on one thread.
    bounded(|| {
        let mut local = current_thread::Runtime::new().unwrap();
        let (task, ran) = local.block_on(async {
            let set = LocalSet::new();
            let ran = Rc::new(Cell::new(false));
            let run = ran.clone();
            let task = set.run_until(async move {
                drop(spawn_local(async move { run.set(true) }));
                // To be joined when the set is gone.
                Some(tokio::spawn(async { 1 }))
            });
            (task.await.unwrap(), ran)
        });
        // The set is gone, with what it had not polled.
        assert_eq!(local.block_on(task).unwrap(), 1);
        assert!(!ran.get());
    });
}

#[test]
fn other_threads_wake_and_abort_its_tasks() {
    everywhere(|| async {
        let set = LocalSet::new();
        let (send, receive) = futures03::channel::oneshot::channel::<u8>();
        let rc = Rc::new(1);
        let waits = set.spawn_local(async move { receive.await.unwrap() + *rc });
        let waker = thread::spawn(move || send.send(41).unwrap());
        assert_eq!(set.run_until(waits).await.unwrap(), 42);
        waker.join().unwrap();

        let dropped_on = Rc::new(Cell::new(None));
        struct Tell(Rc<Cell<Option<thread::ThreadId>>>);
        impl Drop for Tell {
            fn drop(&mut self) {
                self.0.set(Some(thread::current().id()));
            }
        }
        let tell = Tell(dropped_on.clone());
        let forever = set.spawn_local(async move {
            let _tell = tell;
            std::future::pending::<()>().await;
        });
        let error = set
            .run_until(async move {
                yield_now().await;
                let forever = thread::spawn(move || {
                    forever.abort();
                    forever
                });
                forever.join().unwrap().await.unwrap_err()
            })
            .await;
        assert!(error.is_cancelled());
        assert_eq!(dropped_on.get(), Some(thread::current().id()));
    });
}

#[test]
fn tasks_stay_between_runs_and_are_dropped_with_the_set() {
    everywhere(|| async {
        let set = LocalSet::new();
        let steps = Rc::new(Cell::new(0));
        let counted = steps.clone();
        let task = set.spawn_local(async move {
            loop {
                counted.set(counted.get() + 1);
                yield_now().await;
            }
        });
        set.run_until(yield_now()).await;
        let before = steps.get();
        assert!(before > 0);
        yield_now().await;
        assert_eq!(steps.get(), before);
        set.run_until(yield_now()).await;
        assert!(steps.get() > before);
        assert_eq!(Rc::strong_count(&steps), 2);
        drop(set);
        assert_eq!(Rc::strong_count(&steps), 1);
        let cancelled: Result<(), _> = task.await;
        assert!(cancelled.unwrap_err().is_cancelled());
    });
}

#[test]
fn tasks_that_are_always_ready_starve_neither_the_main_future_nor_others() {
    everywhere(|| async {
        let set = LocalSet::new();
        for _ in 0..200 {
            set.spawn_local(async {
                loop {
                    yield_now().await;
                }
            });
        }
        set.run_until(async {
            for _ in 0..10 {
                yield_now().await;
            }
            sleep(Duration::from_millis(1)).await;
        })
        .await;
    });
}

/// A waker that counts.
#[derive(Default)]
struct Count(std::sync::atomic::AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Count {
    fn take(&self) -> usize {
        self.0.swap(0, std::sync::atomic::Ordering::Relaxed)
    }
}

/// What awaits a set may be dropped at any time; the others are told.
#[test]
fn everyone_who_awaits_a_set_is_woken() {
    let set = LocalSet::new();
    let (send, receive) = futures03::channel::oneshot::channel::<()>();
    let task = set.spawn_local(receive);
    let counts: [Arc<Count>; 3] = Default::default();
    let mut runs: Vec<_> =
        counts.iter().map(|_| Box::pin(set.run_until(std::future::pending::<()>()))).collect();
    for _ in 0..3 {
        for (run, count) in runs.iter_mut().zip(&counts) {
            let waker = count.clone().into();
            assert!(std::future::Future::poll(run.as_mut(), &mut Context::from_waker(&waker))
                .is_pending());
        }
    }
    for count in &counts {
        assert_eq!(count.take(), 0);
    }
    send.send(()).unwrap();
    for count in &counts {
        assert!(count.take() > 0);
    }
    // The two that were woken first go without a poll.
    let mut last = runs.pop().unwrap();
    drop(runs);
    let waker = counts[2].clone().into();
    let _ = std::future::Future::poll(last.as_mut(), &mut Context::from_waker(&waker));
    assert!(task.is_finished());
    // A spawn from beside tells who waits.
    assert_eq!(counts[2].take(), 0);
    set.spawn_local(async {});
    assert!(counts[2].take() > 0);
}

/// Awaits a set for ever.
struct Other<'a> {
    run: Pin<Box<dyn std::future::Future<Output = ()> + 'a>>,
    count: Arc<Count>,
}

impl Other<'_> {
    fn is_pending(&mut self) -> bool {
        let waker = self.count.clone().into();
        self.run.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
    }
}

/// A task of the set that ends when it is told, and one who already awaits the set.
fn task_and_other(set: &LocalSet) -> (Sender<()>, JoinHandle<Result<(), Canceled>>, Other<'_>) {
    let (send, receive) = futures03::channel::oneshot::channel();
    let task = set.spawn_local(receive);
    let run = Box::pin(set.run_until(std::future::pending()));
    let mut other = Other { run, count: Arc::default() };
    assert!(other.is_pending());
    (send, task, other)
}

/// The main future wakes a task and is ready in one poll: whoever else awaits the set polls the task.
#[test]
fn tasks_that_are_ready_when_a_run_ends_are_left_to_the_others() {
    for way in ["ready", "panics"] {
        let set = LocalSet::new();
        let (send, task, mut other) = task_and_other(&set);
        let ends = set.run_until(async move {
            send.send(()).unwrap();
            if way == "panics" {
                panic_deliberately();
            }
        });
        let ended = catch_unwind(AssertUnwindSafe(|| futures03::executor::block_on(ends)));
        assert_eq!(ended.is_err(), way == "panics");
        assert!(!task.is_finished());
        assert!(other.count.take() > 0, "{way}");
        assert!(other.is_pending());
        assert!(task.is_finished());
    }
}

#[test]
fn a_set_may_be_awaited_by_its_own_tasks_and_by_those_of_another() {
    everywhere(|| async {
        let set = Rc::new(LocalSet::new());
        let inside = set.clone();
        let nested = set.spawn_local(async move {
            let task = spawn_local(async { 1 });
            let one = inside.run_until(task).await.unwrap();
            let other = LocalSet::new();
            let waits = spawn_local(async {
                yield_now().await;
                2
            });
            // `waits` is the outer set's, and goes on beside.
            let two = other.run_until(async move {
                let three = spawn_local(async { 3 }).await.unwrap();
                waits.await.unwrap() * three
            });
            one + two.await
        });
        assert_eq!(set.run_until(nested).await.unwrap(), 7);
    });
}

#[test]
fn a_panic_goes_to_the_handle_or_comes_out_and_the_set_stays_usable() {
    bounded(|| {
        let runtime = runtime(1);
        let set = LocalSet::new();
        let error = set.block_on(&runtime, set.spawn_local(async { panic_deliberately() }));
        let error = error.unwrap_err();
        assert!(error.try_into_panic().unwrap().is::<Deliberate>());
        set.spawn_local(future::lazy(|| -> Result<(), ()> { panic_deliberately() }));
        let waits = set.spawn_local(async { 1 });
        let out = catch_unwind(AssertUnwindSafe(|| {
            set.block_on(&runtime, std::future::pending::<()>());
        }));
        assert!(out.unwrap_err().is::<Deliberate>());
        assert_eq!(set.block_on(&runtime, waits).unwrap(), 1);
    });
}

#[test]
fn a_destructor_may_spawn_while_the_set_is_dropped() {
    struct Spawns;
    impl Drop for Spawns {
        fn drop(&mut self) {
            drop(spawn_local(async { unreachable!("the set is being dropped") }));
        }
    }
    everywhere(|| async {
        let set = LocalSet::new();
        let spawns = Spawns;
        set.spawn_local(async move {
            let _spawns = spawns;
            std::future::pending::<()>().await;
        });
        set.run_until(yield_now()).await;
    });
}

#[test]
fn outside_of_all_it_says_what_is_missing() {
    let message = panic_message(|| drop(spawn_local(async {})));
    assert!(message.contains("LocalSet"), "{message}");
    let message = bounded(|| {
        let mut runtime = runtime(1);
        runtime.block_on(async { panic_message(|| drop(spawn_local(async {}))) })
    });
    assert!(message.contains("LocalSet"), "{message}");
}

/// A task of the runtime of the current thread is woken by a task of the set that it awaits.
#[test]
fn a_set_and_the_runtime_around_it_wake_each_other() {
    bounded(|| {
        current_thread::block_on_all(async {
            let (to_set, mut from_runtime) = futures03::channel::mpsc::unbounded::<u32>();
            let (to_runtime, mut from_set) = futures03::channel::mpsc::unbounded::<u32>();
            use futures03::StreamExt;
            let beside = current_thread::spawn(async move {
                for n in 0..1000 {
                    to_set.unbounded_send(n).unwrap();
                    assert_eq!(from_set.next().await, Some(n));
                }
            });
            let set = LocalSet::new();
            set.spawn_local(async move {
                while let Some(n) = from_runtime.next().await {
                    to_runtime.unbounded_send(n).unwrap();
                }
            });
            set.await;
            beside.await.unwrap();
        });
    });
}

/// A futures 0.1 task polls what awaits a set.
#[test]
fn a_futures01_task_of_one_thread_awaits_a_set() {
    bounded(|| {
        let set = Rc::new(LocalSet::new());
        let run = set.clone();
        let waits = tokio::task::StdAsFutures01::new(async move {
            let task = run.spawn_local(async {
                Futures01AsStd::new(yield_now_futures01()).await.unwrap();
                1
            });
            run.run_until(task).await.unwrap()
        });
        assert_eq!(current_thread::block_on_all(waits), Ok(1));
    });
}

#[test]
fn many_messages_from_other_threads_arrive() {
    bounded(|| {
        let runtime = runtime(2);
        let (send, mut receive) = futures03::channel::mpsc::channel::<u32>(4);
        let threads = [send.clone(), send].map(|mut send| {
            thread::spawn(move || {
                futures03::executor::block_on(async move {
                    for n in 0..5000 {
                        futures03::SinkExt::send(&mut send, n).await.unwrap();
                    }
                });
            })
        });
        let set = LocalSet::new();
        let received = Rc::new(Cell::new(0));
        let counted = received.clone();
        set.spawn_local(async move {
            while futures03::StreamExt::next(&mut receive).await.is_some() {
                counted.set(counted.get() + 1);
            }
        });
        runtime.as_handle().block_on(set);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(received.get(), 10_000);
    });
}

#[test]
fn the_waker_of_a_run_that_is_gone_is_harmless() {
    bounded(|| {
        let set = LocalSet::new();
        let (kept, keep) = channel();
        drop(set.spawn_local(poll_fn(move |cx| {
            kept.send(cx.waker().clone()).unwrap();
            Poll::<()>::Pending
        })));
        futures03::executor::block_on(set.run_until(yield_now()));
        drop(set);
        thread::spawn(move || keep.try_iter().for_each(|waker| waker.wake())).join().unwrap();
    });
}

/// What is around a set stays what `tokio::spawn` means while the set is dropped.
#[test]
fn a_destructor_of_a_sets_task_spawns_on_the_runtime_around_it() {
    struct Spawns(std::sync::mpsc::Sender<()>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let spawned = self.0.clone();
            drop(tokio::spawn(async move { spawned.send(()).unwrap() }));
        }
    }
    async fn leave_one_behind(spawns: Spawns) {
        let set = LocalSet::new();
        set.spawn_local(async move {
            let _spawns = spawns;
            std::future::pending::<()>().await;
        });
        set.run_until(yield_now()).await;
    }
    bounded(|| {
        let (spawned, was_spawned) = channel();
        current_thread::block_on_all(leave_one_behind(Spawns(spawned)));
        assert_eq!(was_spawned.try_iter().count(), 1);
    });
    bounded(|| {
        let (spawned, was_spawned) = channel();
        let runtime = runtime(1);
        runtime.as_handle().block_on(leave_one_behind(Spawns(spawned)));
        was_spawned.recv_timeout(LIMIT).unwrap();
    });
}

#[test]
fn a_set_that_is_dropped_in_a_task_of_another_leaves_no_tasks_there() {
    struct Spawns(Rc<Cell<Option<tokio::task::JoinHandle<()>>>>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            self.0.set(Some(spawn_local(async { unreachable!("its set is being dropped") })));
        }
    }
    everywhere(|| async {
        let outer = LocalSet::new();
        let handle = Rc::new(Cell::new(None));
        let spawns = Spawns(handle.clone());
        let task = outer.spawn_local(async move {
            let dropped = LocalSet::new();
            dropped.spawn_local(async move {
                let _spawns = spawns;
                std::future::pending::<()>().await;
            });
            dropped.run_until(yield_now()).await;
        });
        outer.run_until(task).await.unwrap();
        let spawned = handle.take().unwrap();
        assert!(outer.run_until(spawned).await.unwrap_err().is_cancelled());
    });
}

/// An executor that runs inside of a task of a set hides the set.
#[test]
fn spawn_local_means_the_innermost_executor() {
    bounded(|| {
        let set = LocalSet::new();
        let inside = set.run_until(async {
            let one = current_thread::block_on_all(async {
                current_thread::spawn(async { 1 }).await.unwrap()
            });
            one + spawn_local(async { 1 }).await.unwrap()
        });
        assert_eq!(futures03::executor::block_on(inside), 2);
    });
}

/// They are polled one after another, not one inside of the other.
#[test]
fn any_number_of_a_sets_tasks_may_await_it_and_come_to_rest() {
    const TASKS: usize = 20_000;
    bounded(|| {
        let set = Rc::new(LocalSet::new());
        let begun = Rc::new(Cell::new(0));
        let spawn = |_| {
            let (inside, begun) = (set.clone(), begun.clone());
            set.spawn_local(async move {
                let waits = async move {
                    begun.set(begun.get() + 1);
                    std::future::pending::<()>().await;
                };
                inside.run_until(waits).await;
            })
        };
        let tasks: Vec<_> = (0..TASKS).map(spawn).collect();
        let count = Arc::new(Count::default());
        let waker = count.clone().into();
        let mut cx = Context::from_waker(&waker);
        let mut run = pin!(set.run_until(std::future::pending::<()>()));
        let mut polls = 0;
        loop {
            assert!(std::future::Future::poll(run.as_mut(), &mut cx).is_pending());
            if count.take() == 0 {
                break;
            }
            polls += 1;
            assert!(polls <= 2 * TASKS, "the tasks keep each other awake");
        }
        assert_eq!(begun.get(), TASKS);

        tasks.iter().for_each(|task| task.abort());
        while tasks.iter().any(|task| !task.is_finished()) {
            assert!(count.take() > 0, "a task that was aborted is still there");
            assert!(std::future::Future::poll(run.as_mut(), &mut cx).is_pending());
        }
        assert_eq!(Rc::strong_count(&set), 1);
    });
}

#[test]
fn a_main_future_that_is_always_ready_does_not_starve_the_sets_tasks() {
    everywhere(|| async {
        let set = LocalSet::new();
        let done = Rc::new(Cell::new(false));
        let sets = done.clone();
        drop(set.spawn_local(async move { sets.set(true) }));
        set.run_until(async move {
            for _ in 0..1_000_000 {
                poll_fn(|cx| tokio_task::poll_proceed(cx.into())).await;
                if done.get() {
                    return;
                }
            }
            panic!("the task had no turn");
        })
        .await;
    });
}

#[test]
fn a_run_that_has_ended_leaves_no_waker_behind() {
    let set = LocalSet::new();
    let (_send, receive) = futures03::channel::oneshot::channel::<()>();
    drop(set.spawn_local(receive));
    let counts: Vec<Arc<Count>> = (0..100).map(|_| Arc::default()).collect();
    for (n, count) in counts.iter().enumerate() {
        let waker = count.clone().into();
        let mut cx = Context::from_waker(&waker);
        let mut run = pin!(set.run_until(yield_now()));
        assert!(std::future::Future::poll(run.as_mut(), &mut cx).is_pending());
        // Every second one is dropped instead.
        if n % 2 == 0 {
            assert!(std::future::Future::poll(run.as_mut(), &mut cx).is_ready());
        }
    }
    assert!(counts.iter().all(|count| Arc::strong_count(count) == 1));
}

/// A wake from another thread comes in the middle of one who takes a place beside.
#[test]
fn a_wake_while_another_comes_to_await_the_set_is_not_lost() {
    bounded(|| {
        let set = LocalSet::new();
        let (send, task, mut other) = task_and_other(&set);
        other.count.take();

        let comes = when_cloned(move || thread::spawn(|| send.send(()).unwrap()).join().unwrap());
        let mut done = pin!(set.run_until(std::future::ready(())));
        assert!(
            std::future::Future::poll(done.as_mut(), &mut Context::from_waker(&comes)).is_ready()
        );
        assert!(!task.is_finished());
        assert!(other.count.take() > 0, "the one who is left was not woken");
        assert!(other.is_pending());
        assert!(task.is_finished());
    });
}

/// A waker that calls `f` when it is cloned for the first time, and does nothing else.
fn when_cloned(f: impl FnOnce() + Send + 'static) -> std::task::Waker {
    use std::task::{RawWaker, RawWakerVTable, Waker};
    type Hook = std::sync::Mutex<Option<Box<dyn FnOnce() + Send>>>;
    // SAFETY, of each: the waker owns one count of its `Arc`, made by `into_raw` or by the clone.
    const VTABLE: RawWakerVTable = RawWakerVTable::new(
        |hook| {
            // SAFETY: see above; the waker is borrowed meanwhile.
            let f = unsafe { &*hook.cast::<Hook>() }.lock().unwrap().take();
            f.into_iter().for_each(|f| f());
            // SAFETY: see above.
            unsafe { Arc::increment_strong_count(hook.cast::<Hook>()) };
            RawWaker::new(hook, &VTABLE)
        },
        // SAFETY: see above; a waker that wakes is gone.
        |hook| unsafe { Arc::decrement_strong_count(hook.cast::<Hook>()) },
        |_| {},
        // SAFETY: see above.
        |hook| unsafe { Arc::decrement_strong_count(hook.cast::<Hook>()) },
    );
    let hook: Arc<Hook> = Arc::new(std::sync::Mutex::new(Some(Box::new(f))));
    // SAFETY: the functions may be called on any thread, and own what they use.
    unsafe { Waker::from_raw(RawWaker::new(Arc::into_raw(hook).cast(), &VTABLE)) }
}
