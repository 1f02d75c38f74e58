//! Options are kept by the socket, before and after it is bound to a reactor.

mod support;

use std::time::Duration;
use support::Sockets;
use tests_support::{bounded, Std};
use tokio_reactor::Handle;
use tokio_tcp::TcpStream;

fn each_option_is_kept(stream: &TcpStream) {
    for on in [true, false] {
        stream.set_nodelay(on).unwrap();
        assert_eq!(stream.nodelay().unwrap(), on);
    }
    stream.set_ttl(42).unwrap();
    assert_eq!(stream.ttl().unwrap(), 42);

    for linger in [Some(Duration::from_secs(3)), Some(Duration::ZERO), None] {
        stream.set_linger(linger).unwrap();
        assert_eq!(stream.linger().unwrap(), linger);
    }

    stream.set_recv_buffer_size(20_000).unwrap();
    assert!(stream.recv_buffer_size().unwrap() >= 20_000);
    stream.set_send_buffer_size(20_000).unwrap();
    assert!(stream.send_buffer_size().unwrap() >= 20_000);
}

#[cfg(any(target_os = "linux", target_os = "macos", target_os = "freebsd"))]
fn keepalive_is_kept(stream: &TcpStream) {
    stream.set_keepalive(None).unwrap();
    assert_eq!(stream.keepalive().unwrap(), None);
    for seconds in [30, 90] {
        let time = Some(Duration::from_secs(seconds));
        stream.set_keepalive(time).unwrap();
        assert_eq!(stream.keepalive().unwrap(), time);
    }
    let error = stream.set_keepalive(Some(Duration::from_millis(1))).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd")))]
fn keepalive_is_kept(_: &TcpStream) {}

#[test]
fn options_are_kept_before_and_after_binding() {
    bounded(|| {
        let (bound, _peer) = Std::pair();
        each_option_is_kept(&bound);
        keepalive_is_kept(&bound);

        let std = bound.into_std().unwrap();
        let unbound = TcpStream::from_std(std, &Handle::default()).unwrap();
        each_option_is_kept(&unbound);
        keepalive_is_kept(&unbound);
    });
}

#[test]
fn debug_tells_the_addresses() {
    bounded(|| {
        let (stream, _peer) = Std::pair();
        let text = format!("{stream:?}");
        assert!(text.contains(&stream.local_addr().unwrap().to_string()), "{text}");
        assert!(text.contains(&stream.peer_addr().unwrap().to_string()), "{text}");
    });
}
