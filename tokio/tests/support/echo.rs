//! Echo servers and clients, written as each generation's programs write them.

use super::{Futures01, Std};
use futures::{Future as Future01, Stream as Stream01};
use futures03::{AsyncReadExt, AsyncWriteExt};
use std::future::{Future, IntoFuture};
use std::io;
use std::net::SocketAddr;
use tokio::io::AsyncRead as _;
use tokio::net::{TcpListener, TcpStream};

/// Servers and clients of one generation. What each returns is driven by [`tokio::task`] adapters
/// from the other one where a test needs that.
pub(crate) trait Peer: 'static {
    /// Spawns a server that echoes each of `connections` connections until their clients shut
    /// down, and then ends. Each connection is a task of its own.
    fn serve(listener: TcpListener, connections: u64);

    /// Sends `message`, shuts down, and returns what comes back until the end.
    fn exchange(
        addr: SocketAddr,
        message: Vec<u8>,
    ) -> impl Future<Output = io::Result<Vec<u8>>> + Send + 'static;
}

pub(crate) fn echo_futures01(sock: TcpStream) -> impl Future01<Item = (), Error = ()> + Send {
    let (reader, writer) = sock.split();
    tokio::io::copy(reader, writer)
        .and_then(|(_, _, writer)| tokio::io::shutdown(writer))
        .map(drop)
        .map_err(|e| panic!("echo: {e}"))
}

pub(crate) async fn echo_std(mut sock: TcpStream) {
    let mut buf = vec![0; 16 * 1024];
    loop {
        let n = sock.read(&mut buf).await.expect("echo");
        if n == 0 {
            return sock.close().await.expect("echo");
        }
        sock.write_all(&buf[..n]).await.expect("echo");
    }
}

impl Peer for Futures01 {
    fn serve(listener: TcpListener, connections: u64) {
        tokio::spawn(
            listener
                .incoming()
                .take(connections)
                .map_err(|e| panic!("accept: {e}"))
                .for_each(|sock| tokio::spawn(echo_futures01(sock))),
        );
    }

    fn exchange(
        addr: SocketAddr,
        message: Vec<u8>,
    ) -> impl Future<Output = io::Result<Vec<u8>>> + Send + 'static {
        // The reader and the writer are chains of their own, as the socket may fill up.
        let exchange = TcpStream::connect(&addr).and_then(|sock| {
            let (reader, writer) = sock.split();
            let send = tokio::io::write_all(writer, message)
                .and_then(|(writer, _)| tokio::io::shutdown(writer));
            send.join(tokio::io::read_to_end(reader, Vec::new())).map(|(_, (_, echo))| echo)
        });
        tokio::task::Futures01AsStd::new(exchange).into_future()
    }
}

impl Peer for Std {
    fn serve(listener: TcpListener, connections: u64) {
        tokio::spawn(async move {
            for _ in 0..connections {
                let (sock, _) = listener.accept().await.expect("accept");
                tokio::spawn(echo_std(sock));
            }
        });
    }

    fn exchange(
        addr: SocketAddr,
        message: Vec<u8>,
    ) -> impl Future<Output = io::Result<Vec<u8>>> + Send + 'static {
        async move {
            let sock = TcpStream::connect(&addr).await?;
            let send = async {
                (&sock).write_all(&message).await?;
                (&sock).close().await
            };
            let mut echo = Vec::new();
            let (sent, received) = futures03::join!(send, (&sock).read_to_end(&mut echo));
            sent?;
            received?;
            Ok(echo)
        }
    }
}

/// Bytes that look random, so that a lost, doubled or swapped byte shows.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// FNV-1a, to compare streams without keeping them.
pub(crate) fn checksum(seed: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(seed, |sum, &b| (sum ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}
