//! Streams belong to reactors, and each only to its own.
#![cfg(unix)]

mod support;

use std::sync::mpsc::channel;
use std::task::Poll;
use std::time::Duration;
use support::{raise, Bell, Generation, LIMIT};
use tokio_reactor::{Handle, Reactor};
use tokio_signal::unix::{signal, Signal, SIGUSR1, SIGUSR2};
use tokio_signal::CtrlC;

both! {
    a_runtime_that_is_dropped_does_not_break_others,
    a_stream_is_driven_by_its_own_reactor,
    a_stream_of_a_reactor_that_is_gone_fails,
    a_handler_that_was_taken_away_is_an_error,
}

fn a_runtime_that_is_dropped_does_not_break_others<G: Generation>() {
    let (waiting, waits) = channel();
    let (heard, hears) = channel();
    let runtimes = [(); 2].map(|()| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (waiting, heard) = (waiting.clone(), heard.clone());
        let waits = move || waiting.send(()).unwrap();
        let hears = move |result: std::io::Result<i32>| heard.send(result.unwrap()).unwrap();
        G::spawn(&runtime, signal(SIGUSR1).unwrap(), waits, hears);
        runtime
    });
    (0..2).for_each(|_| waits.recv_timeout(LIMIT).unwrap());
    let [first, second] = runtimes;
    drop(first);
    raise(SIGUSR1);
    assert_eq!(hears.recv_timeout(LIMIT).unwrap(), SIGUSR1);
    drop((second, heard));
    assert!(hears.recv_timeout(LIMIT).is_err(), "the other task is gone with its runtime");
}

fn a_stream_is_driven_by_its_own_reactor<G: Generation>() {
    let mut reactor = Reactor::new().unwrap();
    let mut stream = Signal::listen(SIGUSR2, &reactor.handle()).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, &mut stream).is_pending());
    raise(SIGUSR2);
    reactor.turn(Some(Duration::from_secs(30))).unwrap();
    bell.wait();
    assert!(matches!(G::poll(&bell, &mut stream), Poll::Ready(Ok(SIGUSR2))));
}

fn a_stream_of_a_reactor_that_is_gone_fails<G: Generation>() {
    let reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let mut stream = Signal::listen(SIGUSR2, &handle).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, &mut stream).is_pending());
    drop(reactor);
    bell.wait();
    assert!(matches!(G::poll(&bell, &mut stream), Poll::Ready(Err(_))));

    assert!(Signal::listen(SIGUSR2, &handle).is_err());
    assert!(CtrlC::with_handle(&handle).is_err());
    assert!(futures::Future::wait(Signal::with_handle(SIGUSR2, &handle)).is_err());
    assert!(futures::Future::wait(tokio_signal::ctrl_c_handle(&handle)).is_err());
    assert!(Signal::listen(SIGUSR2, &Handle::default()).is_ok());
}

fn a_handler_that_was_taken_away_is_an_error<G: Generation>() {
    let mut stream = signal(SIGUSR1).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, &mut stream).is_pending());
    #[allow(deprecated)]
    signal_hook_registry::unregister_signal(SIGUSR1);
    bell.wait();
    for _ in 0..2 {
        let Poll::Ready(Err(error)) = G::poll(&bell, &mut stream) else { panic!("no error") };
        assert!(error.to_string().contains("taken away"), "{error}");
    }
}
