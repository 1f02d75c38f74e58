//! Datagrams through a socket.

mod support;

use std::io::ErrorKind;
use std::net;
use support::{bind, Sockets};
use tests_support::{both, bounded, Bell, Futures01, Std};
use tokio_reactor::{Handle, Ready};
use tokio_udp::UdpSocket;

both! {
    datagrams_go_both_ways,
    connected_sockets_send_and_receive,
    a_waiting_receive_is_woken,
    an_empty_datagram_is_data,
    the_end_of_a_long_datagram_is_cut_off,
    a_datagram_that_is_too_long_is_an_error,
    peeking_leaves_the_datagram,
    owned_buffers_come_back,
    giving_up_on_a_datagram_returns_the_parts,
    a_blocking_socket_is_made_nonblocking,
    a_socket_goes_to_std_and_back,
}

fn datagrams_go_both_ways<G: Sockets>() {
    let ((mut a, a_addr), (mut b, b_addr)) = (bind(), bind());
    let mut buf = [0; 64];
    for round in 0..10u8 {
        let message = vec![round; 1 + round as usize];
        assert_eq!(G::send_to(&mut a, &message, &b_addr).unwrap(), message.len());
        assert_eq!(G::recv_from(&mut b, &mut buf).unwrap(), (message.len(), a_addr));
        assert_eq!(&buf[..message.len()], &message[..]);
        assert_eq!(G::send_to(&mut b, &message, &a_addr).unwrap(), message.len());
        assert_eq!(G::recv_from(&mut a, &mut buf).unwrap(), (message.len(), b_addr));
    }
}

fn connected_sockets_send_and_receive<G: Sockets>() {
    let ((mut a, a_addr), (mut b, b_addr)) = (bind(), bind());
    assert_eq!(a.peer_addr().unwrap_err().kind(), ErrorKind::NotConnected);
    a.connect(&b_addr).unwrap();
    b.connect(&a_addr).unwrap();
    assert_eq!(a.peer_addr().unwrap(), b_addr);

    assert_eq!(G::send(&mut a, b"ping").unwrap(), 4);
    let mut buf = [0; 8];
    assert_eq!(G::recv(&mut b, &mut buf).unwrap(), 4);
    assert_eq!(&buf[..4], b"ping");

    // A bound socket can be connected elsewhere.
    let (mut c, c_addr) = bind();
    a.connect(&c_addr).unwrap();
    G::send(&mut a, b"!").unwrap();
    assert_eq!(G::recv_from(&mut c, &mut buf).unwrap(), (1, a_addr));
}

fn a_waiting_receive_is_woken<G: Sockets>() {
    let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
    let bell = Bell::new();
    let mut buf = [0; 8];
    assert!(G::poll(&bell, |caller| b.poll_recv_from_with(caller, &mut buf)).is_pending());
    G::send_to(&mut a, b"wake", &b_addr).unwrap();
    bell.wait();
    let received = G::finish(&bell, |caller| b.poll_recv_from_with(caller, &mut buf));
    assert_eq!(received.unwrap(), (4, a_addr));
    assert!(G::poll(&bell, |caller| b.poll_recv_from_with(caller, &mut buf)).is_pending());
}

fn an_empty_datagram_is_data<G: Sockets>() {
    let ((mut a, a_addr), (mut b, b_addr)) = (bind(), bind());
    assert_eq!(G::send_to(&mut a, b"", &b_addr).unwrap(), 0);
    G::send_to(&mut a, b"next", &b_addr).unwrap();
    let mut buf = [0; 8];
    assert_eq!(G::recv_from(&mut b, &mut buf).unwrap(), (0, a_addr));
    assert_eq!(G::recv_from(&mut b, &mut buf).unwrap(), (4, a_addr));
}

fn the_end_of_a_long_datagram_is_cut_off<G: Sockets>() {
    let ((mut a, _), (mut b, b_addr)) = (bind(), bind());
    G::send_to(&mut a, b"long message", &b_addr).unwrap();
    G::send_to(&mut a, b"next", &b_addr).unwrap();
    let mut buf = [0; 4];
    let first = G::recv_from(&mut b, &mut buf);
    if cfg!(windows) {
        first.unwrap_err();
    } else {
        assert_eq!((first.unwrap().0, &buf), (4, b"long"));
    }
    assert_eq!((G::recv_from(&mut b, &mut buf).unwrap().0, &buf), (4, b"next"));
}

fn a_datagram_that_is_too_long_is_an_error<G: Sockets>() {
    let ((mut a, _), (mut b, b_addr)) = (bind(), bind());
    G::send_to(&mut a, &[0; 1 << 17], &b_addr).unwrap_err();
    G::send_to(&mut a, b"short", &b_addr).unwrap();
    assert_eq!(G::recv_from(&mut b, &mut [0; 8]).unwrap().0, 5);
}

fn peeking_leaves_the_datagram<G: Sockets>() {
    let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
    let bell = Bell::new();
    let mut buf = [0; 8];
    assert!(G::poll(&bell, |caller| b.poll_peek_from_with(caller, &mut buf)).is_pending());
    G::send_to(&mut a, b"word", &b_addr).unwrap();
    for _ in 0..2 {
        let peeked = G::finish(&bell, |caller| b.poll_peek_from_with(caller, &mut buf));
        assert_eq!(peeked.unwrap(), (4, a_addr));
    }
    let received = G::finish(&bell, |caller| b.poll_recv_from_with(caller, &mut buf));
    assert_eq!(received.unwrap(), (4, a_addr));
}

fn owned_buffers_come_back<G: Sockets>() {
    let ((a, a_addr), (b, b_addr)) = (bind(), bind());
    let (a, sent) = G::complete(a.send_dgram("hello", &b_addr)).unwrap();
    assert_eq!((sent, a.local_addr().unwrap()), ("hello", a_addr));
    let (b, buf, len, from) = G::complete(b.recv_dgram(vec![0; 64])).unwrap();
    assert_eq!((&buf[..len], buf.len(), from), (&b"hello"[..], 64, a_addr));
    assert_eq!(b.local_addr().unwrap(), b_addr);
}

fn giving_up_on_a_datagram_returns_the_parts<G: Sockets>() {
    let ((mut a, a_addr), (b, b_addr)) = (bind(), bind());
    let mut receive = b.recv_dgram([7; 8]);
    assert!(G::poll(&Bell::new(), |caller| receive.poll_with(caller)).is_pending());
    let parts = receive.into_parts();
    assert_eq!(parts.buffer, [7; 8]);
    let mut b = parts.socket;
    G::send_to(&mut a, b"later", &b_addr).unwrap();
    assert_eq!(G::recv_from(&mut b, &mut [0; 8]).unwrap(), (5, a_addr));
}

fn a_blocking_socket_is_made_nonblocking<G: Sockets>() {
    let socket = net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let socket = UdpSocket::from_std(socket, &Handle::default()).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| socket.poll_recv_from_with(caller, &mut [0; 8])).is_pending());
}

fn a_socket_goes_to_std_and_back<G: Sockets>() {
    let ((mut a, _), (mut b, b_addr)) = (bind(), bind());
    for _ in 0..2 {
        G::send_to(&mut a, b"word", &b_addr).unwrap();
        assert_eq!(G::recv_from(&mut b, &mut [0; 8]).unwrap().0, 4);
        let std = b.into_std().unwrap();
        assert_eq!(std.recv(&mut [0; 8]).unwrap_err().kind(), ErrorKind::WouldBlock);
        b = UdpSocket::from_std(std, &Handle::default()).unwrap();
    }
}

/// Linux reports that nobody listens at the address of a connected socket.
#[cfg(any(target_os = "linux", target_os = "android", windows))]
mod nobody_there {
    use super::*;

    both! { an_error_of_sending_surfaces_on_receive, a_waiting_receive_is_woken_by_an_error }

    fn an_error_of_sending_surfaces_on_receive<G: Sockets>() {
        let (mut a, _) = bind();
        let nobody = bind().1;
        a.connect(&nobody).unwrap();
        G::send(&mut a, b"anybody?").unwrap();
        let error = G::recv(&mut a, &mut [0; 8]).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset));

        // The socket works on.
        let (mut b, b_addr) = bind();
        a.connect(&b_addr).unwrap();
        G::send(&mut a, b"you?").unwrap();
        assert_eq!(G::recv_from(&mut b, &mut [0; 8]).unwrap().0, 4);
    }

    fn a_waiting_receive_is_woken_by_an_error<G: Sockets>() {
        let (mut a, _) = bind();
        let nobody = bind().1;
        a.connect(&nobody).unwrap();
        let bell = Bell::new();
        let mut buf = [0; 8];
        assert!(G::poll(&bell, |caller| a.poll_recv_with(caller, &mut buf)).is_pending());
        G::send(&mut a, b"anybody?").unwrap();
        G::finish(&bell, |caller| a.poll_recv_with(caller, &mut buf)).unwrap_err();
    }
}

/// Both wait, two datagrams come: both get one.
fn two_waiters<A: Sockets, B: Sockets>() {
    let ((mut sender, _), (socket, addr)) = (bind(), bind());
    let (a, b) = (Bell::new(), Bell::new());
    let mut buf = [0; 8];
    assert!(A::poll(&a, |caller| socket.poll_recv_from_with(caller, &mut buf)).is_pending());
    assert!(B::poll(&b, |caller| socket.poll_recv_from_with(caller, &mut buf)).is_pending());
    for message in [b"1", b"2"] {
        Std::send_to(&mut sender, message, &addr).unwrap();
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
fn an_address_in_use_is_an_error() {
    let (_socket, addr) = bind();
    assert_eq!(UdpSocket::bind(&addr).unwrap_err().kind(), ErrorKind::AddrInUse);
}

#[test]
fn readiness_is_told_in_futures01() {
    use futures::Future;
    bounded(|| {
        let ((mut a, _), (b, b_addr)) = (bind(), bind());
        let ready = futures::future::poll_fn(|| b.poll_write_ready()).wait().unwrap();
        assert!(ready.is_writable());
        Futures01::send_to(&mut a, b"!", &b_addr).unwrap();
        let ready = futures::future::poll_fn(|| b.poll_read_ready(Ready::readable()));
        assert!(ready.wait().unwrap().is_readable());
    });
}

#[test]
fn options_are_kept_before_and_after_binding() {
    bounded(|| {
        let (mut socket, addr) = bind();
        options_are_kept(&socket);
        Std::send_to(&mut socket, b"!", &addr).unwrap();
        options_are_kept(&socket);
        let text = format!("{socket:?}");
        assert!(text.contains(&addr.to_string()), "{text}");
    });
}

fn options_are_kept(socket: &UdpSocket) {
    for on in [true, false] {
        socket.set_broadcast(on).unwrap();
        assert_eq!(socket.broadcast().unwrap(), on);
        socket.set_multicast_loop_v4(on).unwrap();
        assert_eq!(socket.multicast_loop_v4().unwrap(), on);
    }
    for ttl in [3, 42] {
        socket.set_ttl(ttl).unwrap();
        assert_eq!(socket.ttl().unwrap(), ttl);
        socket.set_multicast_ttl_v4(ttl).unwrap();
        assert_eq!(socket.multicast_ttl_v4().unwrap(), ttl);
    }
}

#[test]
fn a_group_can_be_joined_and_left_once() {
    let (socket, _) = bind();
    let group = net::Ipv4Addr::new(224, 0, 0, 251);
    let interface = net::Ipv4Addr::LOCALHOST;
    socket.join_multicast_v4(&group, &interface).unwrap();
    socket.leave_multicast_v4(&group, &interface).unwrap();
    socket.leave_multicast_v4(&group, &interface).unwrap_err();

    let Ok(socket) = UdpSocket::bind(&"[::1]:0".parse().unwrap()) else {
        eprintln!("skipped: this host has no IPv6");
        return;
    };
    for on in [true, false] {
        socket.set_multicast_loop_v6(on).unwrap();
        assert_eq!(socket.multicast_loop_v6().unwrap(), on);
    }
    let group = "ff01::fb".parse().unwrap();
    socket.leave_multicast_v6(&group, 0).unwrap_err();
}

#[cfg(unix)]
#[test]
fn descriptors_are_closed_on_exec() {
    use std::os::fd::AsRawFd;
    let (socket, _) = bind();
    // SAFETY: reads the flags of a descriptor that is open.
    let flags = unsafe { libc::fcntl(socket.as_raw_fd(), libc::F_GETFD) };
    assert_eq!(flags & libc::FD_CLOEXEC, libc::FD_CLOEXEC);
}
