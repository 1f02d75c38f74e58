//! A fallback of one's own. One test, for the fallback belongs to the process.

mod support;

use mio::net::UdpSocket;
use support::*;
use tokio_reactor::{PollEvented, Reactor};

#[test]
fn a_thread_without_a_reactor_uses_the_fallback_that_was_set() {
    let reactor = Reactor::new().unwrap();
    reactor.set_fallback().unwrap();
    assert!(Reactor::new().unwrap().set_fallback().is_err());
    let socket = PollEvented::new(UdpSocket::bind(loopback()).unwrap());
    assert!(!reactor.is_idle());
    drop(socket);
    drop(reactor);
    let socket = PollEvented::new(UdpSocket::bind(loopback()).unwrap());
    let failed = futures03::executor::block_on(std::future::poll_fn(|cx| {
        socket.poll_ready(cx.into(), tokio_reactor::Direction::Read)
    }));
    assert_eq!(failed.unwrap_err().to_string(), "reactor gone");
}
