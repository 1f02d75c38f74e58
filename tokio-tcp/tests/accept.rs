//! Listening and accepting.

mod support;

use futures03::FutureExt;
use socket2::SockRef;
use std::io::{self, ErrorKind, Write};
use std::net;
use std::time::Duration;
use support::Sockets;
use tests_support::{both, bounded, Bell, Futures01, Std};
use tokio_reactor::Handle;
use tokio_tcp::TcpListener;

both! {
    accepts_with_the_address_of_the_peer,
    incoming_yields_one_connection_after_the_other,
    an_aborted_connection_is_not_the_end_of_incoming,
    giving_up_on_accept_loses_no_connection,
    a_blocking_listener_is_made_nonblocking,
    a_listener_goes_to_std_and_back,
}

fn bind() -> TcpListener {
    TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap()
}

fn accepts_with_the_address_of_the_peer<G: Sockets>() {
    let mut listener = bind();
    let mut client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut stream, addr) = G::accept(&mut listener).unwrap();
    assert_eq!(addr, client.local_addr().unwrap());
    assert_eq!(stream.peer_addr().unwrap(), addr);

    client.write_all(b"hello").unwrap();
    let mut buf = [0; 5];
    G::read_exact(&mut stream, &mut buf).unwrap();
    assert_eq!(&buf, b"hello");
}

fn incoming_yields_one_connection_after_the_other<G: Sockets>() {
    let listener = bind();
    let addr = listener.local_addr().unwrap();
    let mut incoming = listener.incoming();
    for _ in 0..3 {
        let client = net::TcpStream::connect(addr).unwrap();
        let stream = G::next(&mut incoming).expect("it never ends").unwrap();
        assert_eq!(stream.peer_addr().unwrap(), client.local_addr().unwrap());
    }
}

fn an_aborted_connection_is_not_the_end_of_incoming<G: Sockets>() {
    let listener = bind();
    let addr = listener.local_addr().unwrap();
    let aborted = net::TcpStream::connect(addr).unwrap();
    SockRef::from(&aborted).set_linger(Some(Duration::ZERO)).unwrap();
    drop(aborted);
    let client = net::TcpStream::connect(addr).unwrap();
    let client = client.local_addr().unwrap();

    // Some systems hand the aborted one out, others keep it to themselves.
    let mut incoming = listener.incoming();
    let arrived = (0..2).any(|_| {
        let stream = G::next(&mut incoming).expect("it never ends").unwrap();
        stream.peer_addr().is_ok_and(|addr| addr == client)
    });
    assert!(arrived);
}

fn giving_up_on_accept_loses_no_connection<G: Sockets>() {
    let mut listener = bind();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| listener.poll_accept_with(caller)).is_pending());
    assert!(listener.accept().now_or_never().is_none());
    let client = net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (_, addr) = G::accept(&mut listener).unwrap();
    assert_eq!(addr, client.local_addr().unwrap());
}

fn a_blocking_listener_is_made_nonblocking<G: Sockets>() {
    let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = listener.local_addr().unwrap();
    let listener = TcpListener::from_std(listener, &Handle::default()).unwrap();
    let bell = Bell::new();
    assert!(G::poll(&bell, |caller| listener.poll_accept_with(caller)).is_pending());
    let _client = net::TcpStream::connect(addr).unwrap();
    G::finish(&bell, |caller| listener.poll_accept_with(caller)).unwrap();
}

fn a_listener_goes_to_std_and_back<G: Sockets>() {
    let mut listener = bind();
    let addr = listener.local_addr().unwrap();
    for _ in 0..2 {
        let _client = net::TcpStream::connect(addr).unwrap();
        G::accept(&mut listener).unwrap();
        let std = listener.into_std().unwrap();
        assert_eq!(std.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
        listener = TcpListener::from_std(std, &Handle::default()).unwrap();
    }
}

/// Both wait, two connections come: both get one.
fn two_waiters<A: Sockets, B: Sockets>() {
    let listener = bind();
    let (a, b) = (Bell::new(), Bell::new());
    assert!(A::poll(&a, |caller| listener.poll_accept_with(caller)).is_pending());
    assert!(B::poll(&b, |caller| listener.poll_accept_with(caller)).is_pending());

    let addr = listener.local_addr().unwrap();
    let _clients = [addr; 2].map(|addr| net::TcpStream::connect(addr).unwrap());
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
fn two_async_accepts_of_one_listener_both_complete() {
    bounded(|| {
        let listener = bind();
        let addr = listener.local_addr().unwrap();
        let clients = async {
            Ok::<_, io::Error>([addr; 2].map(|addr| net::TcpStream::connect(addr).unwrap()))
        };
        let all = futures03::future::try_join3(listener.accept(), listener.accept(), clients);
        futures03::executor::block_on(all).unwrap();
    });
}

#[test]
fn an_address_in_use_is_an_error() {
    let listener = bind();
    let error = TcpListener::bind(&listener.local_addr().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
}

/// The side that closes first keeps the address busy for minutes, unless told otherwise.
#[cfg(unix)]
#[test]
fn an_address_can_be_bound_again_at_once() {
    use std::io::Read;
    bounded(|| {
        let mut listener = bind();
        let addr = listener.local_addr().unwrap();
        let mut client = net::TcpStream::connect(addr).unwrap();
        let accepted = Std::accept(&mut listener).unwrap();
        drop((accepted, listener));
        assert_eq!(client.read(&mut [0]).unwrap(), 0);
        drop(client);
        TcpListener::bind(&addr).unwrap();
    });
}

#[test]
fn accept_std_gives_a_blocking_stream() {
    bounded(|| {
        let mut listener = bind();
        let addr = listener.local_addr().unwrap();
        let clients = [addr; 2].map(|addr| net::TcpStream::connect(addr).unwrap());
        let poll = futures::future::poll_fn(|| listener.poll_accept_std());
        let (polled, first) = futures::Future::wait(poll).unwrap();
        #[allow(deprecated)]
        let (accepted, second) =
            futures::Future::wait(futures::future::lazy(|| listener.accept_std())).unwrap();
        assert_eq!([first, second], clients.each_ref().map(|c| c.local_addr().unwrap()));
        #[cfg(unix)]
        for stream in [&polled, &accepted] {
            assert!(!SockRef::from(stream).nonblocking().unwrap());
        }
        drop((polled, accepted));
    });
}

#[test]
fn ttl_is_kept() {
    let listener = bind();
    listener.set_ttl(7).unwrap();
    assert_eq!(listener.ttl().unwrap(), 7);
}
