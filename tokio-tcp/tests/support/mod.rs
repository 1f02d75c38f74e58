//! The sockets' operations, in either generation.
#![allow(dead_code, reason = "each test binary uses a part")]

use futures03::executor::block_on;
use std::io;
use std::net::{self, SocketAddr};
use tests_support::{wait01, Futures01, Generation, Std};
use tokio_tcp::{TcpListener, TcpStream};

pub(crate) trait Sockets: Generation {
    fn accept(listener: &mut TcpListener) -> io::Result<(TcpStream, SocketAddr)>;
    fn peek(stream: &mut TcpStream, buf: &mut [u8]) -> io::Result<usize>;

    /// A stream and the std socket of its peer.
    fn pair() -> (TcpStream, net::TcpStream) {
        let listener = net::TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(&listener.local_addr().unwrap());
        let stream = Self::complete(stream).unwrap();
        (stream, listener.accept().unwrap().0)
    }
}

impl Sockets for Futures01 {
    fn accept(listener: &mut TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        wait01(|| listener.poll_accept())
    }

    fn peek(stream: &mut TcpStream, buf: &mut [u8]) -> io::Result<usize> {
        wait01(|| stream.poll_peek(buf))
    }
}

impl Sockets for Std {
    fn accept(listener: &mut TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
        block_on(listener.accept())
    }

    fn peek(stream: &mut TcpStream, buf: &mut [u8]) -> io::Result<usize> {
        block_on(stream.peek(buf))
    }
}
