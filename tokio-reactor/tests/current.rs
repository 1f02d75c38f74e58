//! Which reactor the default handle stands for.

mod support;

use mio::net::UdpSocket;
use support::*;
use tokio_executor::park::Unpark;
use tokio_reactor::{set_default, with_default, Handle, PollEvented, Reactor};

fn bind() -> PollEvented<UdpSocket> {
    PollEvented::new(UdpSocket::bind(loopback()).unwrap())
}

#[test]
fn the_innermost_default_counts() {
    let (outer, inner) = (Reactor::new().unwrap(), Reactor::new().unwrap());
    let _outer = set_default(&outer.handle());
    {
        let _inner = set_default(&inner.handle());
        let _socket = bind();
        assert!(outer.is_idle() && !inner.is_idle());
    }
    let _socket = bind();
    assert!(!outer.is_idle() && inner.is_idle());
}

#[test]
fn guards_may_be_dropped_in_any_order() {
    let (first, second) = (Reactor::new().unwrap(), Reactor::new().unwrap());
    let one = set_default(&first.handle());
    let two = set_default(&second.handle());
    drop(one);
    let socket = bind();
    assert!(first.is_idle() && !second.is_idle());
    drop((socket, two));
    let one = set_default(&first.handle());
    // Elsewhere a guard changes nothing.
    std::thread::spawn(move || drop(one)).join().unwrap();
    let _socket = bind();
    assert!(!first.is_idle());
}

#[test]
fn with_default_hands_the_executor_on() {
    let reactor = Reactor::new().unwrap();
    let mut enter = tokio_executor::enter().unwrap();
    let _socket = with_default(&reactor.handle(), &mut enter, |_| bind());
    assert!(!reactor.is_idle());
}

#[test]
fn the_default_is_restored_after_a_panic() {
    let (outer, inner) = (Reactor::new().unwrap(), Reactor::new().unwrap());
    let _outer = set_default(&outer.handle());
    let mut enter = tokio_executor::enter().unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        with_default(&inner.handle(), &mut enter, |_| {
            std::panic::resume_unwind(Box::new(()));
        })
    }));
    assert!(panicked.is_err());
    let _socket = bind();
    assert!(!outer.is_idle());
}

#[test]
#[should_panic(expected = "names no reactor")]
fn the_default_handle_cannot_be_the_default() {
    let _ = set_default(&Handle::default());
}

#[test]
fn the_default_handle_unparks_nothing() {
    Handle::default().unpark();
}

#[test]
#[allow(deprecated)]
fn a_handle_can_name_the_current_reactor() {
    let reactor = Reactor::new().unwrap();
    let guard = set_default(&reactor.handle());
    let current = Handle::current();
    drop(guard);
    let socket = UdpSocket::bind(loopback()).unwrap();
    let _socket = PollEvented::new_with_handle(socket, &current).unwrap();
    assert!(!reactor.is_idle());
}
