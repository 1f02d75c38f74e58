//! What a program did to a source itself, and the system tells nobody, wakes whoever waits.

mod support;

use std::net::Shutdown;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};
use std::thread;
use support::*;
use tokio_reactor::{Direction, LateBound, PollEvented, Reactor, Ready};
use tokio_task::Caller;

type Socket = PollEvented<mio::net::UdpSocket>;

/// Waits for a report of the system. There is none to come: nobody sends, and that there is room
/// was reported before, and is used up here.
fn poll(socket: &Socket, waker: &Waker, direction: Direction) -> Poll<Ready> {
    let would_block = || Err::<(), _>(std::io::ErrorKind::WouldBlock.into());
    let caller = Caller::Std(waker);
    match socket.poll_ready(caller, direction) {
        Poll::Ready(ready) if !ready.as_ref().unwrap().contains(closed(direction)) => {
            assert!(socket.poll_io(caller, direction, |_| would_block()).is_pending());
            Poll::Pending
        }
        ready => ready.map(Result::unwrap),
    }
}

fn closed(direction: Direction) -> Ready {
    match direction {
        Direction::Read => Ready::read_closed(),
        Direction::Write => Ready::write_closed(),
    }
}

const BOTH_DIRECTIONS: [Direction; 2] = [Direction::Read, Direction::Write];

fn quiet_socket(reactor: &mut Reactor) -> Socket {
    let (socket, _) = udp_pair(&reactor.handle());
    settle(reactor);
    socket
}

#[test]
fn everyone_who_waits_for_what_is_closed_is_woken_and_nobody_else() {
    let mut reactor = Reactor::new().unwrap();
    for how in [Shutdown::Read, Shutdown::Write, Shutdown::Both] {
        let socket = quiet_socket(&mut reactor);
        let tasks = [(); 3].map(|()| BOTH_DIRECTIONS.map(|direction| (direction, Bell::new())));
        let tasks = tasks.as_flattened();
        for (direction, (_, waker)) in tasks {
            assert!(poll(&socket, waker, *direction).is_pending());
        }
        socket.report_closed(how);
        for (direction, (bell, waker)) in tasks {
            let other = [Shutdown::Write, Shutdown::Read][*direction as usize];
            let concerned = how != other;
            assert_eq!(bell.rings() > 0, concerned, "{how:?} {direction:?}");
            if concerned {
                let ready = socket.poll_ready(Caller::Std(waker), *direction);
                assert!(
                    matches!(ready, Poll::Ready(Ok(ready)) if ready.contains(closed(*direction)))
                );
            }
        }
    }
}

#[test]
fn tasks_of_both_generations_are_woken() {
    bounded(|| {
        let background = background();
        let (socket, _peer) = udp_pair(background.handle());
        let socket = Arc::new(socket);
        let tasks = BOTH.map(|generation| {
            let socket = socket.clone();
            thread::spawn(move || {
                generation.block_on(|caller| socket.poll_ready(caller, Direction::Read)).unwrap()
            })
        });
        socket.report_closed(Shutdown::Both);
        for task in tasks {
            assert!(task.join().unwrap().contains(Ready::read_closed()));
        }
    });
}

#[test]
fn an_operation_that_would_block_is_believed() {
    let mut reactor = Reactor::new().unwrap();
    let socket = quiet_socket(&mut reactor);
    let (bell, waker) = Bell::new();
    socket.report_closed(Shutdown::Read);
    let receive = || socket.poll_io(Caller::Std(&waker), Direction::Read, |s| s.recv(&mut [0]));
    assert!(receive().is_pending());
    assert!(socket.poll_ready(Caller::Std(&waker), Direction::Read).is_pending());
    assert_eq!(bell.rings(), 0);
}

#[test]
fn a_waker_that_panics_costs_the_other_direction_nothing() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("on purpose");
        }
    }
    let mut reactor = Reactor::new().unwrap();
    let socket = quiet_socket(&mut reactor);
    let panics = Waker::from(Arc::new(Panics));
    let (bell, waker) = Bell::new();
    assert!(poll(&socket, &panics, Direction::Read).is_pending());
    assert!(poll(&socket, &waker, Direction::Write).is_pending());
    let report = AssertUnwindSafe(|| socket.report_closed(Shutdown::Both));
    assert!(catch_unwind(report).is_err());
    assert_eq!(bell.rings(), 1);
}

#[test]
fn reporting_is_harmless_before_the_socket_is_bound_and_when_the_reactor_is_gone() {
    let socket = std::net::UdpSocket::bind(loopback()).unwrap();
    socket.set_nonblocking(true).unwrap();
    LateBound::new(socket).report_closed(Shutdown::Both);

    let mut reactor = Reactor::new().unwrap();
    let socket = quiet_socket(&mut reactor);
    drop(reactor);
    socket.report_closed(Shutdown::Both);
    let (_, waker) = Bell::new();
    let ready = socket.poll_ready(Caller::Std(&waker), Direction::Read);
    assert!(matches!(ready, Poll::Ready(Err(_))));
}
