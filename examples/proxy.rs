//! Forwards connections to another address, in both directions.
//!
//! ```sh
//! cargo run --example echo
//! cargo run --example proxy 127.0.0.1:12351 127.0.0.1:12345     # from, to (the defaults)
//! nc -N 127.0.0.1 12351
//! ```
//!
//! The idea: a connection is two directions, and each ends on its own. When one side has sent
//! everything (`nc -N`, after Ctrl-D), the proxy passes just that on, by shutting down the sending
//! side of the other connection, and the answer still comes back. Each direction is one future;
//! `join` runs both, and gives up the other one when one of them fails.
//!
//! Mind the difference: `AsyncWrite::shutdown` of futures 0.1 shuts down the owned half of a
//! `TcpStream`, as below, but does nothing to a whole `TcpStream`, on which programs of that
//! generation rely; there it is `TcpStream::shutdown(Shutdown::Write)`.
//!
//! Generation: futures 0.1.

use std::env;
use std::io;
use std::net::SocketAddr;
use tokio::io::{copy, shutdown};
use tokio::net::{TcpListener, TcpStream};
use tokio::prelude::*;

fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    let mut addr = |default: &str| -> SocketAddr {
        let addr = args.next().unwrap_or_else(|| default.to_string());
        addr.parse().expect("an address, such as 127.0.0.1:0")
    };
    let listener = TcpListener::bind(&addr("127.0.0.1:12351"))?;
    let target = addr("127.0.0.1:12345");
    println!("listening on {}", listener.local_addr()?);

    let server = listener.incoming().map_err(|err| eprintln!("accept failed = {err:?}")).for_each(
        move |client| {
            let connection = TcpStream::connect(&target)
                .and_then(|server| {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    forward(from_client, to_server).join(forward(from_server, to_client))
                })
                .map(|(sent, received)| println!("{sent} bytes sent, {received} received"))
                .map_err(|err| eprintln!("connection lost: {err}"));
            tokio::spawn(connection)
        },
    );
    tokio::run(server);
    Ok(())
}

/// Copies one direction to its end, and passes the end on. Counts the bytes.
fn forward<R, W>(reader: R, writer: W) -> impl Future<Item = u64, Error = io::Error>
where
    R: AsyncRead,
    W: AsyncWrite,
{
    copy(reader, writer).and_then(|(amt, _, writer)| shutdown(writer).map(move |_| amt))
}
