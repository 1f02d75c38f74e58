//! Sockets and their futures go from thread to thread, and need no pinning.

use std::net::SocketAddr;
use tokio_udp::{Receiving, RecvDgram, SendDgram, Sending, UdpFramed, UdpSocket};

fn everything<T: Send + Sync + Unpin + 'static>() {}
fn send(_: impl Send) {}

#[test]
fn sockets_and_futures_go_from_thread_to_thread() {
    everything::<UdpSocket>();
    everything::<RecvDgram<Vec<u8>>>();
    everything::<Receiving<Vec<u8>>>();
    everything::<SendDgram<Vec<u8>>>();
    everything::<Sending<Vec<u8>>>();
    everything::<UdpFramed<()>>();
}

#[test]
fn async_methods_give_futures_that_can_be_spawned() {
    let addr: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let socket = UdpSocket::bind(&addr).unwrap();
    let mut buf = [0];
    send(async {
        socket.send(b"").await?;
        socket.recv(&mut buf).await?;
        socket.send_to(b"", &addr).await?;
        socket.peek_from(&mut buf).await?;
        socket.recv_from(&mut buf).await
    });
}
