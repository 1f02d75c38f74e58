//! UDP echo: a server by poll functions, a client by futures.

use futures::{Future, Poll};
use std::io;
use std::net::SocketAddr;
use tokio::net::UdpSocket;

pub struct Server {
    socket: UdpSocket,
    buf: Vec<u8>,
    to_send: Option<(usize, SocketAddr)>,
}

impl Server {
    pub fn new(socket: UdpSocket) -> Server {
        Server { socket: socket, buf: vec![0; 2048], to_send: None }
    }
}

impl Future for Server {
    type Item = ();
    type Error = io::Error;

    fn poll(&mut self) -> Poll<(), io::Error> {
        loop {
            if let Some((len, peer)) = self.to_send {
                try_ready!(self.socket.poll_send_to(&self.buf[..len], &peer));
                self.to_send = None;
            }
            self.to_send = Some(try_ready!(self.socket.poll_recv_from(&mut self.buf)));
        }
    }
}

pub fn ask(
    server: &SocketAddr,
    message: Vec<u8>,
) -> Box<Future<Item = Vec<u8>, Error = io::Error> + Send> {
    let socket = UdpSocket::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let ask = socket
        .send_dgram(message, server)
        .and_then(|(socket, _)| socket.recv_dgram(vec![0; 2048]))
        .map(|(_, mut buf, len, _)| {
            buf.truncate(len);
            buf
        });
    Box::new(ask)
}
