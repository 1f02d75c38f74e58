//! A runtime from its start to its end: `run`, `spawn`, `block_on`, and every way of stopping.

mod support;

use futures::future::Executor as _;
use futures::{future, Future as Future01, Stream as _};
use std::future::poll_fn;
use std::io::{ErrorKind, Read};
use std::net;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use support::echo::{noise, Peer};
use support::{
    bounded, listener, once, panic_deliberately, panic_message, runtime, within, Deliberate,
    Futures01, Generation, Std,
};
use tokio::executor::{Executor, TypedExecutor};
use tokio::net::{TcpStream, UdpSocket};
use tokio::runtime::{Builder, Runtime};
use tokio_task::Caller;

both! {
    run_returns_when_all_that_was_spawned_is_done,
    a_panicking_task_neither_hangs_run_nor_kills_others,
    a_panic_in_the_first_task_does_not_hang_run,
    nested_run_panics_with_the_documented_message,
    nested_block_on_panics_with_the_documented_message,
    spawning_outside_a_runtime_panics_with_the_documented_message,
    spawning_while_panicking_drops_the_future,
    spawning_from_a_destructor_of_a_panicking_task_does_not_abort,
    a_runtime_may_be_dropped_by_one_of_its_own_tasks,
    the_last_handle_of_a_runtime_may_be_shut_down_by_its_own_task,
    shutdown_drops_every_future_exactly_once,
    a_panic_in_a_destructor_does_not_block_the_shutdown,
    spawning_from_a_destructor_during_shutdown_drops_the_future,
    executors_spawn_from_other_threads,
    block_on_returns_what_the_future_yields,
    block_on_panics_as_its_future_does,
    block_on_all_waits_for_what_was_spawned,
    block_on_leaves_spawned_tasks_running,
}

/// Counts how often it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, SeqCst);
    }
}

/// A task that does nothing but drop `counted`.
fn dropping(counted: Counted) -> impl Future01<Item = (), Error = ()> + Send {
    future::lazy(move || {
        drop(counted);
        Ok(())
    })
}

/// Calls what it holds when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn spawn_tree<G: Generation>(depth: u32, done: Arc<AtomicUsize>) {
    // The generations alternate on the way down.
    fn node<G: Generation, H: Generation>(depth: u32, done: Arc<AtomicUsize>) {
        let mut yielded = false;
        G::spawn(move |caller: Caller<'_>| {
            if !std::mem::replace(&mut yielded, true) {
                caller.wake();
                return Poll::Pending;
            }
            if depth > 0 {
                node::<H, G>(depth - 1, done.clone());
                node::<H, G>(depth - 1, done.clone());
            }
            done.fetch_add(1, SeqCst);
            Poll::Ready(())
        });
    }
    node::<G, Std>(depth, done.clone());
    node::<G, Futures01>(depth, done);
}

fn run_returns_when_all_that_was_spawned_is_done<G: Generation>() {
    let done = Arc::new(AtomicUsize::new(0));
    let counter = done.clone();
    G::run(once(move || spawn_tree::<G>(6, counter)));
    assert_eq!(done.load(SeqCst), 2 * 127);
}

fn a_panicking_task_neither_hangs_run_nor_kills_others<G: Generation>() {
    let done = Arc::new(AtomicUsize::new(0));
    let counter = done.clone();
    G::run(once(move || {
        for _ in 0..50 {
            Futures01::spawn_once(|| panic_deliberately());
            Std::spawn_once(|| panic_deliberately());
            let counter = counter.clone();
            G::spawn_once(move || {
                counter.fetch_add(1, SeqCst);
            });
        }
    }));
    assert_eq!(done.load(SeqCst), 50);
}

fn a_panic_in_the_first_task_does_not_hang_run<G: Generation>() {
    G::run(once(|| {
        G::spawn_once(|| ());
        panic_deliberately()
    }));
}

#[test]
fn a_panic_is_reported_to_the_handler_of_the_runtime() {
    bounded(|| {
        let (report, reports) = channel();
        let mut runtime = Builder::new()
            .core_threads(2)
            .panic_handler(move |payload| report.send(payload.is::<Deliberate>()).unwrap())
            .build()
            .unwrap();
        Futures01::spawn_on(&runtime.executor(), once(|| panic_deliberately()));
        assert!(within(&reports));
        // A std task's handle is dropped here: nobody else would hear of it.
        drop(runtime.spawn(async { panic_deliberately() }));
        assert!(within(&reports));
    });
}

#[test]
fn a_panic_is_reported_to_who_joins_the_task() {
    bounded(|| {
        let mut runtime = runtime(2);
        let handle = runtime.spawn(async { panic_deliberately() });
        let error = runtime.block_on(handle).unwrap_err();
        assert!(error.is_panic() && !error.is_cancelled());
        assert!(error.into_panic().is::<Deliberate>());
    });
}

fn nested_run_panics_with_the_documented_message<G: Generation>() {
    let (send, message) = channel();
    let (done, after) = channel();
    G::run(once(move || {
        send.send(panic_message(|| Futures01::run(once(|| ())))).unwrap();
        send.send(panic_message(|| Std::run(once(|| ())))).unwrap();
        // The worker is none the worse for it.
        G::spawn_once(move || done.send(()).unwrap());
    }));
    for _ in 0..2 {
        let message = within(&message);
        assert!(message.starts_with("`tokio::run` inside a runtime: spawn"), "{message}");
    }
    within(&after);
}

fn nested_block_on_panics_with_the_documented_message<G: Generation>() {
    let (send, message) = channel();
    let mut other = runtime(1);
    G::run(once(move || {
        send.send(panic_message(|| G::block_on(&mut other, once(|| ())))).unwrap();
        let all = panic_message(move || {
            let _ = other.block_on_all(future::ok::<_, ()>(()));
        });
        send.send(all).unwrap();
    }));
    for _ in 0..2 {
        let message = within(&message);
        assert!(message.starts_with("`block_on` inside a runtime: await"), "{message}");
    }
}

fn spawning_outside_a_runtime_panics_with_the_documented_message<G: Generation>() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let counted = Counted(dropped.clone());
    let message = panic_message(|| G::spawn_once(move || drop(counted)));
    assert!(message.starts_with("cannot spawn: "), "{message}");
    assert_eq!(dropped.load(SeqCst), 1);
}

fn spawning_while_panicking_drops_the_future<G: Generation>() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let mut counted = Some(Counted(dropped.clone()));
    let payload = catch_unwind(AssertUnwindSafe(|| {
        let _spawns = OnDrop(|| {
            let counted = counted.take();
            G::spawn_once(move || drop(counted));
        });
        panic_deliberately()
    }));
    assert!(payload.unwrap_err().is::<Deliberate>());
    assert_eq!(dropped.load(SeqCst), 1);
}

fn spawning_from_a_destructor_of_a_panicking_task_does_not_abort<G: Generation>() {
    let (send, spawned) = channel();
    G::run(once(move || {
        let _spawns = OnDrop(|| {
            let send = send.clone();
            G::spawn_once(move || send.send(()).unwrap());
        });
        panic_deliberately()
    }));
    // Inside a runtime the task is spawned as ever.
    within(&spawned);
}

#[test]
fn spawning_after_shutdown_is_an_error_never_a_hang() {
    bounded(|| {
        let dropped = Arc::new(AtomicUsize::new(0));
        let counted = || Counted(dropped.clone());
        let runtime = runtime(2);
        let mut executor = runtime.executor();
        assert!(Executor::status(&executor).is_ok());
        runtime.shutdown_now().wait().unwrap();

        let one = counted();
        executor.spawn(dropping(one));
        assert_eq!(dropped.load(SeqCst), 1);

        let two = counted();
        let error = executor.spawn(async move { drop(two) }).join().wait().unwrap_err();
        assert!(error.is_cancelled() && !error.is_panic());
        assert_eq!(dropped.load(SeqCst), 2);

        let three = counted();
        let boxed = Box::new(dropping(three));
        assert!(Executor::spawn(&mut executor, boxed).unwrap_err().is_shutdown());
        let four = counted();
        let typed = dropping(four);
        assert!(TypedExecutor::spawn(&mut executor, typed).unwrap_err().is_shutdown());
        assert_eq!(dropped.load(SeqCst), 4);

        let five = counted();
        let refused = executor.execute(dropping(five)).unwrap_err();
        assert_eq!(dropped.load(SeqCst), 4, "`execute` hands the future back");
        refused.into_future().wait().unwrap();
        assert_eq!(dropped.load(SeqCst), 5);

        assert!(Executor::status(&executor).unwrap_err().is_shutdown());
    });
}

fn executors_spawn_from_other_threads<G: Generation>() {
    let runtime = runtime(2);
    let done = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..4)
        .map(|_| (runtime.executor(), done.clone()))
        .map(|(executor, done)| {
            thread::spawn(move || {
                for _ in 0..500 {
                    let done = done.clone();
                    let count = move || {
                        done.fetch_add(1, SeqCst);
                    };
                    G::spawn_on(&executor, once(count));
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    runtime.shutdown_on_idle().wait().unwrap();
    assert_eq!(done.load(SeqCst), 4 * 500);
}

fn a_runtime_may_be_dropped_by_one_of_its_own_tasks<G: Generation>() {
    for workers in [1, 2] {
        let (give, runtime_to_drop) = sync_channel::<Runtime>(1);
        let (done, dropped) = channel();
        let (release, released) = channel();
        let runtime = runtime(workers);
        let executor = runtime.executor();
        let kept = OnDrop(move || release.send(()).unwrap());
        G::spawn_on(&executor, move |_| {
            let _ = &kept;
            Poll::Pending
        });
        G::spawn_on(
            &executor,
            once(move || {
                drop(runtime_to_drop.recv().unwrap());
                done.send(()).unwrap();
            }),
        );
        give.send(runtime).unwrap();
        within(&dropped);
        // The other task is dropped once the workers have come to their end.
        within(&released);
    }
}

fn the_last_handle_of_a_runtime_may_be_shut_down_by_its_own_task<G: Generation>() {
    let (give, runtime_to_stop) = sync_channel::<Runtime>(1);
    let (send, shutdown) = channel();
    let runtime = runtime(2);
    let executor = runtime.executor();
    G::spawn_on(
        &executor,
        once(move || send.send(runtime_to_stop.recv().unwrap().shutdown_on_idle()).unwrap()),
    );
    give.send(runtime).unwrap();
    within(&shutdown).wait().unwrap();
    assert!(Executor::status(&executor).unwrap_err().is_shutdown());
}

/// A connection whose server side waits for bytes in a task of `runtime`.
fn waiting_connection<G: Generation>(
    runtime: &Runtime,
    dropped: &Arc<AtomicUsize>,
) -> net::TcpStream {
    let std_listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let client = net::TcpStream::connect(std_listener.local_addr().unwrap()).unwrap();
    let (served, _) = std_listener.accept().unwrap();
    let served = TcpStream::from_std(served, &Default::default()).unwrap();
    let counted = Counted(dropped.clone());
    let (polled, first) = channel();
    G::spawn_on(&runtime.executor(), move |caller| {
        let _ = &counted;
        let read = served.poll_read_with(caller, &mut [0; 8]);
        let _ = polled.send(());
        read.map(|read| assert_eq!(read.unwrap(), 0))
    });
    within(&first);
    client
}

fn shutdown_drops_every_future_exactly_once<G: Generation>() {
    for workers in [1, 2] {
        let runtime = runtime(workers);
        let dropped = Arc::new(AtomicUsize::new(0));
        let mut clients: Vec<_> =
            (0..10).map(|_| waiting_connection::<G>(&runtime, &dropped)).collect();
        // Ready to run for ever, and never polled at all, behind the ones that are.
        for _ in 0..20 {
            let counted = Counted(dropped.clone());
            G::spawn_on(&runtime.executor(), move |caller: Caller<'_>| {
                let _ = &counted;
                caller.wake();
                Poll::Pending
            });
        }
        assert_eq!(dropped.load(SeqCst), 0);
        runtime.shutdown_now().wait().unwrap();
        assert_eq!(dropped.load(SeqCst), 30);
        for client in &mut clients {
            client.set_read_timeout(Some(support::LIMIT)).unwrap();
            assert_eq!(client.read(&mut [0; 8]).unwrap(), 0, "the socket is closed");
        }
    }
}

#[test]
fn dropping_a_runtime_drops_every_future_exactly_once() {
    bounded(|| {
        let runtime = runtime(2);
        let dropped = Arc::new(AtomicUsize::new(0));
        let _clients = (
            waiting_connection::<Futures01>(&runtime, &dropped),
            waiting_connection::<Std>(&runtime, &dropped),
        );
        drop(runtime);
        assert_eq!(dropped.load(SeqCst), 2);
    });
}

#[test]
fn shutdown_on_idle_waits_for_pending_sockets() {
    bounded(|| {
        let runtime = runtime(2);
        let dropped = Arc::new(AtomicUsize::new(0));
        let clients = (
            waiting_connection::<Futures01>(&runtime, &dropped),
            waiting_connection::<Std>(&runtime, &dropped),
        );
        let (send, stopped) = channel();
        let shutdown = runtime.shutdown_on_idle();
        let waiter = thread::spawn(move || send.send(shutdown.wait()).unwrap());
        drop(clients.0);
        // Half of the work is done, so this says nothing yet.
        assert!(stopped.try_recv().is_err());
        assert!(dropped.load(SeqCst) <= 1);
        drop(clients.1);
        within(&stopped).unwrap();
        assert_eq!(dropped.load(SeqCst), 2);
        waiter.join().unwrap();
    });
}

#[test]
fn tasks_may_spawn_while_the_runtime_waits_to_be_idle() {
    bounded(|| {
        let runtime = runtime(2);
        let (release, released) = futures::sync::oneshot::channel::<()>();
        let done = Arc::new(AtomicUsize::new(0));
        let counter = done.clone();
        runtime.executor().spawn(released.then(move |_| {
            spawn_tree::<Futures01>(4, counter.clone());
            spawn_tree::<Std>(4, counter);
            Ok(())
        }));
        let shutdown = runtime.shutdown_on_idle();
        release.send(()).unwrap();
        shutdown.wait().unwrap();
        assert_eq!(done.load(SeqCst), 4 * 31);
    });
}

#[test]
fn a_shutdown_can_be_awaited_by_std() {
    bounded(|| {
        let runtime = runtime(1);
        let ran = Arc::new(AtomicUsize::new(0));
        let seen = ran.clone();
        runtime.executor().spawn(async move {
            ran.fetch_add(1, SeqCst);
        });
        let idle = runtime.shutdown_on_idle();
        let () = futures03::executor::block_on(async { idle.await });
        assert_eq!(seen.load(SeqCst), 1);
    });
}

fn a_panic_in_a_destructor_does_not_block_the_shutdown<G: Generation>() {
    let runtime = runtime(2);
    let dropped = Arc::new(AtomicUsize::new(0));
    let (polled, first) = channel();
    for i in 0..10 {
        let counted = Counted(dropped.clone());
        let polled = polled.clone();
        let panics = OnDrop(move || {
            let _ = &counted;
            if i % 2 == 0 {
                panic_deliberately();
            }
        });
        G::spawn_on(&runtime.executor(), move |_| {
            let _ = &panics;
            let _ = polled.send(());
            Poll::Pending
        });
    }
    (0..10).for_each(|_| within(&first));
    runtime.shutdown_now().wait().unwrap();
    assert_eq!(dropped.load(SeqCst), 10);
}

fn spawning_from_a_destructor_during_shutdown_drops_the_future<G: Generation>() {
    let runtime = runtime(2);
    let dropped = Arc::new(AtomicUsize::new(0));
    let (polled, first) = channel();
    let mut counted = Some(Counted(dropped.clone()));
    let executor = runtime.executor();
    let spawns = OnDrop(move || {
        let counted = counted.take();
        // Through the ambient executor, if there is one, and through the handle.
        let _ = catch_unwind(|| G::spawn_once(|| ()));
        G::spawn_on(&executor, once(move || drop(counted)));
    });
    G::spawn_on(&runtime.executor(), move |_| {
        let _ = &spawns;
        let _ = polled.send(());
        Poll::Pending
    });
    within(&first);
    runtime.shutdown_now().wait().unwrap();
    assert_eq!(dropped.load(SeqCst), 1);
}

#[test]
fn sockets_that_outlive_their_runtime_fail_with_a_clear_error() {
    bounded(|| {
        let mut runtime = runtime(2);
        let tcp = listener();
        let addr = tcp.local_addr().unwrap();
        let udp = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
        let (tcp, mut udp, client, _served) = runtime.block_on(async move {
            let connecting = TcpStream::connect(&addr).into_future_std();
            let (client, accepted) = futures03::join!(connecting, tcp.accept());
            // The first poll binds it to this runtime's reactor.
            assert!(
                poll_fn(|cx| Poll::Ready(
                    udp.poll_recv_from_with(cx.into(), &mut [0; 8]).is_pending()
                ))
                .await
            );
            (tcp, udp, client.unwrap(), accepted.unwrap())
        });
        drop(runtime);
        for error in [
            futures03::executor::block_on(tcp.accept()).unwrap_err(),
            tcp.incoming().into_future().wait().map(drop).map_err(|(error, _)| error).unwrap_err(),
            futures03::executor::block_on(udp.recv_from(&mut [0; 8])).unwrap_err(),
            future::poll_fn(|| udp.poll_recv_from(&mut [0; 8])).wait().unwrap_err(),
            futures03::executor::block_on(client.peek(&mut [0; 8])).unwrap_err(),
            tokio::io::read_exact(client, [0; 8]).wait().unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Other, "{error}");
            assert!(error.to_string().contains("reactor"), "{error}");
        }
    });
}

/// `.into_future()` of std, where futures 0.1's is in scope as well.
trait IntoFutureStd: std::future::IntoFuture + Sized {
    fn into_future_std(self) -> Self::IntoFuture {
        std::future::IntoFuture::into_future(self)
    }
}

impl<F: std::future::IntoFuture> IntoFutureStd for F {}

#[test]
fn a_struct_may_drop_its_runtime_and_sockets_in_any_order() {
    bounded(|| {
        // Fields are dropped in the order of their declaration.
        #[allow(dead_code, reason = "held to be dropped")]
        struct RuntimeFirst {
            runtime: Runtime,
            sockets: (tokio::net::TcpListener, TcpStream),
        }
        #[allow(dead_code, reason = "held to be dropped")]
        struct SocketsFirst {
            sockets: (tokio::net::TcpListener, TcpStream),
            runtime: Runtime,
        }
        fn used(runtime: &mut Runtime) -> (tokio::net::TcpListener, TcpStream) {
            let tcp = listener();
            let connecting = TcpStream::connect(&tcp.local_addr().unwrap());
            runtime.block_on(async move {
                let (client, accepted) =
                    futures03::join!(connecting.into_future_std(), tcp.accept());
                drop(accepted.unwrap());
                (tcp, client.unwrap())
            })
        }
        for _ in 0..10 {
            let mut runtime = runtime(2);
            let sockets = used(&mut runtime);
            drop(RuntimeFirst { runtime, sockets });
            let mut runtime = support::runtime(2);
            let sockets = used(&mut runtime);
            drop(SocketsFirst { sockets, runtime });
        }
    });
}

#[test]
fn block_on_serves_sockets_of_either_generation() {
    fn exchange<S: Peer, C: Peer>() {
        let mut runtime = runtime(2);
        let listener = listener();
        let addr = listener.local_addr().unwrap();
        let message = noise(100_000, 1);
        let expected = message.clone();
        let echo = runtime.block_on(async move {
            S::serve(listener, 1);
            C::exchange(addr, message).await
        });
        assert!(echo.unwrap() == expected);
    }
    bounded(exchange::<Futures01, Std>);
    bounded(exchange::<Std, Futures01>);
}

fn block_on_returns_what_the_future_yields<G: Generation>() {
    let mut runtime = runtime(2);
    let owned = String::from("moved in and out");
    assert_eq!(G::block_on(&mut runtime, once(move || owned)), "moved in and out");
}

#[test]
fn block_on_returns_errors() {
    bounded(|| {
        let mut runtime = runtime(1);
        assert_eq!(runtime.block_on(future::err::<(), _>("0.1")), Err("0.1"));
        assert_eq!(runtime.block_on(async { Err::<(), _>("std") }), Err("std"));
        assert_eq!(runtime.block_on_all(future::err::<(), _>("0.1")), Err("0.1"));
    });
}

fn block_on_panics_as_its_future_does<G: Generation>() {
    let mut runtime = runtime(2);
    let payload =
        catch_unwind(AssertUnwindSafe(|| G::block_on(&mut runtime, once(|| panic_deliberately()))));
    assert!(payload.unwrap_err().is::<Deliberate>());
    // Neither the runtime nor the thread is the worse for it.
    assert_eq!(G::block_on(&mut runtime, once(|| 1)), 1);
}

fn block_on_all_waits_for_what_was_spawned<G: Generation>() {
    let done = Arc::new(AtomicUsize::new(0));
    let counter = done.clone();
    let result = runtime(2).block_on_all(async move {
        spawn_tree::<G>(5, counter);
        "output"
    });
    assert_eq!(result, "output");
    assert_eq!(done.load(SeqCst), 2 * 63);
}

fn block_on_leaves_spawned_tasks_running<G: Generation>() {
    let mut runtime = runtime(2);
    let (send, done) = channel();
    let (release, released) = channel::<()>();
    G::block_on(
        &mut runtime,
        once(move || {
            G::spawn_once(move || {
                // Not before `block_on` has returned.
                released.recv().unwrap();
                send.send(()).unwrap();
            })
        }),
    );
    release.send(()).unwrap();
    within(&done);
}
