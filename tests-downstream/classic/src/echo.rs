//! TCP echo: by combinators, and by a state machine over `std::io`.

use futures::future::{self, loop_fn, Either, Loop};
use futures::{Async, Future, Poll, Stream};
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use tokio;
use tokio::net::{TcpListener, TcpStream};
use tokio_io::{io as tio, AsyncRead, AsyncWrite};

/// A server for so many connections, each in a task of its own.
pub fn server(
    listener: TcpListener,
    connections: u64,
) -> Box<Future<Item = (), Error = ()> + Send> {
    let server =
        listener.incoming().take(connections).map_err(|e| println!("accept: {}", e)).for_each(
            |sock| {
                let (reader, writer) = sock.split();
                let echo = tio::copy(reader, writer)
                    .map(|(bytes, _, _)| assert!(bytes > 0))
                    .map_err(|e| println!("echo: {}", e));
                tokio::spawn(echo)
            },
        );
    Box::new(server)
}

/// Sends each of `messages` when the one before has come back.
pub fn client(
    addr: &SocketAddr,
    messages: Vec<Vec<u8>>,
) -> Box<Future<Item = usize, Error = io::Error> + Send> {
    let client = TcpStream::connect(addr).and_then(move |sock| {
        loop_fn((sock, messages.into_iter(), 0), |(sock, mut messages, done)| {
            let message = match messages.next() {
                None => return Either::A(future::ok(Loop::Break(done))),
                Some(message) => message,
            };
            let exchange = tio::write_all(sock, message)
                .and_then(|(sock, message)| {
                    let buf = vec![0; message.len()];
                    tio::read_exact(sock, buf).map(|(sock, buf)| (sock, message, buf))
                })
                .and_then(move |(sock, message, echo)| {
                    if message == echo {
                        Ok(Loop::Continue((sock, messages, done + 1)))
                    } else {
                        Err(io::Error::new(io::ErrorKind::InvalidData, "a different echo"))
                    }
                });
            Either::B(exchange)
        })
    });
    Box::new(client)
}

/// Echoes what it reads by `std::io::Read`, and writes by `std::io::Write`.
pub struct ByHand {
    sock: ::tokio_tcp::TcpStream,
    buf: Vec<u8>,
    at: usize,
    total: u64,
}

impl ByHand {
    pub fn new(sock: ::tokio_tcp::TcpStream) -> ByHand {
        ByHand { sock: sock, buf: Vec::new(), at: 0, total: 0 }
    }
}

impl Future for ByHand {
    type Item = u64;
    type Error = io::Error;

    fn poll(&mut self) -> Poll<u64, io::Error> {
        loop {
            while self.at < self.buf.len() {
                self.at += try_nb!(self.sock.write(&self.buf[self.at..]));
            }
            let mut chunk = [0; 1000];
            let n = try_nb!(self.sock.read(&mut chunk));
            if n == 0 {
                try_ready!(AsyncWrite::shutdown(&mut self.sock));
                return Ok(Async::Ready(self.total));
            }
            self.total += n as u64;
            self.buf = chunk[..n].to_vec();
            self.at = 0;
        }
    }
}
