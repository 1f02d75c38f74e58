//! Coming to a reactor and leaving it: slots, tokens, and registrations that fail.

mod support;

use futures::{Async, Future};
use mio::event::Source;
use mio::net::UdpSocket;
use mio::{Interest, Registry, Token};
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::thread;
use support::*;
use tokio_reactor::{Direction, Handle, PollEvented, Reactor, Ready, Registration};
use tokio_task::Caller;

const NOBODY: Caller<'static> = Caller::Std(Waker::noop());

/// A source with a will of its own.
struct Staged<F: FnMut() -> io::Result<()>>(F);

impl<F: FnMut() -> io::Result<()>> Source for Staged<F> {
    fn register(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
        self.0()
    }

    fn reregister(&mut self, _: &Registry, _: Token, _: Interest) -> io::Result<()> {
        unreachable!()
    }

    fn deregister(&mut self, _: &Registry) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_registration_frees_its_slot() {
    let reactor = Reactor::new().unwrap();
    let refused = || Err(io::Error::from(ErrorKind::PermissionDenied));
    for _ in 0..1000 {
        let failed = PollEvented::new_with_handle(Staged(refused), &reactor.handle());
        assert_eq!(failed.err().unwrap().kind(), ErrorKind::PermissionDenied);
        assert!(reactor.is_idle());
    }
    let registration = Registration::new();
    assert!(registration.register_with(&mut Staged(refused), &reactor.handle()).is_err());
    assert!(reactor.is_idle());
    let again = registration.register_with(&mut Staged(|| Ok(())), &reactor.handle());
    assert!(again.unwrap(), "it is still unregistered");
    assert!(!reactor.is_idle());
}

#[test]
fn no_lock_is_held_while_the_system_registers() {
    bounded(|| {
        let reactor = Reactor::new().unwrap();
        let handle = reactor.handle();
        let others = || {
            let other = handle.clone();
            thread::spawn(move || drop(udp_pair(&other))).join().unwrap();
            drop(udp_pair(&handle));
            Ok(())
        };
        drop(PollEvented::new_with_handle(Staged(others), &handle).unwrap());
        assert!(reactor.is_idle());
    });
}

#[test]
fn an_error_of_binding_surfaces_at_every_poll() {
    let refused = || Err(io::Error::from(ErrorKind::PermissionDenied));
    let reactor = Reactor::new().unwrap();
    let _guard = tokio_reactor::set_default(&reactor.handle());
    let source = PollEvented::new(Staged(refused));
    for _ in 0..2 {
        let Poll::Ready(Err(e)) = source.poll_io(NOBODY, Direction::Read, |_| Ok(())) else {
            panic!("no error")
        };
        assert_eq!(e.kind(), ErrorKind::PermissionDenied);
    }
    assert!(source.into_inner().is_ok());
}

#[test]
fn one_source_is_not_registered_twice_behind_the_users_back() {
    let reactor = Reactor::new().unwrap();
    let mut socket = UdpSocket::bind(loopback()).unwrap();
    let mut first = Registration::new();
    assert!(first.register_with(&mut socket, &reactor.handle()).unwrap());
    assert!(!first.register_with(&mut socket, &reactor.handle()).unwrap(), "it is already");
    let second = Registration::new();
    let refused = second.register_with(&mut socket, &reactor.handle());
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::AlreadyExists);

    first.deregister(&mut socket).unwrap();
    assert!(first.deregister(&mut socket).is_err());
    assert!(reactor.is_idle());
    assert!(second.register_with(&mut socket, &reactor.handle()).unwrap());
}

#[test]
fn a_registration_without_a_source_says_so() {
    let registration = Registration::new();
    assert!(registration.take_read_ready().is_err());
    assert!(registration.poll_write_ready().is_err());
}

#[test]
fn a_registration_reports_each_readiness_once() {
    let mut reactor = Reactor::new().unwrap();
    let mut socket = UdpSocket::bind(loopback()).unwrap();
    let theirs = udp();
    theirs.connect(socket.local_addr().unwrap()).unwrap();
    let registration = Registration::new();
    registration.register_with(&mut socket, &reactor.handle()).unwrap();
    let mut ready = None;
    turn_until(&mut reactor, || {
        ready = registration.take_write_ready().unwrap();
        ready.is_some()
    });
    assert_eq!(ready, Some(Ready::writable()));
    assert_eq!(registration.take_write_ready().unwrap(), None);
    assert_eq!(registration.take_read_ready().unwrap(), None);

    let read_ready = || registration.poll_read_ready();
    let mut task = futures::executor::spawn(futures::future::poll_fn(read_ready));
    let (bell, _) = Bell::new();
    let notify = Arc::new(Notify01(bell.clone()));
    assert_eq!(task.poll_future_notify(&notify, 0).unwrap(), Async::NotReady);
    theirs.send(b"x").unwrap();
    turn_until(&mut reactor, || bell.rings() == 1);
    let ready = task.poll_future_notify(&notify, 0).unwrap();
    assert_eq!(ready, Async::Ready(Ready::readable()));
    assert_eq!(registration.take_read_ready().unwrap(), None);
}

struct Notify01(Arc<Bell>);

impl futures::executor::Notify for Notify01 {
    fn notify(&self, _: usize) {
        std::task::Wake::wake_by_ref(&self.0);
    }
}

/// The 0.1 pair: what came after the look is not forgotten by the clear.
#[test]
#[cfg_attr(windows, ignore = "no second event comes there before an operation would have blocked")]
fn clearing_readiness_keeps_a_newer_event() {
    bounded(|| {
        let mut reactor = Reactor::new().unwrap();
        let (ours, theirs) = udp_pair(&reactor.handle());
        theirs.send(b"x").unwrap();
        turn_until(&mut reactor, || ours.poll_ready(NOBODY, Direction::Read).is_ready());
        let (bell, _) = Bell::new();
        let notify = Arc::new(Notify01(bell.clone()));
        let mut step = 0;
        let mut task = futures::executor::spawn(futures::future::poll_fn(|| {
            step += 1;
            if step == 1 {
                assert!(ours.poll_read_ready(Ready::readable())?.is_ready());
                // Another event between the look and the clear.
                theirs.send(b"y").unwrap();
                turn_until(&mut reactor, || ours.poll_write_ready().unwrap().is_ready());
                settle(&mut reactor);
                ours.clear_read_ready(Ready::readable())?;
                return Ok(Async::NotReady);
            }
            if step == 2 {
                assert!(ours.poll_read_ready(Ready::readable())?.is_ready());
                while ours.get_ref().recv(&mut [0]).is_ok() {}
                ours.clear_read_ready(Ready::readable())?;
                return Ok(Async::NotReady);
            }
            ours.poll_read_ready(Ready::readable())
        }));
        assert!(task.poll_future_notify(&notify, 0).unwrap().is_not_ready());
        assert!(bell.rings() >= 1, "the newer event was forgotten");
        let rings = bell.rings();
        assert!(task.poll_future_notify(&notify, 0).unwrap().is_not_ready());
        assert!(task.poll_future_notify(&notify, 0).unwrap().is_not_ready());
        assert_eq!(bell.rings(), rings, "and the one seen was forgotten");
    });
}

/// Not asked for readiness before, an operation would block: one more look, and the task sleeps.
#[test]
fn clearing_without_a_look_before_makes_no_task_spin() {
    let mut reactor = Reactor::new().unwrap();
    let (ours, theirs) = udp_pair(&reactor.handle());
    theirs.send(b"x").unwrap();
    turn_until(&mut reactor, || ours.poll_ready(NOBODY, Direction::Read).is_ready());
    ours.get_ref().recv(&mut [0]).unwrap();
    let (bell, _) = Bell::new();
    let notify = Arc::new(Notify01(bell.clone()));
    let mut task = futures::executor::spawn(futures::future::poll_fn(|| {
        assert!(ours.get_ref().recv(&mut [0]).is_err());
        ours.clear_read_ready(Ready::readable())?;
        Ok::<Async<()>, io::Error>(Async::NotReady)
    }));
    for _ in 0..5 {
        task.poll_future_notify(&notify, 0).unwrap();
    }
    assert_eq!(bell.rings(), 1);
}

/// A descriptor that someone else keeps open stays in the system's queue under its old token.
#[cfg(target_os = "linux")]
#[test]
fn a_late_event_of_a_reused_slot_wakes_nobody() {
    let mut reactor = Reactor::new().unwrap();
    let mut socket = UdpSocket::bind(loopback()).unwrap();
    let theirs = udp();
    theirs.connect(socket.local_addr().unwrap()).unwrap();
    let registration = Registration::new();
    registration.register_with(&mut socket, &reactor.handle()).unwrap();
    // Frees the slot, but leaves the socket registered.
    drop(registration);
    assert!(reactor.is_idle());

    let (ours, peer) = udp_pair(&reactor.handle());
    settle(&mut reactor);
    let (bell, waker) = Bell::new();
    let receive = || ours.poll_io(Caller::Std(&waker), Direction::Read, |s| s.recv(&mut [0]));
    assert!(receive().is_pending());
    theirs.send(b"late").unwrap();
    settle(&mut reactor);
    assert_eq!(bell.rings(), 0);
    assert!(ours.poll_ready(NOBODY, Direction::Read).is_pending());

    peer.send(b"x").unwrap();
    turn_until(&mut reactor, || bell.rings() == 1);
    assert!(receive().is_ready());
}

#[test]
fn sources_come_and_go_on_many_threads() {
    bounded(|| {
        let background = background();
        let threads: Vec<_> = (0..4)
            .map(|i| {
                let handle = background.handle().clone();
                let generation = BOTH[i % 2];
                thread::spawn(move || {
                    for _ in 0..500 {
                        let (ours, theirs) = udp_pair(&handle);
                        theirs.send(b"x").unwrap();
                        let receive = |caller: Caller<'_>| {
                            ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0; 4]))
                        };
                        assert_eq!(generation.block_on(receive).unwrap(), 1);
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        background.shutdown_on_idle().wait().unwrap();
    });
}

#[test]
fn wakers_are_dropped_with_their_source() {
    let mut reactor = Reactor::new().unwrap();
    let (bells, wakers): (Vec<_>, Vec<_>) = (0..3).map(|_| Bell::new()).unzip();
    let (ours, _theirs) = udp_pair(&reactor.handle());
    for waker in &wakers {
        let caller = Caller::Std(waker);
        assert!(ours.poll_io(caller, Direction::Read, |s| s.recv(&mut [0])).is_pending());
    }
    settle(&mut reactor);
    drop(wakers);
    assert!(bells.iter().all(|bell| Arc::strong_count(bell) == 2));
    drop(ours);
    assert!(bells.iter().all(|bell| Arc::strong_count(bell) == 1));
    assert!(bells.iter().all(|bell| bell.rings() == 0));
}

#[test]
fn into_inner_gives_the_source_back_unregistered() {
    let first = Reactor::new().unwrap();
    let second = Reactor::new().unwrap();
    let (ours, _theirs) = udp_pair(&first.handle());
    let socket = ours.into_inner().unwrap();
    assert!(first.is_idle());
    let _moved = PollEvented::new_with_handle(socket, &second.handle()).unwrap();
    assert!(!second.is_idle());
}

#[test]
fn a_reactor_that_is_gone_takes_no_sources() {
    let handle: Handle = Reactor::new().unwrap().handle();
    let socket = UdpSocket::bind(loopback()).unwrap();
    let refused = PollEvented::new_with_handle(socket, &handle).unwrap_err();
    assert_eq!(refused.to_string(), "reactor gone");

    // The same while a source keeps what is left of it.
    let reactor = Reactor::new().unwrap();
    let handle = reactor.handle();
    let _kept = udp_pair(&handle);
    drop(reactor);
    let socket = UdpSocket::bind(loopback()).unwrap();
    let refused = PollEvented::new_with_handle(socket, &handle).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Other);
    assert_eq!(refused.to_string(), "reactor gone");
}
