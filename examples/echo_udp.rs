//! Sends every datagram back to where it came from.
//!
//! ```sh
//! cargo run --example echo_udp                      # on 127.0.0.1:12350
//! cargo run --example connect -- --udp 127.0.0.1:12350
//! nc -u 127.0.0.1 12350
//! ```
//!
//! The idea: a future written by hand. It is a state machine: `poll` goes on as far as it can, and
//! returns `NotReady` only where a socket has said so, because that socket then wakes the task.
//! The state that has to outlive a `NotReady` is in the struct.
//!
//! Generation: futures 0.1. An `async fn` is such a struct, written by the compiler.

use futures::try_ready;
use std::env;
use std::io;
use std::net::SocketAddr;
use tokio::net::UdpSocket;
use tokio::prelude::*;

/// The longest datagram of UDP is a little shorter.
const LONGEST: usize = 64 * 1024;

struct Echo {
    socket: UdpSocket,
    buf: Vec<u8>,
    /// The datagram at the start of `buf` that is to be sent back: its length, and to whom.
    reply: Option<(usize, SocketAddr)>,
}

impl Future for Echo {
    type Item = ();
    type Error = io::Error;

    fn poll(&mut self) -> Poll<(), io::Error> {
        loop {
            if let Some((len, peer)) = self.reply {
                match self.socket.poll_send_to(&self.buf[..len], &peer) {
                    Ok(Async::Ready(sent)) => println!("echoed {sent} bytes to {peer}"),
                    Ok(Async::NotReady) => return Ok(Async::NotReady),
                    // Anybody can send with an address that nobody can reply to.
                    Err(err) => eprintln!("no reply to {peer}: {err}"),
                }
                self.reply = None;
            }
            self.reply = Some(try_ready!(self.receive()));
        }
    }
}

impl Echo {
    fn receive(&mut self) -> Poll<(usize, SocketAddr), io::Error> {
        loop {
            match self.socket.poll_recv_from(&mut self.buf) {
                // An earlier reply has found nobody; some systems say so here.
                Err(err) if err.kind() == io::ErrorKind::ConnectionReset => {}
                result => return result,
            }
        }
    }
}

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:12350".to_string());
    let socket = UdpSocket::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))?;
    println!("listening on {}", socket.local_addr()?);

    let echo = Echo { socket, buf: vec![0; LONGEST], reply: None };
    tokio::run(echo.map_err(|err| eprintln!("IO error {err:?}")));
    Ok(())
}
