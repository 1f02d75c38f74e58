//! File descriptors: closed on exec, closed once, and what happens when there are none.
#![cfg(unix)]

mod support;

use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::os::unix::net;
use std::task::Poll;
use std::time::{Duration, Instant};
use support::{Dir, Sockets};
use tests_support::{both, flags, hoard, in_a_process_of_its_own, Bell, Futures01, Std};
use tokio_uds::{UnixDatagram, UnixListener, UnixStream};

both! { descriptors_are_closed_on_exec, descriptors_are_nonblocking }

fn all<G: Sockets>(check: impl Fn(&dyn AsRawFd)) {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    check(&listener);
    let client = G::complete(UnixStream::connect(&path)).unwrap();
    let (accepted, _) = G::accept(&listener).unwrap();
    let (a, b) = UnixStream::pair().unwrap();
    for stream in [&client, &accepted, &a, &b] {
        check(stream);
    }
    let (c, d) = UnixDatagram::pair().unwrap();
    let bound = UnixDatagram::bind(dir.join("bound")).unwrap();
    for socket in [&c, &d, &bound, &UnixDatagram::unbound().unwrap()] {
        check(socket);
    }
}

fn descriptors_are_closed_on_exec<G: Sockets>() {
    all::<G>(|socket| {
        assert_eq!(flags(socket, libc::F_GETFD) & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
    });
}

fn descriptors_are_nonblocking<G: Sockets>() {
    all::<G>(|socket| {
        assert_eq!(flags(socket, libc::F_GETFL) & libc::O_NONBLOCK, libc::O_NONBLOCK);
    });
}

#[test]
fn incoming_pauses_while_there_are_no_descriptors_futures01() {
    in_a_process_of_its_own(
        "incoming_pauses_while_there_are_no_descriptors_futures01",
        incoming_pauses_while_there_are_no_descriptors::<Futures01>,
    );
}

#[test]
fn incoming_pauses_while_there_are_no_descriptors_std() {
    in_a_process_of_its_own(
        "incoming_pauses_while_there_are_no_descriptors_std",
        incoming_pauses_while_there_are_no_descriptors::<Std>,
    );
}

fn incoming_pauses_while_there_are_no_descriptors<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let bell = Bell::new();
    // The first poll binds the listener to a reactor, which needs descriptors too.
    assert!(G::poll(&bell, |caller| listener.poll_accept_with(caller)).is_pending());
    let clients = [&path; 3].map(|path| net::UnixStream::connect(path).unwrap());
    let hoard = hoard();

    // Who polls by hand gets the error, at once and again: the readiness stands.
    bell.wait();
    for _ in 0..2 {
        let error = G::finish(&bell, |caller| listener.poll_accept_with(caller)).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
        assert_ne!(error.kind(), ErrorKind::WouldBlock);
    }

    // The stream tries again by itself, and ever more rarely.
    let mut incoming = listener.incoming();
    let end = Instant::now() + Duration::from_millis(300);
    let mut polls = 0;
    loop {
        assert!(matches!(G::poll(&bell, |caller| incoming.poll_with(caller)), Poll::Pending));
        polls += 1;
        if !bell.wait_until(end) {
            break;
        }
    }
    // After 0, 10, 30, 70, 150 and 310 ms; twice that is no busy loop either.
    assert!((2..=12).contains(&polls), "{polls} polls");

    // Nothing was lost.
    drop(hoard);
    for _ in &clients {
        G::finish(&bell, |caller| incoming.poll_with(caller)).unwrap();
    }
}

#[test]
fn accept_pauses_while_there_are_no_descriptors() {
    in_a_process_of_its_own("accept_pauses_while_there_are_no_descriptors", || {
        let dir = Dir::new();
        let path = dir.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let _first = net::UnixStream::connect(&path).unwrap();
        let _accepted = Std::accept(&listener).unwrap();
        let _client = net::UnixStream::connect(&path).unwrap();
        let hoard = hoard();
        let accept = listener.accept();
        // A task of the same thread gets to run, and makes room.
        let make_room = async { drop(hoard) };
        let (accepted, ()) =
            futures03::executor::block_on(futures03::future::join(accept, make_room));
        accepted.unwrap();
    });
}

/// The reactor starts with the first poll, and needs descriptors too.
fn incoming_waits_for_its_reactor_too<G: Sockets>() {
    let dir = Dir::new();
    let path = dir.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let _client = net::UnixStream::connect(&path).unwrap();
    let hoard = hoard();
    let bell = Bell::new();
    let mut incoming = listener.incoming();
    for _ in 0..2 {
        assert!(G::poll(&bell, |caller| incoming.poll_with(caller)).is_pending());
        bell.wait();
    }
    drop(hoard);
    G::finish(&bell, |caller| incoming.poll_with(caller)).unwrap();
}

#[test]
fn incoming_waits_for_its_reactor_too_futures01() {
    in_a_process_of_its_own(
        "incoming_waits_for_its_reactor_too_futures01",
        incoming_waits_for_its_reactor_too::<Futures01>,
    );
}

#[test]
fn incoming_waits_for_its_reactor_too_std() {
    in_a_process_of_its_own(
        "incoming_waits_for_its_reactor_too_std",
        incoming_waits_for_its_reactor_too::<Std>,
    );
}

/// After many connections there are no more descriptors open than before.
#[cfg(target_os = "linux")]
#[test]
fn every_descriptor_is_closed_once() {
    use tests_support::Generation;
    in_a_process_of_its_own("every_descriptor_is_closed_once", || {
        let open = || std::fs::read_dir("/proc/self/fd").unwrap().count();
        let dir = Dir::new();
        let path = dir.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let round = || {
            let client = Std::complete(UnixStream::connect(&path)).unwrap();
            let (server, _) = Futures01::accept(&listener).unwrap();
            let (reader, writer) = client.into_split();
            drop((server.into_std().unwrap(), reader, writer, UnixStream::connect(&path)));
            drop(Std::accept(&listener).unwrap());
            let (a, b) = UnixDatagram::pair().unwrap();
            Std::send(&a, b"!").unwrap();
            Futures01::recv(&b, &mut [0]).unwrap();
        };
        round();
        let before = open();
        (0..100).for_each(|_| round());
        assert_eq!(open(), before);
    });
}
