//! From a signal to the streams of either generation.
#![cfg(unix)]

mod support;

use futures03::FutureExt;
use std::io::ErrorKind;
use std::sync::mpsc::channel;
use std::task::Poll;
use std::thread;
use support::{alone, drain, raise, Bell, Futures01, Generation, Std, LIMIT};
use tokio_signal::unix::{libc, signal, Signal};
use tokio_signal::unix::{SIGALRM, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2};
use tokio_signal::CtrlC;

both! {
    a_signal_wakes_the_task_that_waits,
    a_signal_before_the_first_poll_is_delivered,
    a_signal_between_polls_is_delivered,
    a_burst_coalesces_and_the_next_signal_is_heard,
    each_signal_is_heard_when_they_come_one_by_one,
    each_stream_of_a_signal_hears_it,
    streams_hear_only_their_own_signal,
    a_dropped_stream_leaves_the_others,
    a_signal_without_streams_does_nothing_and_streams_can_come_back,
    signals_that_cannot_be_caught_are_refused,
    tasks_of_a_runtime_hear_signals,
}

fn a_signal_wakes_the_task_that_waits<G: Generation>() {
    let mut stream = G::signal(SIGUSR1).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, &mut stream).is_pending());
    raise(SIGUSR1);
    bell.wait();
    assert!(matches!(G::poll(&bell, &mut stream), Poll::Ready(Ok(SIGUSR1))));
    assert!(G::poll(&bell, &mut stream).is_pending());
}

fn a_signal_before_the_first_poll_is_delivered<G: Generation>() {
    let mut stream = G::signal(SIGUSR1).unwrap();
    raise(SIGUSR1);
    assert_eq!(G::next(&mut stream).unwrap(), SIGUSR1);
}

fn a_signal_between_polls_is_delivered<G: Generation>() {
    let mut stream = G::signal(SIGUSR2).unwrap();
    for _ in 0..3 {
        assert_eq!(drain::<G, _>(&mut stream), 0);
        raise(SIGUSR2);
        assert_eq!(G::next(&mut stream).unwrap(), SIGUSR2);
    }
}

/// More of them than any mailbox holds: it is full, and nothing blocks.
fn a_burst_coalesces_and_the_next_signal_is_heard<G: Generation>() {
    let mut stream = G::signal(SIGHUP).unwrap();
    for _ in 0..2 {
        for _ in 0..10_000 {
            raise(SIGHUP);
        }
        assert_eq!(G::next(&mut stream).unwrap(), SIGHUP);
        assert_eq!(drain::<G, _>(&mut stream), 0);
    }
}

fn each_signal_is_heard_when_they_come_one_by_one<G: Generation>() {
    let mut stream = G::signal(SIGALRM).unwrap();
    let (send, commands) = channel();
    let raiser = thread::spawn(move || commands.iter().for_each(|()| raise(SIGALRM)));
    for _ in 0..1_000 {
        send.send(()).unwrap();
        assert_eq!(G::next(&mut stream).unwrap(), SIGALRM);
    }
    drop(send);
    raiser.join().unwrap();
    assert_eq!(drain::<G, _>(&mut stream), 0);
}

fn each_stream_of_a_signal_hears_it<G: Generation>() {
    let mut streams = [0; 5].map(|_| G::signal(SIGTERM).unwrap());
    raise(SIGTERM);
    for stream in &mut streams {
        assert_eq!(G::next(stream).unwrap(), SIGTERM);
    }
    // And streams of the other generation's constructor as well.
    let mut late = [Futures01::signal(SIGTERM).unwrap(), Std::signal(SIGTERM).unwrap()];
    raise(SIGTERM);
    for stream in streams.iter_mut().chain(&mut late) {
        assert_eq!(G::next(stream).unwrap(), SIGTERM);
        assert_eq!(drain::<G, _>(stream), 0);
    }
}

/// None was polled before: the first poll looks at once, without waiting for the reactor.
fn streams_hear_only_their_own_signal<G: Generation>() {
    let signals = [SIGUSR1, SIGUSR2, SIGQUIT, SIGPIPE, SIGINT];
    for raised in signals {
        let mut streams = signals.map(|number| G::signal(number).unwrap());
        raise(raised);
        for (stream, number) in streams.iter_mut().zip(signals) {
            let heard = drain::<G, _>(stream);
            assert_eq!(heard, usize::from(number == raised), "{number}, when {raised} was raised");
        }
    }
}

fn a_dropped_stream_leaves_the_others<G: Generation>() {
    let mut kept = G::signal(SIGUSR1).unwrap();
    let mut dropped = G::signal(SIGUSR1).unwrap();
    assert_eq!(drain::<G, _>(&mut dropped), 0);
    drop(dropped);
    raise(SIGUSR1);
    assert_eq!(G::next(&mut kept).unwrap(), SIGUSR1);
}

fn a_signal_without_streams_does_nothing_and_streams_can_come_back<G: Generation>() {
    drop(G::signal(SIGTERM).unwrap());
    // By default this would end the process.
    raise(SIGTERM);
    let mut stream = G::signal(SIGTERM).unwrap();
    assert_eq!(drain::<G, _>(&mut stream), 0);
    raise(SIGTERM);
    assert_eq!(G::next(&mut stream).unwrap(), SIGTERM);
}

fn signals_that_cannot_be_caught_are_refused<G: Generation>() {
    for number in [libc::SIGKILL, libc::SIGSTOP, libc::SIGSEGV, libc::SIGILL, libc::SIGFPE] {
        let error = G::signal(number).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}: {error}");
        assert!(error.to_string().contains(&number.to_string()), "{error}");
    }
    for number in [-1, 0, 4096, libc::c_int::MIN, libc::c_int::MAX] {
        let error = G::signal(number).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}: {error}");
    }
}

fn tasks_of_a_runtime_hear_signals<G: Generation>() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (waiting, waits) = channel();
    let (heard, hears) = channel();
    for _ in 0..3 {
        let (waiting, heard) = (waiting.clone(), heard.clone());
        G::spawn(
            &runtime,
            signal(SIGUSR2).unwrap(),
            move || waiting.send(()).unwrap(),
            move |result| heard.send(result.unwrap()).unwrap(),
        );
    }
    (0..3).for_each(|_| waits.recv_timeout(LIMIT).unwrap());
    raise(SIGUSR2);
    for _ in 0..3 {
        assert_eq!(hears.recv_timeout(LIMIT).unwrap(), SIGUSR2);
    }
}

#[test]
fn a_receive_that_is_given_up_loses_no_signal() {
    alone(|| {
        let mut stream = signal(SIGUSR1).unwrap();
        assert!(stream.recv().now_or_never().is_none());
        raise(SIGUSR1);
        assert_eq!(futures03::executor::block_on(stream.recv()).unwrap(), SIGUSR1);
    });
}

#[test]
fn the_futures01_constructor_listens_from_its_first_poll_on() {
    alone(|| {
        use futures::{Future, Stream};
        let mut before = signal(SIGUSR1).unwrap();
        let future = Signal::new(SIGUSR1);
        raise(SIGUSR1);
        let mut late = future.wait().unwrap();
        assert_eq!(Std::next(&mut before).unwrap(), SIGUSR1);
        assert_eq!(drain::<Futures01, _>(&mut late), 0);

        // As programs of that generation spell it.
        raise(SIGUSR1);
        let all = late.take(1).collect().wait().unwrap();
        assert_eq!(all, [SIGUSR1]);
    });
}

#[test]
fn ctrl_c_is_heard_by_both_generations() {
    alone(|| {
        use futures::{Future, Stream};
        let mut std = CtrlC::new().unwrap();
        let futures01 = tokio_signal::ctrl_c().wait().unwrap();
        for _ in 0..2 {
            raise(SIGINT);
            futures03::executor::block_on(std.recv()).unwrap();
        }
        assert_eq!(futures01.take(1).collect().wait().unwrap(), [()]);
        raise(SIGINT);
        Futures01::next(&mut std).unwrap();
        raise(SIGINT);
        Std::next(&mut std).unwrap();
    });
}
