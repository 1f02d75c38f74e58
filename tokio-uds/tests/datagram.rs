//! Datagrams through a socket.
#![cfg(unix)]

mod support;

use std::io::ErrorKind;
use std::net::Shutdown;
use std::os::unix::net;
use std::path::PathBuf;
use support::{Dir, Sockets};
use tests_support::{both, bounded, wait01, Bell, Futures01, Std};
use tokio_reactor::{Handle, Ready};
use tokio_uds::UnixDatagram;

both! {
    datagrams_go_both_ways,
    connected_sockets_send_and_receive,
    a_pair_is_connected,
    a_sender_without_a_path_is_unnamed,
    an_empty_datagram_is_data,
    the_end_of_a_long_datagram_is_cut_off,
    a_datagram_that_is_too_long_is_an_error,
    a_missing_receiver_is_an_error,
    owned_buffers_come_back,
    the_path_of_a_sender_need_not_be_text,
    giving_up_on_a_datagram_returns_the_parts,
    shutting_down_ends_sending_and_leaves_what_was_sent,
    a_blocking_socket_is_made_nonblocking,
    a_socket_goes_to_std_and_back,
}

fn bind(dir: &Dir, name: &str) -> (UnixDatagram, PathBuf) {
    let path = dir.join(name);
    (UnixDatagram::bind(&path).unwrap(), path)
}

fn datagrams_go_both_ways<G: Sockets>() {
    let dir = Dir::new();
    let ((a, a_path), (b, b_path)) = (bind(&dir, "a"), bind(&dir, "b"));
    assert_eq!(a.local_addr().unwrap().as_pathname(), Some(&*a_path));
    let mut buf = [0; 64];
    for round in 0..10u8 {
        let message = vec![round; 1 + round as usize];
        for (from, from_path, to, to_path) in
            [(&a, &a_path, &b, &b_path), (&b, &b_path, &a, &a_path)]
        {
            assert_eq!(G::send_to(from, &message, to_path).unwrap(), message.len());
            let (len, addr) = G::recv_from(to, &mut buf).unwrap();
            assert_eq!(&buf[..len], &message[..]);
            assert_eq!(addr.as_pathname(), Some(&**from_path));
        }
    }
}

fn connected_sockets_send_and_receive<G: Sockets>() {
    let dir = Dir::new();
    let ((a, a_path), (b, b_path)) = (bind(&dir, "a"), bind(&dir, "b"));
    assert_eq!(a.peer_addr().unwrap_err().kind(), ErrorKind::NotConnected);
    a.connect(&b_path).unwrap();
    b.connect(&a_path).unwrap();
    assert_eq!(a.peer_addr().unwrap().as_pathname(), Some(&*b_path));

    assert_eq!(G::send(&a, b"ping").unwrap(), 4);
    let mut buf = [0; 8];
    assert_eq!(G::recv(&b, &mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"ping");

    // It can be connected elsewhere.
    let (c, c_path) = bind(&dir, "c");
    a.connect_addr(&net::SocketAddr::from_pathname(&c_path).unwrap()).unwrap();
    G::send(&a, b"!").unwrap();
    assert_eq!(G::recv_from(&c, &mut buf).unwrap().1.as_pathname(), Some(&*a_path));
    assert!(a.take_error().unwrap().is_none());
    let text = format!("{a:?}");
    assert!(text.contains("c"), "{text}");
}

fn a_pair_is_connected<G: Sockets>() {
    let (a, b) = UnixDatagram::pair().unwrap();
    let bell = Bell::new();
    let mut buf = [0; 8];
    assert!(G::poll(&bell, |caller| b.poll_recv_with(caller, &mut buf)).is_pending());
    G::send(&a, b"wake").unwrap();
    bell.wait();
    assert_eq!(G::finish(&bell, |caller| b.poll_recv_with(caller, &mut buf)).unwrap(), 4);
    assert!(G::poll(&bell, |caller| b.poll_recv_with(caller, &mut buf)).is_pending());
    drop(b);
    let error = G::send(&a, b"anybody?").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset));
}

fn a_sender_without_a_path_is_unnamed<G: Sockets>() {
    let dir = Dir::new();
    let (a, (b, b_path)) = (UnixDatagram::unbound().unwrap(), bind(&dir, "b"));
    assert!(a.local_addr().unwrap().is_unnamed());
    G::send_to(&a, b"1", &b_path).unwrap();
    G::send_to(&a, b"2", &b_path).unwrap();
    assert!(G::recv_from(&b, &mut [0; 8]).unwrap().1.is_unnamed());
    let (_, _, _, from) = G::complete(b.recv_dgram([0; 8])).unwrap();
    assert_eq!(from, "");
}

fn an_empty_datagram_is_data<G: Sockets>() {
    let (a, b) = UnixDatagram::pair().unwrap();
    assert_eq!(G::send(&a, b"").unwrap(), 0);
    G::send(&a, b"next").unwrap();
    assert_eq!(G::recv(&b, &mut [0; 8]).unwrap(), 0);
    assert_eq!(G::recv(&b, &mut [0; 8]).unwrap(), 4);
}

fn the_end_of_a_long_datagram_is_cut_off<G: Sockets>() {
    let (a, b) = UnixDatagram::pair().unwrap();
    G::send(&a, b"long message").unwrap();
    G::send(&a, b"next").unwrap();
    let mut buf = [0; 4];
    for expected in [b"long", b"next"] {
        assert_eq!((G::recv(&b, &mut buf).unwrap(), &buf), (4, expected));
    }
}

fn a_datagram_that_is_too_long_is_an_error<G: Sockets>() {
    let dir = Dir::new();
    let ((a, _), (b, b_path)) = (bind(&dir, "a"), bind(&dir, "b"));
    G::send_to(&a, &vec![0; 1 << 24], &b_path).unwrap_err();
    G::send_to(&a, b"short", &b_path).unwrap();
    assert_eq!(G::recv_from(&b, &mut [0; 8]).unwrap().0, 5);
}

fn a_missing_receiver_is_an_error<G: Sockets>() {
    let dir = Dir::new();
    let (gone, path) = bind(&dir, "gone");
    drop(gone);
    let a = UnixDatagram::unbound().unwrap();
    for (path, kind) in [
        (dir.join("missing"), ErrorKind::NotFound),
        (path, ErrorKind::ConnectionRefused),
        (dir.join("x".repeat(200)), ErrorKind::InvalidInput),
        (dir.join("with\0zero"), ErrorKind::InvalidInput),
    ] {
        assert_eq!(G::send_to(&a, b"anybody?", &path).unwrap_err().kind(), kind);
        assert_eq!(a.connect(&path).unwrap_err().kind(), kind);
        let to = UnixDatagram::unbound().unwrap().send_dgram("anybody?", &path);
        assert_eq!(G::complete(to).unwrap_err().kind(), kind);
    }
    G::send(&a, b"to whom?").unwrap_err();
}

fn owned_buffers_come_back<G: Sockets>() {
    let dir = Dir::new();
    let ((a, a_path), (b, b_path)) = (bind(&dir, "a"), bind(&dir, "b"));
    let (a, sent) = G::complete(a.send_dgram(String::from("hello"), &b_path)).unwrap();
    assert_eq!(sent, "hello");
    let (b, buf, len, from) = G::complete(b.recv_dgram(vec![0; 9])).unwrap();
    assert_eq!((&buf[..len], from), (&b"hello"[..], a_path.to_str().unwrap().to_string()));
    assert_eq!(buf.len(), 9);
    assert_eq!(a.local_addr().unwrap().as_pathname(), Some(&*a_path));
    assert_eq!(b.local_addr().unwrap().as_pathname(), Some(&*b_path));
}

fn the_path_of_a_sender_need_not_be_text<G: Sockets>() {
    use std::os::unix::ffi::OsStrExt;
    let dir = Dir::new();
    let name = dir.join(std::ffi::OsStr::from_bytes(b"\xff"));
    // Some file systems have no such names.
    let Ok(a) = UnixDatagram::bind(&name) else { return };
    let (b, b_path) = bind(&dir, "b");
    G::send_to(&a, b"!", &b_path).unwrap();
    let (_, _, _, from) = G::complete(b.recv_dgram([0; 8])).unwrap();
    assert_eq!(from, name.to_string_lossy());
}

fn giving_up_on_a_datagram_returns_the_parts<G: Sockets>() {
    let dir = Dir::new();
    let (b, b_path) = bind(&dir, "b");
    let mut receive = b.recv_dgram(vec![0; 8]);
    assert!(G::poll(&Bell::new(), |caller| receive.poll_with(caller)).is_pending());
    let parts = receive.into_parts();
    assert_eq!(parts.buffer.len(), 8);
    G::send_to(&UnixDatagram::unbound().unwrap(), b"late", &b_path).unwrap();
    assert_eq!(G::recv(&parts.socket, &mut [0; 8]).unwrap(), 4);
}

fn shutting_down_ends_sending_and_leaves_what_was_sent<G: Sockets>() {
    let (a, b) = UnixDatagram::pair().unwrap();
    G::send(&a, b"last").unwrap();
    a.shutdown(Shutdown::Both).unwrap();
    assert_eq!(G::send(&a, b"!").unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(G::recv(&b, &mut [0; 8]).unwrap(), 4);
    assert_eq!(G::send(&b, b"!").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

fn a_blocking_socket_is_made_nonblocking<G: Sockets>() {
    let (a, b) = net::UnixDatagram::pair().unwrap();
    let b = UnixDatagram::from_std(b, &Handle::default()).unwrap();
    let bell = Bell::new();
    let mut buf = [0; 8];
    assert!(G::poll(&bell, |caller| b.poll_recv_with(caller, &mut buf)).is_pending());
    a.send(b"!").unwrap();
    assert_eq!(G::finish(&bell, |caller| b.poll_recv_with(caller, &mut buf)).unwrap(), 1);
}

fn a_socket_goes_to_std_and_back<G: Sockets>() {
    let (a, mut b) = UnixDatagram::pair().unwrap();
    for _ in 0..2 {
        G::send(&a, b"word").unwrap();
        assert_eq!(G::recv(&b, &mut [0; 8]).unwrap(), 4);
        let std = b.into_std().unwrap();
        assert_eq!(std.recv(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
        b = UnixDatagram::from_std(std, &Handle::default()).unwrap();
    }
}

/// Elsewhere a full receiver is an error.
#[cfg(any(target_os = "android", target_os = "linux"))]
mod full {
    use super::*;
    use std::future::{poll_fn, Future};
    use std::pin::pin;
    use std::sync::Arc;
    use std::task::{Context, Poll, Waker};
    use std::thread;

    both! {
        a_full_connected_receiver_wakes_its_sender_once_it_reads,
        a_sender_is_not_stuck_when_its_receiver_was_full_of_others_datagrams,
    }

    fn fill<G: Sockets>(socket: &UnixDatagram) -> usize {
        let mut sent = 0;
        let bell = Bell::new();
        while let Poll::Ready(n) = G::poll(&bell, |caller| socket.poll_send_with(caller, b"x")) {
            sent += n.unwrap();
        }
        sent
    }

    fn a_full_connected_receiver_wakes_its_sender_once_it_reads<G: Sockets>() {
        let (a, b) = UnixDatagram::pair().unwrap();
        let sent = fill::<G>(&a);
        let bell = Bell::new();
        assert!(G::poll(&bell, |caller| a.poll_send_with(caller, b"y")).is_pending());
        for _ in 0..sent {
            assert_eq!(G::recv(&b, &mut [0; 8]).unwrap(), 1);
        }
        G::finish(&bell, |caller| a.poll_send_with(caller, b"y")).unwrap();
        let mut buf = [0; 8];
        G::recv(&b, &mut buf).unwrap();
        assert_eq!(&buf[..1], b"y");
    }

    fn a_sender_is_not_stuck_when_its_receiver_was_full_of_others_datagrams<G: Sockets>() {
        let dir = Dir::new();
        let (receiver, path) = bind(&dir, "receiver");
        let other = UnixDatagram::unbound().unwrap();
        other.connect(&path).unwrap();
        let sent = fill::<G>(&other);

        let bell = Bell::new();
        let sender = UnixDatagram::unbound().unwrap();
        let mut send = sender.send_dgram("mine", &path);
        for _ in 0..3 {
            assert!(G::poll(&bell, |caller| send.poll_with(caller)).is_pending());
            bell.wait();
        }
        for _ in 0..sent {
            assert_eq!(G::recv(&receiver, &mut [0; 8]).unwrap(), 1);
        }
        G::finish(&bell, |caller| send.poll_with(caller)).unwrap();
        assert_eq!(G::recv(&receiver, &mut [0; 8]).unwrap(), 4);
    }

    #[test]
    fn send_to_is_not_stuck_when_its_receiver_was_full_of_others_datagrams() {
        bounded(|| {
            let dir = Dir::new();
            let (receiver, path) = bind(&dir, "receiver");
            let other = UnixDatagram::unbound().unwrap();
            other.connect(&path).unwrap();
            let sent = fill::<Std>(&other);
            let sender = UnixDatagram::unbound().unwrap();
            let mut send = pin!(sender.send_to(b"mine", &path));
            let waits = send.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert!(waits.is_pending());
            let drain = thread::spawn(move || {
                for _ in 0..sent {
                    Std::recv(&receiver, &mut [0; 8]).unwrap();
                }
                Std::recv(&receiver, &mut [0; 8]).unwrap()
            });
            assert_eq!(futures03::executor::block_on(send).unwrap(), 4);
            assert_eq!(drain.join().unwrap(), 4);
        });
    }

    /// Each datagram of a crowd arrives, though the queue has room for a few at a time.
    #[test]
    fn every_datagram_of_many_senders_arrives() {
        bounded(|| {
            let dir = Dir::new();
            let (receiver, path) = bind(&dir, "receiver");
            let receiver = Arc::new(receiver);
            let senders = (0..50u8).map(|n| {
                let path = path.clone();
                async move {
                    let sender = UnixDatagram::unbound().unwrap();
                    for round in 0..4 {
                        sender.send_to(&[n, round], &path).await.unwrap();
                    }
                }
            });
            let receive = async {
                let mut next = [0; 50];
                for _ in 0..200 {
                    let mut buf = [0; 8];
                    let (len, _) = poll_fn(|cx| receiver.poll_recv_from_with(cx.into(), &mut buf))
                        .await
                        .unwrap();
                    assert_eq!((len, buf[1]), (2, next[buf[0] as usize]));
                    next[buf[0] as usize] += 1;
                }
            };
            let all = futures03::future::join(futures03::future::join_all(senders), receive);
            futures03::executor::block_on(all);
        });
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_abstract_name_is_an_address() {
    use std::os::linux::net::SocketAddrExt;
    bounded(|| {
        let dir = Dir::new();
        let name = dir.join("no file");
        let addr = net::SocketAddr::from_abstract_name(name.as_os_str().as_encoded_bytes());
        let addr = addr.unwrap();
        let receiver = UnixDatagram::bind_addr(&addr).unwrap();
        let sender = UnixDatagram::unbound().unwrap();
        futures03::executor::block_on(sender.send_to_addr(b"hello", &addr)).unwrap();
        sender.connect_addr(&addr).unwrap();
        Std::send(&sender, b"again").unwrap();
        for _ in 0..2 {
            assert_eq!(Std::recv(&receiver, &mut [0; 8]).unwrap(), 5);
        }
    });
}

/// Both wait, two datagrams come: both get one.
fn two_waiters<A: Sockets, B: Sockets>() {
    let (sender, socket) = UnixDatagram::pair().unwrap();
    let (a, b) = (Bell::new(), Bell::new());
    let mut buf = [0; 8];
    assert!(A::poll(&a, |caller| socket.poll_recv_from_with(caller, &mut buf)).is_pending());
    assert!(B::poll(&b, |caller| socket.poll_recv_from_with(caller, &mut buf)).is_pending());
    for message in [b"1", b"2"] {
        Std::send(&sender, message).unwrap();
    }
    a.wait();
    b.wait();
    A::finish(&a, |caller| socket.poll_recv_from_with(caller, &mut buf)).unwrap();
    assert_eq!(&buf[..1], b"1");
    B::finish(&b, |caller| socket.poll_recv_from_with(caller, &mut buf)).unwrap();
    assert_eq!(&buf[..1], b"2");
}

#[test]
fn two_tasks_that_receive_are_both_woken() {
    bounded(two_waiters::<Std, Std>);
    bounded(two_waiters::<Futures01, Futures01>);
}

#[test]
fn two_tasks_of_different_generations_that_receive_are_both_woken() {
    bounded(two_waiters::<Std, Futures01>);
    bounded(two_waiters::<Futures01, Std>);
}

#[test]
fn a_path_in_use_is_an_error() {
    let dir = Dir::new();
    let (_socket, path) = bind(&dir, "socket");
    assert_eq!(UnixDatagram::bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[test]
fn readiness_is_told_in_futures01() {
    bounded(|| {
        let (a, b) = UnixDatagram::pair().unwrap();
        assert!(wait01(|| b.poll_write_ready()).unwrap().is_writable());
        Futures01::send(&a, b"!").unwrap();
        let ready = wait01(|| b.poll_read_ready(Ready::readable())).unwrap();
        assert!(ready.is_readable());
    });
}
