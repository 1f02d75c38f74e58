//! The socket's operations, in either generation.
#![allow(dead_code, reason = "each test binary uses a part")]

use futures03::executor::block_on;
use std::io;
use std::net::SocketAddr;
use tests_support::{wait01, Futures01, Generation, Std};
use tokio_udp::UdpSocket;

pub(crate) fn bind() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = socket.local_addr().unwrap();
    (socket, addr)
}

pub(crate) trait Sockets: Generation {
    fn send(socket: &mut UdpSocket, buf: &[u8]) -> io::Result<usize>;
    fn recv(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<usize>;
    fn send_to(socket: &mut UdpSocket, buf: &[u8], to: &SocketAddr) -> io::Result<usize>;
    fn recv_from(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)>;
}

impl Sockets for Futures01 {
    fn send(socket: &mut UdpSocket, buf: &[u8]) -> io::Result<usize> {
        wait01(|| socket.poll_send(buf))
    }

    fn recv(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
        wait01(|| socket.poll_recv(buf))
    }

    fn send_to(socket: &mut UdpSocket, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        wait01(|| socket.poll_send_to(buf, to))
    }

    fn recv_from(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        wait01(|| socket.poll_recv_from(buf))
    }
}

impl Sockets for Std {
    fn send(socket: &mut UdpSocket, buf: &[u8]) -> io::Result<usize> {
        block_on(socket.send(buf))
    }

    fn recv(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<usize> {
        block_on(socket.recv(buf))
    }

    fn send_to(socket: &mut UdpSocket, buf: &[u8], to: &SocketAddr) -> io::Result<usize> {
        block_on(socket.send_to(buf, to))
    }

    fn recv_from(socket: &mut UdpSocket, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        block_on(socket.recv_from(buf))
    }
}
