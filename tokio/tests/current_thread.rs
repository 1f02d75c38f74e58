//! The runtime of the current thread: sockets, timers and tasks of both generations on one thread.
#![allow(clippy::unit_arg, reason = "closures of futures 0.1 end with `Ok(..)` of what they call")]

mod support;

use futures::future::{self, Executor as _, FutureResult};
use futures::{Future as _, Stream as _};
use futures03::future::join_all;
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::task::{ready, Poll};
use std::thread;
use std::time::{Duration, Instant};
use support::echo::{echo_futures01, echo_std, noise, Peer};
use support::{bounded, listener, panic_message, Deliberate, Futures01, Generation, Std, LIMIT};
use tests_heap::{allocations, Counting, COUNTS_THREADS};
use tokio::clock::MockClock;
use tokio::net::{TcpStream, UdpSocket};
use tokio::runtime::current_thread::{
    block_on_all, run, spawn, Builder, Handle, Runtime, TaskExecutor,
};
use tokio::time::sleep;
use tokio::timer::Delay;
use tokio_executor::TypedExecutor;
use tokio_task::{to_futures01, Caller, JoinHandle};

#[global_allocator]
static HEAP: Counting = Counting;

fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

/// A task of either generation that need not be `Send`.
trait Local: Generation {
    fn spawn_local(step: impl FnMut(Caller<'_>) -> Poll<()> + 'static);
    fn block_on_local<T>(runtime: &mut Runtime, step: impl FnMut(Caller<'_>) -> Poll<T>) -> T;
}

impl Local for Futures01 {
    fn spawn_local(mut step: impl FnMut(Caller<'_>) -> Poll<()> + 'static) {
        spawn(future::poll_fn(move || to_futures01(step(Caller::Futures01).map(Ok))));
    }

    fn block_on_local<T>(runtime: &mut Runtime, mut step: impl FnMut(Caller<'_>) -> Poll<T>) -> T {
        let future = future::poll_fn(move || to_futures01(step(Caller::Futures01).map(Ok)));
        runtime.block_on(future.map_err(|()| ())).unwrap()
    }
}

impl Local for Std {
    fn spawn_local(mut step: impl FnMut(Caller<'_>) -> Poll<()> + 'static) {
        drop(spawn(std::future::poll_fn(move |cx| step(cx.into()))));
    }

    fn block_on_local<T>(runtime: &mut Runtime, mut step: impl FnMut(Caller<'_>) -> Poll<T>) -> T {
        runtime.block_on(std::future::poll_fn(move |cx| step(cx.into())))
    }
}

both! {
    delays_are_never_early,
    tasks_that_are_always_ready_starve_neither_sockets_nor_timers,
    many_short_block_on_calls_advance_sockets_and_timers,
    timers_go_by_the_runtimes_clock,
    send_tasks_are_spawned_by_the_default_executor_in_one_allocation,
    dropping_the_runtime_drops_each_future_once,
    a_panic_leaves_the_runtime_usable,
    an_idle_runtime_does_not_spin,
}

macro_rules! pairings {
    ($($name:ident: $server:ty, $client:ty;)+) => {$(
        #[test]
        fn $name() {
            bounded(echoes_are_exact::<$server, $client>);
        }
    )+};
}

pairings! {
    futures01_serves_futures01: Futures01, Futures01;
    futures01_serves_std: Futures01, Std;
    std_serves_futures01: Std, Futures01;
    std_serves_std: Std, Std;
}

fn echoes_are_exact<S: Peer, C: Peer>() {
    let mut runtime = runtime();
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    let lengths = [0, 1, 4096, 65_537, 1_000_000];
    let messages: Vec<_> = lengths.iter().map(|&len| noise(len, len as u64)).collect();
    let echoes = runtime.block_on(async {
        S::serve(listener, messages.len() as u64);
        join_all(messages.iter().map(|message| C::exchange(addr, message.clone()))).await
    });
    for (message, echo) in messages.iter().zip(echoes) {
        assert!(*message == echo.unwrap(), "{} bytes came back changed", message.len());
    }
    runtime.run().unwrap();
}

#[test]
fn one_server_serves_both_generations_with_tasks_that_are_not_send() {
    bounded(|| {
        let served = Rc::new(Cell::new(0));
        let (listener, count) = (listener(), served.clone());
        let addr = listener.local_addr().unwrap();
        let mut runtime = runtime();
        let server =
            listener.incoming().take(20).map_err(|e| panic!("{e}")).for_each(move |sock| {
                // One connection in each generation, in turn.
                let count = count.clone();
                count.set(count.get() + 1);
                if count.get() % 2 == 0 {
                    spawn(echo_futures01(sock).map(move |()| drop(count)));
                } else {
                    drop(spawn(async move {
                        echo_std(sock).await;
                        drop(count);
                    }));
                }
                Ok(())
            });
        runtime.spawn(server);
        let clients = (0..10).map(|i| async move {
            let message = noise(10_000, i);
            let one = Futures01::exchange(addr, message.clone()).await.unwrap();
            let two = Std::exchange(addr, message.clone()).await.unwrap();
            assert!(one == message && two == message);
        });
        runtime.block_on(join_all(clients));
        runtime.run().unwrap();
        assert_eq!((served.get(), Rc::strong_count(&served)), (20, 1));
    });
}

#[test]
fn datagrams_of_both_generations_arrive() {
    bounded(|| {
        block_on_all(async {
            let any = "127.0.0.1:0".parse().unwrap();
            let (one, two) = (UdpSocket::bind(&any).unwrap(), UdpSocket::bind(&any).unwrap());
            let (from, to) = (one.local_addr().unwrap(), two.local_addr().unwrap());
            let (_, buf, n, addr) = {
                spawn(one.send_dgram(b"0.1", &to).map(drop).map_err(|e| panic!("{e}")));
                two.recv_dgram(vec![0; 8]).await.unwrap()
            };
            assert_eq!((&buf[..n], addr), (&b"0.1"[..], from));
        });
    });
}

/// A step that waits for `delay`, then says so.
fn wait<F: FnOnce()>(mut delay: Delay, then: F) -> impl FnMut(Caller<'_>) -> Poll<()> {
    let mut then = Some(then);
    move |caller| {
        ready!(delay.poll_with(caller)).unwrap();
        then.take().expect("ready once")();
        Poll::Ready(())
    }
}

fn delays_are_never_early<G: Local>() {
    let mut runtime = runtime();
    for micros in [0, 1, 300, 999, 1_000, 1_001, 3_500] {
        let deadline = Instant::now() + Duration::from_micros(micros);
        G::block_on_local(&mut runtime, wait(Delay::new(deadline), || ()));
        assert!(Instant::now() >= deadline);
    }
    let begin = Instant::now();
    runtime.spawn(future::lazy(|| {
        G::spawn_local(wait(Delay::new(Instant::now() + Duration::from_millis(5)), || ()));
        Ok(())
    }));
    // `run` waits for timers.
    runtime.run().unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(5));
}

fn tasks_that_are_always_ready_starve_neither_sockets_nor_timers<G: Local>() {
    let mut runtime = runtime();
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    let done = Rc::new(Cell::new(false));
    let theirs = done.clone();
    runtime.block_on(async move {
        for _ in 0..3 {
            let done = theirs.clone();
            G::spawn_local(move |caller| {
                if done.get() {
                    return Poll::Ready(());
                }
                caller.wake();
                Poll::Pending
            });
        }
    });
    runtime.block_on(async {
        <Std as Peer>::serve(listener, 1);
        sleep(Duration::from_millis(2)).await;
        let message = noise(100_000, 1);
        assert!(Std::exchange(addr, message.clone()).await.unwrap() == message);
        done.set(true);
    });
    runtime.run().unwrap();
}

fn many_short_block_on_calls_advance_sockets_and_timers<G: Local>() {
    let mut runtime = runtime();
    let (fired, echoed) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let listener = listener();
    let addr = listener.local_addr().unwrap();
    let (fires, echoes) = (fired.clone(), echoed.clone());
    runtime.block_on(async move {
        let delay = Delay::new(Instant::now() + Duration::from_millis(5));
        G::spawn_local(wait(delay, move || fires.set(true)));
        <Std as Peer>::serve(listener, 1);
        drop(spawn(async move {
            assert_eq!(Std::exchange(addr, vec![7]).await.unwrap(), [7]);
            echoes.set(true);
        }));
    });
    let limit = Instant::now() + LIMIT;
    while !fired.get() || !echoed.get() {
        G::block_on_local(&mut runtime, |_| Poll::Ready(()));
        assert!(Instant::now() < limit, "no advance");
    }
}

fn timers_go_by_the_runtimes_clock<G: Local>() {
    let mock = MockClock::new();
    let mut runtime = Builder::new().clock(mock.clock()).build().unwrap();
    let fired = Rc::new(Cell::new(0));
    let (begin, theirs) = (mock.now(), fired.clone());
    runtime.block_on(async move {
        assert_eq!(tokio::clock::now(), begin);
        for hours in 1..=3 {
            let fired = theirs.clone();
            let delay = Delay::new(tokio::clock::now() + Duration::from_secs(hours * 3600));
            G::spawn_local(wait(delay, move || fired.set(fired.get() + 1)));
        }
    });
    // A thread moves the clock on while the runtime waits.
    let thread = thread::spawn(move || {
        for _ in 0..3 {
            mock.advance(Duration::from_secs(3600));
        }
    });
    runtime.run().unwrap();
    thread.join().unwrap();
    assert_eq!(fired.get(), 3);
}

fn send_tasks_are_spawned_by_the_default_executor_in_one_allocation<G: Local>() {
    let mut runtime = runtime();
    let (home, (sender, receiver)) = (thread::current().id(), channel());
    runtime.block_on(async move {
        let spawning = |sender: std::sync::mpsc::Sender<_>| {
            allocations(|| {
                G::spawn(move |_| {
                    sender.send(thread::current().id()).unwrap();
                    Poll::Ready(())
                });
            })
        };
        let one = usize::from(COUNTS_THREADS);
        assert_eq!(spawning(sender.clone()), one);
        assert_eq!(spawning(sender), one);
        tokio_executor::DefaultExecutor::current().try_spawn(async {}).unwrap().await.unwrap();
    });
    runtime.run().unwrap();
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [home, home]);
}

/// Counts its drop, then spawns by every door.
struct Spawns<G: Local>(Rc<Cell<usize>>, std::marker::PhantomData<G>);

impl<G: Local> Spawns<G> {
    fn hold(&self) {}
}

impl<G: Local> Drop for Spawns<G> {
    fn drop(&mut self) {
        G::spawn(|_| Poll::Pending);
        G::spawn_local(|_| Poll::Pending);
        let refused: JoinHandle<()> = tokio::spawn(async {});
        assert!(refused.is_finished());
        // Last: only if nothing panicked.
        self.0.set(self.0.get() + 1);
    }
}

fn dropping_the_runtime_drops_each_future_once<G: Local>() {
    let dropped = Rc::new(Cell::new(0));
    let mut runtime = runtime();
    let (theirs, (ours, peer)) = (dropped.clone(), pair());
    runtime.block_on(async move {
        for i in 0..10 {
            let spawns = Spawns::<G>(theirs.clone(), std::marker::PhantomData);
            let mut delay = Delay::new(Instant::now() + Duration::from_secs(3600));
            G::spawn_local(move |caller| {
                spawns.hold();
                if i % 2 == 0 {
                    return Poll::Pending;
                }
                delay.poll_with(caller).map(drop)
            });
        }
        // One waits for a socket.
        drop(spawn(async move {
            let mut buf = [0; 1];
            let _ = ours.peek(&mut buf).await;
        }));
        tokio::task::yield_now().await;
    });
    let handle = runtime.handle();
    drop(runtime);
    drop(peer);
    assert_eq!(dropped.get(), 10);
    assert!(handle.status().unwrap_err().is_shutdown());
}

fn pair() -> (TcpStream, net::TcpStream) {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    peer.set_read_timeout(Some(LIMIT)).unwrap();
    let (ours, _) = listener.accept().unwrap();
    (TcpStream::from_std(ours, &Default::default()).unwrap(), peer)
}

fn a_panic_leaves_the_runtime_usable<G: Local>() {
    let mut runtime = runtime();
    let survived = Rc::new(Cell::new(false));
    let theirs = survived.clone();
    runtime.block_on(async move {
        G::spawn_local(|_| support::panic_deliberately());
        let delay = Delay::new(Instant::now() + Duration::from_millis(1));
        G::spawn_local(wait(delay, move || theirs.set(true)));
    });
    let payload = catch_unwind(AssertUnwindSafe(|| runtime.run())).unwrap_err();
    assert!(payload.is::<Deliberate>());
    runtime.run().unwrap();
    assert!(survived.get());
    // With a handle it goes there.
    let joined: JoinHandle<()> = runtime.spawn(async { support::panic_deliberately() });
    assert!(runtime.block_on(joined).unwrap_err().into_panic().is::<Deliberate>());
}

/// A thread that has done nothing for a while has used no processor time.
fn an_idle_runtime_does_not_spin<G: Local>() {
    let mut runtime = runtime();
    let polls = Rc::new(Cell::new(0));
    let counted = polls.clone();
    let mut delay = Delay::new(Instant::now() + Duration::from_millis(30));
    G::block_on_local(&mut runtime, move |caller| {
        counted.set(counted.get() + 1);
        delay.poll_with(caller).map(Result::unwrap)
    });
    // The first, the last, and room for one that is early for the clock's sake.
    assert!(polls.get() <= 3, "{}", polls.get());
}

#[test]
fn other_threads_spawn_both_generations() {
    bounded(|| {
        let mut runtime = runtime();
        let handle = runtime.handle();
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let mut handle = handle.clone();
                thread::spawn(move || {
                    handle.status().unwrap();
                    TypedExecutor::<FutureResult<(), ()>>::status(&handle).unwrap();
                    let task = handle.spawn(async {
                        sleep(Duration::from_millis(1)).await;
                        tokio::spawn(async { 1 }).await.unwrap()
                    });
                    handle.spawn(future::lazy(|| Ok(drop(tokio::spawn(async {}))))).unwrap();
                    handle.execute(future::ok(())).unwrap();
                    TypedExecutor::spawn(&mut handle, future::ok(())).unwrap();
                    futures03::executor::block_on(task.unwrap()).unwrap()
                })
            })
            .collect();
        let stop = handle.spawn(async {}).unwrap();
        runtime.block_on(stop).unwrap();
        // The handles keep nothing running: run until all threads have had their answer.
        let mut threads = threads.into_iter().peekable();
        while threads.peek().is_some() {
            runtime.block_on(sleep(Duration::from_millis(1)));
            if threads.peek().unwrap().is_finished() {
                assert_eq!(threads.next().unwrap().join().unwrap(), 1);
            }
        }
        drop(runtime);
        assert!(handle.spawn(async {}).unwrap_err().is_shutdown());
        assert!(handle.spawn(future::ok(())).unwrap_err().is_shutdown());
        handle.execute(future::ok(())).unwrap_err().into_future().wait().unwrap();
    });
}

#[test]
fn a_runtime_inside_a_runtime_is_refused() {
    bounded(|| {
        block_on_all(async {
            assert!(runtime().run().unwrap_err().to_string().contains("executor already"));
            let message = panic_message(|| runtime().block_on(async {}));
            assert!(message.contains("await or chain"), "{message}");
        });
        tokio::run(async { assert!(runtime().run().is_err()) });
    });
}

#[test]
fn run_and_block_on_all_wait_for_all() {
    bounded(|| {
        let done = Rc::new(Cell::new(0));
        let task = |done: &Rc<Cell<u32>>| {
            let done = done.clone();
            async move {
                sleep(Duration::from_millis(2)).await;
                done.set(done.get() + 1);
            }
        };
        let (inner, theirs) = (task(&done), done.clone());
        run(async move {
            drop(spawn(inner));
            theirs.set(theirs.get() + 1);
        });
        assert_eq!(done.replace(0), 2);
        let inner = task(&done);
        run(future::lazy(move || Ok(drop(spawn(inner)))));
        assert_eq!(done.replace(0), 1);
        let inner = task(&done);
        assert_eq!(
            block_on_all(future::lazy(move || {
                drop(spawn(inner));
                Err::<(), _>("failed")
            })),
            Err("failed")
        );
        assert_eq!(done.get(), 1);
    });
}

#[test]
fn delays_and_sockets_of_each_generation_work_under_the_other() {
    bounded(|| {
        let mut runtime = runtime();
        // A 0.1 delay in a std task; it borrows.
        let text = String::from("x");
        let deadline = Instant::now() + Duration::from_millis(2);
        let length = runtime.block_on(async {
            Delay::new(deadline).await.unwrap();
            text.len()
        });
        assert_eq!(length, 1);
        assert!(Instant::now() >= deadline);
        // A std sleep in a 0.1 task.
        let slept = tokio::task::StdAsFutures01::new(sleep(Duration::from_millis(1)));
        runtime.block_on(slept.map(drop)).unwrap_or_else(|never| match never {});
        // A 0.1 echo in a std main future, with a peer on another thread.
        let (ours, mut peer) = pair();
        let thread = thread::spawn(move || {
            peer.write_all(b"ping").unwrap();
            peer.shutdown(net::Shutdown::Write).unwrap();
            let mut echo = String::new();
            peer.read_to_string(&mut echo).unwrap();
            echo
        });
        let echo = echo_futures01(ours);
        runtime.block_on(echo).unwrap();
        assert_eq!(thread.join().unwrap(), "ping");
    });
}

#[test]
fn it_starts_no_thread_and_many_leave_nothing_behind() {
    bounded(|| {
        let cycle = || {
            let mut runtime = runtime();
            let (ours, _peer) = pair();
            drop(runtime.spawn(async move {
                let _ = ours.peek(&mut [0; 1]).await;
            }));
            runtime.block_on(sleep(Duration::ZERO));
        };
        cycle();
        #[cfg(target_os = "linux")]
        {
            for _ in 0..200 {
                cycle();
            }
            let limit = Instant::now() + LIMIT;
            // The other tests of this process have descriptors of their own, for a while.
            while support::descriptors() > 150 {
                assert!(Instant::now() < limit, "{} descriptors", support::descriptors());
                thread::yield_now();
            }
            let ours = |name: &String| {
                name.starts_with("tokio-reactor") || name.starts_with("tokio-timer")
            };
            assert!(!support::threads().iter().any(ours), "{:?}", support::threads());
        }
    });
}

#[test]
fn a_runtime_in_thread_local_storage_is_dropped_without_a_panic() {
    thread_local! {
        static KEPT: RefCell<Option<Runtime>> = const { RefCell::new(None) };
    }
    let body = || {
        let mut runtime = runtime();
        let (ours, peer) = pair();
        drop(runtime.spawn(async move {
            let _peer = peer;
            let _ = ours.peek(&mut [0; 1]).await;
        }));
        runtime.block_on(sleep(Duration::from_millis(1)));
        KEPT.with(|kept| *kept.borrow_mut() = Some(runtime));
    };
    thread::spawn(body).join().unwrap();
}

#[test]
fn sockets_and_runtime_may_be_dropped_in_any_order() {
    bounded(|| {
        let (ours, mut peer) = pair();
        let mut runtime = runtime();
        let sock = runtime.block_on(async {
            let mut sock = ours;
            futures03::AsyncWriteExt::write_all(&mut sock, b"x").await.unwrap();
            sock
        });
        peer.read_exact(&mut [0; 1]).unwrap();
        drop(runtime);
        // Its reactor is gone: an error, not a hang.
        let peeked = futures03::executor::block_on(sock.peek(&mut [0; 1]));
        assert!(peeked.is_err());
    });
}

#[test]
fn the_contract_of_futures01_holds() {
    fn spawns<F: futures::Future<Item = (), Error = ()> + 'static>(
        runtime: &mut Runtime,
        future: F,
    ) -> &mut Runtime {
        runtime.spawn(future)
    }
    fn blocks<F: futures::Future>(runtime: &mut Runtime, f: F) -> Result<F::Item, F::Error> {
        runtime.block_on(f)
    }
    fn blocks_all<F: futures::Future>(future: F) -> Result<F::Item, F::Error> {
        block_on_all(future)
    }
    fn runs<F: futures::Future<Item = (), Error = ()> + 'static>(future: F) {
        run(future)
    }
    fn sends<F: futures::Future<Item = (), Error = ()> + Send + 'static>(
        handle: &Handle,
        future: F,
    ) -> Result<(), tokio_executor::SpawnError> {
        handle.spawn(future)
    }
    let mut runtime = runtime();
    spawns(&mut runtime, future::ok(())).spawn::<FutureResult<(), ()>>(future::ok(()));
    sends(&runtime.handle(), future::ok(())).unwrap();
    blocks(&mut runtime, future::ok::<_, ()>(())).unwrap();
    runtime.block_on::<FutureResult<(), ()>>(future::ok(())).unwrap();
    runtime.run().unwrap();
    runs(future::ok(()));
    blocks_all(future::ok::<_, ()>(())).unwrap();
    fn error<T: std::error::Error>() {}
    error::<tokio::runtime::current_thread::RunError>();
    runtime
        .block_on(future::lazy(|| {
            let local: Box<dyn futures::Future<Item = (), Error = ()>> = Box::new(future::ok(()));
            TaskExecutor::current().spawn_local(local)
        }))
        .unwrap();
    runtime.run().unwrap();
}

#[test]
#[allow(deprecated)]
fn the_old_path_still_works() {
    use tokio::executor::current_thread as old;
    let count = Rc::new(Cell::new(0));
    let spawned = |count: &Rc<Cell<u32>>| {
        let count = count.clone();
        future::lazy(move || Ok(count.set(count.get() + 1)))
    };
    let answer = old::run(|_| {
        old::spawn(spawned(&count));
        old::task_executor().spawn_local(Box::new(spawned(&count))).unwrap();
        7
    });
    assert_eq!((answer, count.get()), (7, 2));
    old::run(|context| {
        old::spawn(spawned(&count));
        context.cancel_all_spawned();
    });
    assert_eq!(count.get(), 2);
    old::CurrentThread::new().run().unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn an_async_test_spawns_what_is_not_send() {
    let not_send = Rc::new(1);
    let task = spawn(async move {
        sleep(Duration::from_millis(1)).await;
        *not_send
    });
    assert_eq!(task.await.unwrap(), 1);
}

#[test]
fn who_may_cross_threads() {
    fn send_and_sync<T: Send + Sync>() {}
    send_and_sync::<Handle>();
    send_and_sync::<tokio::runtime::current_thread::RunError>();
    macro_rules! is_not {
        ($type:ty: $trait:ident) => {{
            trait Ambiguous<A> {
                fn check() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $trait> Ambiguous<u8> for T {}
            <$type as Ambiguous<_>>::check();
        }};
    }
    is_not!(Runtime: Send);
    is_not!(Runtime: Sync);
}
