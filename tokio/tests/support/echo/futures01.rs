use super::Peer;
use crate::support::Futures01;
use std::io;
use std::net::SocketAddr;
use tokio::io::{copy, read_to_end, write_all};
use tokio::net::{TcpListener, TcpStream};
use tokio::prelude::*;
use tokio::task::Futures01AsStd;

pub(crate) fn echo(sock: TcpStream) -> impl Future<Item = (), Error = ()> + Send {
    let (reader, writer) = sock.split();
    copy(reader, writer).map(drop).map_err(|e| panic!("echo: {e}"))
}

impl Peer for Futures01 {
    fn serve(listener: TcpListener, connections: u64) {
        tokio::spawn(
            listener
                .incoming()
                .take(connections)
                .map_err(|e| panic!("accept: {e}"))
                .for_each(|sock| tokio::spawn(echo(sock))),
        );
    }

    fn exchange(
        addr: SocketAddr,
        message: Vec<u8>,
    ) -> impl std::future::Future<Output = io::Result<Vec<u8>>> + Send + 'static {
        Futures01AsStd::new(TcpStream::connect(&addr).and_then(|sock| {
            // Side by side, as the socket may fill up.
            let (reader, writer) = sock.into_split();
            write_all(writer, message)
                .map(drop) // the server sees the end
                .join(read_to_end(reader, Vec::new()))
                .map(|((), (_, echo))| echo)
        }))
    }
}
