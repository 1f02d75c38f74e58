//! Listening and accepting.
#![cfg(unix)]

mod support;

use futures03::FutureExt;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net;
use std::path::PathBuf;
use support::{Dir, Sockets};
use tests_support::{both, bounded, Bell, Futures01, Std};
use tokio_reactor::{Handle, Ready};
use tokio_uds::UnixListener;

both! {
    accepts_with_the_address_of_the_peer,
    incoming_yields_one_connection_after_the_other,
    giving_up_on_accept_loses_no_connection,
    a_blocking_listener_is_made_nonblocking,
    a_listener_goes_to_std_and_back,
}

fn bind(dir: &Dir) -> (UnixListener, PathBuf) {
    let path = dir.join("socket");
    (UnixListener::bind(&path).unwrap(), path)
}

fn accepts_with_the_address_of_the_peer<G: Sockets>() {
    let dir = Dir::new();
    let (listener, path) = bind(&dir);
    assert_eq!(listener.local_addr().unwrap().as_pathname(), Some(&*path));

    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None).unwrap();
    socket.bind(&socket2::SockAddr::unix(dir.join("client")).unwrap()).unwrap();
    socket.connect(&socket2::SockAddr::unix(&path).unwrap()).unwrap();
    let mut client = net::UnixStream::from(socket);
    let (mut stream, addr) = G::accept(&listener).unwrap();
    assert_eq!(addr.as_pathname(), Some(&*dir.join("client")));
    assert_eq!(stream.peer_addr().unwrap().as_pathname(), Some(&*dir.join("client")));

    client.write_all(b"hello").unwrap();
    let mut buf = [0; 5];
    G::read_exact(&mut stream, &mut buf).unwrap();
    assert_eq!(&buf, b"hello");
    assert!(listener.take_error().unwrap().is_none());
    let text = format!("{listener:?}");
    assert!(text.contains("socket"), "{text}");
}

fn incoming_yields_one_connection_after_the_other<G: Sockets>() {
    let dir = Dir::new();
    let (listener, path) = bind(&dir);
    let mut incoming = listener.incoming();
    for n in 0..3 {
        let mut client = net::UnixStream::connect(&path).unwrap();
        client.write_all(&[n]).unwrap();
        let mut stream = G::next(&mut incoming).expect("it never ends").unwrap();
        let mut buf = [9];
        G::read_exact(&mut stream, &mut buf).unwrap();
        assert_eq!(buf, [n]);
    }
    assert_eq!(incoming.get_ref().local_addr().unwrap().as_pathname(), Some(&*path));
    assert_eq!(incoming.into_inner().local_addr().unwrap().as_pathname(), Some(&*path));
}

fn giving_up_on_accept_loses_no_connection<G: Sockets>() {
    let dir = Dir::new();
    let (listener, path) = bind(&dir);
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| listener.poll_accept_with(caller)).is_pending());
    assert!(listener.accept().now_or_never().is_none());
    let _client = net::UnixStream::connect(&path).unwrap();
    G::accept(&listener).unwrap();
}

fn a_blocking_listener_is_made_nonblocking<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = net::UnixListener::bind(&path).unwrap();
    let listener = UnixListener::from_std(listener, &Handle::default()).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| listener.poll_accept_with(caller)).is_pending());
    let _client = net::UnixStream::connect(&path).unwrap();
    G::finish(&bell, |caller| listener.poll_accept_with(caller)).unwrap();
}

fn a_listener_goes_to_std_and_back<G: Sockets>() {
    let dir = Dir::new();
    let (mut listener, path) = bind(&dir);
    for _ in 0..2 {
        let _client = net::UnixStream::connect(&path).unwrap();
        G::accept(&listener).unwrap();
        let std = listener.into_std().unwrap();
        assert_eq!(std.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        listener = UnixListener::from_std(std, &Handle::default()).unwrap();
    }
}

/// Both wait, two connections come: both get one.
fn two_waiters<A: Sockets, B: Sockets>() {
    let dir = Dir::new();
    let (listener, path) = bind(&dir);
    let (a, b) = (Bell::new(), Bell::new());
    assert!(A::poll(&a, |caller| listener.poll_accept_with(caller)).is_pending());
    assert!(B::poll(&b, |caller| listener.poll_accept_with(caller)).is_pending());

    let _clients = [&path; 2].map(|path| net::UnixStream::connect(path).unwrap());
    a.wait();
    b.wait();
    A::finish(&a, |caller| listener.poll_accept_with(caller)).unwrap();
    B::finish(&b, |caller| listener.poll_accept_with(caller)).unwrap();
}

#[test]
fn two_tasks_in_accept_are_both_woken() {
    bounded(two_waiters::<Std, Std>);
    bounded(two_waiters::<Futures01, Futures01>);
}

#[test]
fn two_tasks_of_different_generations_in_accept_are_both_woken() {
    bounded(two_waiters::<Std, Futures01>);
    bounded(two_waiters::<Futures01, Std>);
}

#[test]
fn a_path_in_use_is_an_error_until_its_file_is_removed() {
    let dir = Dir::new();
    let (listener, path) = bind(&dir);
    assert_eq!(UnixListener::bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    drop(listener);
    assert_eq!(UnixListener::bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
    std::fs::remove_file(&path).unwrap();
    UnixListener::bind(&path).unwrap();

    let missing = UnixListener::bind(dir.join("missing/socket")).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

#[test]
fn poll_accept_std_gives_a_blocking_stream() {
    bounded(|| {
        let dir = Dir::new();
        let (listener, path) = bind(&dir);
        let mut client = net::UnixStream::connect(&path).unwrap();
        let (mut accepted, _) = tests_support::wait01(|| listener.poll_accept_std()).unwrap();
        assert!(!socket2::SockRef::from(&accepted).nonblocking().unwrap());
        client.write_all(b"!").unwrap();
        accepted.read_exact(&mut [0]).unwrap();
    });
}

#[test]
fn readiness_is_told_in_futures01() {
    bounded(|| {
        let dir = Dir::new();
        let (listener, path) = bind(&dir);
        let _client = net::UnixStream::connect(&path).unwrap();
        let ready = tests_support::wait01(|| listener.poll_read_ready(Ready::readable()));
        assert!(ready.unwrap().is_readable());
    });
}
