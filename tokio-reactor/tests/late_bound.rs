//! std sockets that come to a reactor when they are first polled.

mod support;

use std::task::Waker;
use support::*;
use tokio_reactor::{set_default, Direction, Handle, LateBound, Reactor};
use tokio_task::Caller;

const NOBODY: Caller<'static> = Caller::Std(Waker::noop());

fn socket() -> std::net::UdpSocket {
    let socket = udp();
    socket.set_nonblocking(true).unwrap();
    socket
}

#[test]
fn a_socket_is_bound_where_it_is_first_polled() {
    let (elsewhere, here) = (Reactor::new().unwrap(), Reactor::new().unwrap());
    let guard = set_default(&elsewhere.handle());
    let late = LateBound::new(socket());
    drop(guard);
    let _guard = set_default(&here.handle());
    assert!(here.is_idle());
    assert!(late.poll_io(NOBODY, Direction::Read, |s| s.recv(&mut [0])).is_pending());
    assert!(!here.is_idle() && elsewhere.is_idle());
}

#[test]
fn looking_at_a_socket_does_not_bind_it() {
    let reactor = Reactor::new().unwrap();
    let _guard = set_default(&reactor.handle());
    let late = LateBound::new(socket());
    let address = late.with(|s| s.local_addr()).unwrap();
    assert!(format!("{late:?}").contains(&address.port().to_string()));
    #[cfg(unix)]
    {
        use std::os::fd::AsRawFd;
        let fd = late.as_raw_fd();
        late.with(|socket| assert_eq!(socket.as_raw_fd(), fd));
        late.with(|socket| socket2::SockRef::from(socket).set_broadcast(true)).unwrap();
        assert!(reactor.is_idle());
        late.bind().unwrap();
        assert_eq!(late.as_raw_fd(), fd);
        assert!(late.with(|socket| socket2::SockRef::from(socket).broadcast()).unwrap());
    }
    late.bind().unwrap();
    assert!(!reactor.is_idle());
    assert_eq!(late.with(|s| s.local_addr()).unwrap(), address);
    assert!(format!("{late:?}").contains(&address.port().to_string()));
}

#[test]
fn a_named_handle_binds_at_once_and_the_default_one_later() {
    let reactor = Reactor::new().unwrap();
    let _guard = set_default(&reactor.handle());
    let late = LateBound::with_handle(socket(), &Handle::default()).unwrap();
    assert!(reactor.is_idle());
    let now = LateBound::with_handle(socket(), &reactor.handle()).unwrap();
    assert!(!reactor.is_idle());
    drop((late, now));
    assert!(reactor.is_idle());
    let gone = Reactor::new().unwrap().handle();
    let refused = LateBound::with_handle(socket(), &gone).unwrap_err();
    assert_eq!(refused.to_string(), "reactor gone");
}

#[test]
fn a_failed_binding_keeps_the_socket() {
    let late = LateBound::new(socket());
    let address = late.with(|s| s.local_addr()).unwrap();
    let gone = Reactor::new().unwrap().handle();
    {
        let _guard = set_default(&gone);
        assert_eq!(late.bind().unwrap_err().to_string(), "reactor gone");
        assert!(late.poll_ready(NOBODY, Direction::Read).is_ready());
    }
    let reactor = Reactor::new().unwrap();
    let _guard = set_default(&reactor.handle());
    late.bind().unwrap();
    assert_eq!(late.with(|s| s.local_addr()).unwrap(), address);
}

#[test]
fn many_threads_bind_a_socket_once() {
    bounded(|| {
        let background = background();
        for _ in 0..50 {
            let late = std::sync::Arc::new(LateBound::new(socket()));
            let threads: Vec<_> = (0..4)
                .map(|i| {
                    let (late, handle) = (late.clone(), background.handle().clone());
                    std::thread::spawn(move || {
                        let _guard = set_default(&handle);
                        BOTH[i % 2].block_on(|caller| late.poll_ready(caller, Direction::Write))
                    })
                })
                .collect();
            for thread in threads {
                assert!(thread.join().unwrap().unwrap().is_writable());
            }
        }
    });
}

#[test]
fn the_socket_comes_back_unregistered() {
    let reactor = Reactor::new().unwrap();
    let _guard = set_default(&reactor.handle());
    let unbound = LateBound::new(socket()).into_socket().unwrap();
    assert!(reactor.is_idle());
    let late = LateBound::new(unbound);
    late.bind().unwrap();
    let socket = late.into_socket().unwrap();
    assert!(reactor.is_idle());
    let again = LateBound::new(socket);
    again.bind().unwrap();
    assert!(!reactor.is_idle());
}

#[test]
fn streams_and_listeners_come_late_too() {
    bounded(|| {
        let background = background();
        let _guard = set_default(background.handle());
        let listener = std::net::TcpListener::bind(loopback()).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = LateBound::new(listener);
        let client = std::net::TcpStream::connect(address).unwrap();
        client.set_nonblocking(true).unwrap();
        let client = LateBound::new(client);
        let accept = |caller: Caller<'_>| listener.poll_io(caller, Direction::Read, |l| l.accept());
        let (_accepted, _) = Generation::Std.block_on(accept).unwrap();
        for generation in BOTH {
            let write = |caller: Caller<'_>| {
                client.poll_stream_io(caller, Direction::Write, 1, |mut s| {
                    std::io::Write::write(&mut s, b"x")
                })
            };
            assert_eq!(generation.block_on(write).unwrap(), 1);
        }
    });
}

/// What the system's queue does with a socket whose descriptor was duplicated before it is dropped.
#[cfg(any(target_os = "linux", target_os = "android"))]
mod duplicates {
    use super::*;
    use mio::unix::SourceFd;
    use mio::{Events, Interest, Poll, Token};
    use std::os::fd::{AsFd, AsRawFd};
    use std::time::Duration;

    /// Whether the reactor's queue holds an event.
    fn has_event(reactor: &Reactor) -> bool {
        let mut poll = Poll::new().unwrap();
        let fd = reactor.as_raw_fd();
        poll.registry().register(&mut SourceFd(&fd), Token(0), Interest::READABLE).unwrap();
        let mut events = Events::with_capacity(1);
        poll.poll(&mut events, Some(Duration::ZERO)).unwrap();
        !events.is_empty()
    }

    /// Binds a socket, duplicates it, drops it, and sends to what is left of it.
    fn drop_and_send(
        reactor: &mut Reactor,
        late: LateBound<std::net::UdpSocket>,
        shares: bool,
    ) -> std::net::UdpSocket {
        late.bind().unwrap();
        let duplicate = late.with(|socket| socket.as_fd().try_clone_to_owned()).unwrap();
        if shares {
            late.share();
        }
        // Takes the event that says that it may write.
        reactor.turn(Some(Duration::ZERO)).unwrap();
        assert!(!has_event(reactor));
        drop(late);
        assert!(reactor.is_idle());
        let left = std::net::UdpSocket::from(duplicate);
        left.send_to(b"late", left.local_addr().unwrap()).unwrap();
        assert_eq!(left.peek(&mut [0; 8]).unwrap(), 4);
        left
    }

    #[test]
    fn a_shared_socket_that_is_dropped_leaves_the_queue() {
        let mut reactor = Reactor::new().unwrap();
        let _guard = set_default(&reactor.handle());
        let _first = drop_and_send(&mut reactor, LateBound::sole(socket()), true);
        assert!(!has_event(&reactor));
        let _second = drop_and_send(&mut reactor, LateBound::new(socket()), false);
        assert!(!has_event(&reactor));
    }

    /// As a child process does that was forked while the socket was open.
    #[test]
    fn an_event_of_a_duplicate_that_nobody_told_of_wakes_nobody() {
        let mut reactor = Reactor::new().unwrap();
        let _guard = set_default(&reactor.handle());
        let _left = drop_and_send(&mut reactor, LateBound::sole(socket()), false);
        assert!(has_event(&reactor), "closing alone does it: nothing was deregistered");
        // The slot's next owner waits.
        let (bell, waker) = Bell::new();
        let next = LateBound::sole(socket());
        let caller = Caller::Std(&waker);
        assert!(next.poll_io(caller, Direction::Read, |s| s.recv(&mut [0])).is_pending());
        while has_event(&reactor) {
            reactor.turn(Some(Duration::ZERO)).unwrap();
        }
        assert_eq!(bell.rings(), 0);
    }
}
