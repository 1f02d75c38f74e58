//! `tokio::reactor::PollEvented`, under its name of before 0.1.6.

#![allow(deprecated)]

mod support;

use futures::future::poll_fn;
use futures::Async;
use mio::net::UdpSocket;
use std::io;
use support::bounded;
use tokio::reactor::{PollEvented, Ready};
use tokio::runtime::Runtime;

#[test]
fn a_source_waits_and_is_told() {
    bounded(a_source_waits_and_is_told_in_time);
}

fn a_source_waits_and_is_told_in_time() {
    let mut runtime = Runtime::new().unwrap();
    let one = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let two = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = one.local_addr().unwrap();
    let mut one = PollEvented::new(one, runtime.handle()).unwrap();
    let mut sent = 0;
    let received = poll_fn(move || {
        // Nothing is there at first, and nothing is after the first datagram.
        while one.poll_read().is_ready() {
            match one.get_ref().recv_from(&mut [0; 8]) {
                Ok((n, _)) if sent == 2 => return Ok(Async::Ready(n)),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => one.need_read()?,
                Err(error) => return Err(error),
            }
        }
        sent += 1;
        two.send_to(&[0; 8][..sent], to)?;
        Ok(Async::NotReady)
    });
    assert_eq!(runtime.block_on(received).unwrap(), 2);
}

#[test]
fn a_socket_is_writable_by_either_question() {
    bounded(a_socket_is_writable_by_either_question_in_time);
}

fn a_socket_is_writable_by_either_question_in_time() {
    let mut runtime = Runtime::new().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let mut socket = Some(PollEvented::new(socket, runtime.handle()).unwrap());
    let writable = poll_fn(move || {
        let evented = socket.as_mut().unwrap();
        if evented.poll_write().is_not_ready() {
            return Ok::<_, io::Error>(Async::NotReady);
        }
        assert!(evented.poll_ready(Ready::writable()).is_ready());
        evented.need_write()?;
        Ok(Async::Ready(socket.take().unwrap().into_inner()))
    });
    let socket = runtime.block_on(writable).unwrap();
    assert_eq!(socket.local_addr().unwrap(), address);
}
