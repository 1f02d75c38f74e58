//! Naming a runtime, entering it, and blocking on what need not be `Send`.

use futures::{future, Future as _};
use std::io::{Read, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::{current_thread, Handle, Runtime};
use tokio::timer::Delay;

#[test]
fn a_handle_spawns_from_any_thread() {
    let mut runtime = Runtime::new().unwrap();
    let handle = runtime.block_on(async { Handle::current() });
    let task = std::thread::spawn(move || handle.spawn(async { 42 })).join().unwrap();
    assert_eq!(runtime.block_on(task).unwrap(), 42);
}

#[test]
fn without_a_runtime_there_is_no_current_one() {
    assert!(Handle::try_current().is_err());
    let error = Handle::try_current().unwrap_err().to_string();
    assert!(error.contains("no runtime"), "{error}");
}

#[test]
fn an_entered_thread_spawns_and_makes_sockets_on_the_runtime() {
    let runtime = Runtime::new().unwrap();
    let guard = runtime.enter();
    let listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut byte = [0];
        futures03::io::AsyncReadExt::read_exact(&mut stream, &mut byte).await.unwrap();
        futures03::io::AsyncWriteExt::write_all(&mut stream, &byte).await.unwrap();
    });
    let mut client = std::net::TcpStream::connect(addr).unwrap();
    client.write_all(b"x").unwrap();
    client.read_exact(&mut [0]).unwrap();
    futures03::executor::block_on(server).unwrap();
    drop(guard);
    assert!(Handle::try_current().is_err());
}

#[test]
fn entering_nests_and_guards_leave_in_any_order() {
    let (one, two) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let first = one.enter();
    let second = two.enter();
    drop(first);
    assert!(Handle::try_current().is_ok());
    drop(second);
    assert!(Handle::try_current().is_err());
}

#[test]
fn what_a_thread_blocks_on_need_not_be_send_in_either_generation() {
    let runtime = Runtime::new().unwrap();
    let not_send = Rc::new(40);
    let answer = runtime.as_handle().block_on(async {
        Delay::new(Instant::now() + Duration::from_millis(1)).await.unwrap();
        tokio::spawn(async { 2 }).await.unwrap() + *not_send
    });
    assert_eq!(answer, 42);
    let borrowed = &not_send;
    let answer = runtime.as_handle().block_on(
        Delay::new(Instant::now() + Duration::from_millis(1))
            .then(move |waited| waited.map(|()| **borrowed)),
    );
    assert_eq!(answer.unwrap(), 40);
    assert_eq!(runtime.as_handle().block_on(future::err::<(), _>(1)), Err(1));
}

#[test]
#[should_panic(expected = "`block_on` inside a runtime")]
fn blocking_inside_a_task_is_refused() {
    let mut runtime = Runtime::new().unwrap();
    let handle = runtime.as_handle().clone();
    runtime.block_on(async move { handle.block_on(async {}) });
}

#[test]
fn spawning_after_the_end_is_a_cancelled_task() {
    let runtime = Runtime::new().unwrap();
    let handle = runtime.as_handle().clone();
    drop(runtime);
    let task = handle.spawn(async {});
    assert!(futures03::executor::block_on(task).unwrap_err().is_cancelled());
}

/// A runtime of the current thread has a handle of the same type.
#[test]
fn a_runtime_of_the_current_thread_is_named_and_entered_as_well() {
    tests_support::bounded(|| {
        let mut runtime = current_thread::Runtime::new().unwrap();
        let handle = runtime.block_on(async { Handle::current() });
        let (stop, stopped) = futures03::channel::oneshot::channel::<()>();
        let beside = std::thread::spawn(move || {
            let here = std::thread::current().id();
            let _entered = handle.enter();
            // By what is around, in both generations, and by name.
            let task = tokio::spawn(async { std::thread::current().id() });
            tokio::spawn(future::lazy(move || {
                assert_ne!(std::thread::current().id(), here);
                Ok(())
            }));
            let there = handle.block_on(async {
                Delay::new(Instant::now() + Duration::from_millis(1)).await.unwrap();
                (task.await.unwrap(), Handle::current().spawn(async {}).await.unwrap()).0
            });
            assert_ne!(there, here);
            assert_eq!(handle.block_on(handle.spawn_blocking(|| 1)).unwrap(), 1);
            stop.send(()).unwrap();
            handle.clone()
        });
        runtime.block_on(stopped).unwrap();
        let handle = beside.join().unwrap();
        drop(runtime);
        let late = handle.spawn(async {});
        assert!(futures03::executor::block_on(late).unwrap_err().is_cancelled());
    });
}

/// As in a task: what is always ready does not keep the other parts of a future from their turn.
#[test]
fn what_a_thread_blocks_on_is_fair_to_its_parts() {
    tests_support::bounded(|| {
        let runtime = Runtime::new().unwrap();
        let busy = async {
            loop {
                std::future::poll_fn(|cx| tokio_task::poll_proceed(cx.into())).await;
            }
        };
        let late = tokio::time::timeout(Duration::from_millis(5), busy);
        assert!(runtime.as_handle().block_on(late).is_err());
        let busy = future::poll_fn(|| -> futures::Poll<(), ()> {
            while tokio_task::poll_proceed(tokio_task::Caller::Futures01).is_ready() {}
            Ok(futures::Async::NotReady)
        });
        let late = tokio::timer::Timeout::new(busy, Duration::from_millis(5));
        assert!(runtime.as_handle().block_on(late).unwrap_err().is_elapsed());
    });
}
