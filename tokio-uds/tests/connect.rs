//! From a path to a connection.
#![cfg(unix)]

mod support;

use std::fs;
use std::future::IntoFuture;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net;
use std::panic::{catch_unwind, AssertUnwindSafe};
use support::{Dir, Sockets};
use tests_support::{both, bounded, Bell};
use tokio_uds::{UnixListener, UnixStream};

both! {
    connects_to_a_listener,
    nothing_at_the_path_is_an_error,
    nobody_listening_at_the_path_is_an_error,
    a_path_that_is_no_address_is_an_error,
    connections_complete_before_they_are_accepted,
    a_dropped_attempt_closes_its_socket,
    polling_a_completed_attempt_panics,
    the_peers_user_is_told,
}

fn connects_to_a_listener<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = net::UnixListener::bind(&path).unwrap();
    let mut stream = G::complete(UnixStream::connect(&path)).unwrap();
    let (mut peer, peer_addr) = listener.accept().unwrap();
    assert_eq!(stream.peer_addr().unwrap().as_pathname(), Some(&*path));
    assert!(stream.local_addr().unwrap().is_unnamed() && peer_addr.is_unnamed());

    G::write_all(&mut stream, b"ping").unwrap();
    let mut buf = [0; 4];
    peer.read_exact(&mut buf).unwrap();
    assert_eq!(&buf, b"ping");
    peer.write_all(b"pong").unwrap();
    G::read_exact(&mut stream, &mut buf).unwrap();
    assert_eq!(&buf, b"pong");
    assert!(stream.take_error().unwrap().is_none());
    let text = format!("{stream:?}");
    assert!(text.contains("socket"), "{text}");
}

fn nothing_at_the_path_is_an_error<G: Sockets>() {
    let dir = Dir::new();
    let error = G::complete(UnixStream::connect(dir.join("missing"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn nobody_listening_at_the_path_is_an_error<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    drop(net::UnixListener::bind(&path).unwrap());
    let error = G::complete(UnixStream::connect(&path)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);

    let file = dir.join("file");
    fs::write(&file, "").unwrap();
    G::complete(UnixStream::connect(&file)).unwrap_err();
}

fn a_path_that_is_no_address_is_an_error<G: Sockets>() {
    let dir = Dir::new();
    for name in ["x".repeat(200), "with\0zero".to_string()] {
        let error = G::complete(UnixStream::connect(dir.join(&name))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let error = UnixListener::bind(dir.join(&name)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    G::complete(UnixStream::connect("\0name")).unwrap_err();
    G::complete(UnixStream::connect("")).unwrap_err();
}

fn connections_complete_before_they_are_accepted<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let mut streams = [(); 3].map(|()| G::complete(UnixStream::connect(&path)).unwrap());
    for (n, stream) in streams.iter_mut().enumerate() {
        G::write_all(stream, &[n as u8]).unwrap();
    }
    for n in 0..3 {
        let (mut accepted, _) = G::accept(&listener).unwrap();
        let mut buf = [9];
        G::read_exact(&mut accepted, &mut buf).unwrap();
        assert_eq!(buf, [n]);
    }
}

fn a_dropped_attempt_closes_its_socket<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = net::UnixListener::bind(&path).unwrap();
    drop(UnixStream::connect(&path));
    let (mut peer, _) = listener.accept().unwrap();
    assert_eq!(peer.read(&mut [0]).unwrap(), 0);
}

fn polling_a_completed_attempt_panics<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let _listener = net::UnixListener::bind(&path).unwrap();
    let mut attempt = UnixStream::connect(&path);
    let bell = Bell::new();
    G::finish(&bell, |caller| attempt.poll_with(caller)).unwrap();
    let again = AssertUnwindSafe(|| G::poll(&bell, |caller| attempt.poll_with(caller)));
    assert!(catch_unwind(again).is_err());
}

fn the_peers_user_is_told<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let client = G::complete(UnixStream::connect(&path)).unwrap();
    let (server, _) = G::accept(&listener).unwrap();
    // SAFETY: these calls always succeed, and touch no memory.
    let (uid, gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    let (a, b) = UnixStream::pair().unwrap();
    for stream in [&client, &server, &a, &b] {
        let peer = stream.peer_cred().unwrap();
        assert_eq!((peer.uid, peer.gid), (uid, gid));
    }
}

/// Elsewhere a connection to a listener whose queue is full is refused.
#[cfg(any(target_os = "android", target_os = "linux"))]
mod linux {
    use super::*;
    use socket2::{Domain, SockAddr, Socket, Type};
    #[cfg(target_os = "android")]
    use std::os::android::net::SocketAddrExt;
    #[cfg(target_os = "linux")]
    use std::os::linux::net::SocketAddrExt;
    use std::path::Path;

    both! {
        an_attempt_waits_while_the_listeners_queue_is_full,
        an_attempt_that_waits_is_refused_when_the_listener_goes,
        an_abstract_name_is_an_address,
    }

    /// A listener whose queue is full, and what fills it.
    fn full(path: &Path) -> (net::UnixListener, Vec<Socket>) {
        let addr = SockAddr::unix(path).unwrap();
        let listener = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
        listener.bind(&addr).unwrap();
        listener.listen(0).unwrap();
        let mut queue = Vec::new();
        loop {
            let socket = Socket::new(Domain::UNIX, Type::STREAM, None).unwrap();
            socket.set_nonblocking(true).unwrap();
            match socket.connect(&addr) {
                Ok(()) => queue.push(socket),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    return (net::UnixListener::from(listener), queue);
                }
            }
        }
    }

    fn an_attempt_waits_while_the_listeners_queue_is_full<G: Sockets>() {
        let dir = Dir::new();
        let path = dir.join("socket");
        let (listener, queue) = full(&path);
        let bell = Bell::new();
        let mut attempt = UnixStream::connect(&path);
        for _ in 0..3 {
            assert!(G::poll(&bell, |caller| attempt.poll_with(caller)).is_pending());
            bell.wait();
        }
        for _ in &queue {
            listener.accept().unwrap();
        }
        let mut stream = G::finish(&bell, |caller| attempt.poll_with(caller)).unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        peer.write_all(b"!").unwrap();
        G::read_exact(&mut stream, &mut [0]).unwrap();
    }

    fn an_attempt_that_waits_is_refused_when_the_listener_goes<G: Sockets>() {
        let dir = Dir::new();
        let path = dir.join("socket");
        let (listener, _queue) = full(&path);
        let bell = Bell::new();
        let mut attempt = UnixStream::connect(&path);
        assert!(G::poll(&bell, |caller| attempt.poll_with(caller)).is_pending());
        drop(listener);
        let error = G::finish(&bell, |caller| attempt.poll_with(caller)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }

    fn an_abstract_name_is_an_address<G: Sockets>() {
        let dir = Dir::new();
        let name = dir.join("no file");
        let addr = net::SocketAddr::from_abstract_name(name.as_os_str().as_encoded_bytes());
        let addr = addr.unwrap();
        let listener = UnixListener::bind_addr(&addr).unwrap();
        let stream = G::complete(UnixStream::connect_addr(&addr)).unwrap();
        let (_, from) = G::accept(&listener).unwrap();
        assert!(from.is_unnamed());
        let peer = stream.peer_addr().unwrap();
        assert_eq!(peer.as_abstract_name(), addr.as_abstract_name());
        assert!(!name.exists());
        drop(listener);
        let error = G::complete(UnixStream::connect_addr(&addr)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    }
}

#[test]
fn one_future_serves_combinators_of_both_generations() {
    use futures::Future;
    bounded(|| {
        let dir = Dir::new();
        let path = dir.join("socket");
        let _listener = net::UnixListener::bind(&path).unwrap();
        UnixStream::connect(&path).join(UnixStream::connect(&path)).wait().unwrap();
        let both = futures03::future::try_join(
            UnixStream::connect(&path).into_future(),
            UnixStream::connect(&path).into_future(),
        );
        futures03::executor::block_on(both).unwrap();
    });
}
