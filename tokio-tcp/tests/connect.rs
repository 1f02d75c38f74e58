//! From an address to a connection.

mod support;

use socket2::{Domain, Socket, Type};
use std::future::IntoFuture;
use std::io::{ErrorKind, Read, Write};
use std::net;
use std::panic::{catch_unwind, AssertUnwindSafe};
use support::Sockets;
use tests_support::{both, bounded, Bell};
use tokio_reactor::Handle;
use tokio_tcp::TcpStream;

both! {
    connects_to_a_listener,
    a_refused_connection_is_an_error,
    an_error_at_the_start_is_reported_by_the_poll,
    a_bound_socket_connects_from_its_address,
    a_blocking_socket_connects,
    a_dropped_attempt_closes_its_socket,
    polling_a_completed_attempt_panics,
}

fn connects_to_a_listener<G: Sockets>() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let mut stream = G::complete(TcpStream::connect(&addr)).unwrap();
    let (mut peer, peer_addr) = listener.accept().unwrap();
    assert_eq!(stream.peer_addr().unwrap(), addr);
    assert_eq!(stream.local_addr().unwrap(), peer_addr);

    G::write_all(&mut stream, b"ping").unwrap();
    let mut buf = [0; 4];
    peer.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"ping");
    peer.write_all(b"pong").unwrap();
    G::read_exact(&mut stream, &mut buf).unwrap();
    assert_eq!(&buf, b"pong");
}

fn a_refused_connection_is_an_error<G: Sockets>() {
    let addr = net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = G::complete(TcpStream::connect(&addr)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

fn an_error_at_the_start_is_reported_by_the_poll<G: Sockets>() {
    // A socket of one family cannot connect to an address of the other.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let addr = "[::1]:1".parse().unwrap();
    let attempt = TcpStream::connect_std(socket.into(), &addr, &Handle::default());
    G::complete(attempt).unwrap_err();
}

fn a_bound_socket_connects_from_its_address<G: Sockets>() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&"127.0.0.1:0".parse::<net::SocketAddr>().unwrap().into()).unwrap();
    let bound_to = socket.local_addr().unwrap().as_socket().unwrap();

    let addr = listener.local_addr().unwrap();
    let attempt = TcpStream::connect_std(socket.into(), &addr, &Handle::default());
    let stream = G::complete(attempt).unwrap();
    assert_eq!(stream.local_addr().unwrap(), bound_to);
    assert_eq!(listener.accept().unwrap().1, bound_to);
}

fn a_blocking_socket_connects<G: Sockets>() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_nonblocking(false).unwrap();
    let addr = listener.local_addr().unwrap();
    let attempt = TcpStream::connect_std(socket.into(), &addr, &Handle::default());
    let stream = G::complete(attempt).unwrap();

    let mut buf = [0; 1];
    let waits = G::poll(&Bell::new(), |caller| stream.poll_read_with(caller, &mut buf));
    assert!(waits.is_pending());
}

fn a_dropped_attempt_closes_its_socket<G: Sockets>() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut attempt = TcpStream::connect(&listener.local_addr().unwrap());
    let _ = G::poll(&Bell::new(), |caller| attempt.poll_with(caller));
    drop(attempt);
    let (mut peer, _) = listener.accept().unwrap();
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
}

fn polling_a_completed_attempt_panics<G: Sockets>() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut attempt = TcpStream::connect(&listener.local_addr().unwrap());
    let bell = Bell::new();
    G::finish(&bell, |caller| attempt.poll_with(caller)).unwrap();
    let again = AssertUnwindSafe(|| G::poll(&bell, |caller| attempt.poll_with(caller)));
    assert!(catch_unwind(again).is_err());
}

/// The system does not answer while the listener's queue is full; the socket must not count as
/// connected before that.
#[cfg(target_os = "linux")]
mod unanswered {
    use super::*;

    both! { an_unanswered_attempt_waits }

    fn an_unanswered_attempt_waits<G: Sockets>() {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&"127.0.0.1:0".parse::<net::SocketAddr>().unwrap().into()).unwrap();
        listener.listen(0).unwrap();
        let listener = net::TcpListener::from(listener);
        let addr = listener.local_addr().unwrap();
        let _first = net::TcpStream::connect(addr).unwrap();

        let bell = Bell::new();
        let mut attempt = TcpStream::connect(&addr);
        let waits = G::poll(&bell, |caller| attempt.poll_with(caller));
        assert!(waits.is_pending());

        let _room = listener.accept().unwrap();
        let stream = G::finish(&bell, |caller| attempt.poll_with(caller)).unwrap();
        assert_eq!(stream.peer_addr().unwrap(), addr);
    }
}

#[test]
fn one_future_serves_combinators_of_both_generations() {
    use futures::Future;
    bounded(|| {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let both01 = TcpStream::connect(&addr).join(TcpStream::connect(&addr));
        let (a, b) = both01.wait().unwrap();
        let both = futures03::future::try_join(
            TcpStream::connect(&addr).into_future(),
            TcpStream::connect(&addr).into_future(),
        );
        let (c, d) = futures03::executor::block_on(both).unwrap();
        for stream in [a, b, c, d] {
            assert_eq!(stream.peer_addr().unwrap(), addr);
        }
    });
}
