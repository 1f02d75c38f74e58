//! A library that insists on tokio 1, in a task of this runtime.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin beside_tokio1
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin beside_tokio1 127.0.0.1:12345
//! ```
//!
//! The idea: `async_compat::Compat` keeps a reactor and a timer of tokio 1 at hand, on a thread of
//! their own, for the future that it wraps. The future itself is polled here: it may use both
//! runtimes' sockets, and spawn here.

use async_compat::Compat;
use ecosystem::{each_connection, start, Error};
use futures03::io::{copy, AsyncReadExt as _};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio1::io::{AsyncReadExt, AsyncWriteExt};

fn main() -> Result<(), Error> {
    start(serve, client)
}

/// An echo server of this runtime.
fn serve(listener: TcpListener) {
    tokio::spawn(each_connection(listener, |sock| async {
        let (reader, mut writer) = sock.split();
        copy(reader, &mut writer).await?;
        Ok(())
    }));
}

async fn client(addr: SocketAddr) -> Result<(), Error> {
    let words = tokio::spawn(Compat::new(library_of_tokio1(addr))).await??;
    println!("tokio 1 wrote to this runtime's server, and read: {words}");
    Ok(())
}

/// Would panic without a tokio 1 around it.
async fn library_of_tokio1(addr: SocketAddr) -> Result<String, Error> {
    let mut stream = tokio1::net::TcpStream::connect(addr).await?;
    tokio1::time::sleep(Duration::from_millis(1)).await;
    stream.write_all(b"some words").await?;
    // And this runtime is around it as well.
    tokio::spawn(tokio::time::sleep(Duration::from_millis(1))).await?;
    stream.shutdown().await?;
    let mut words = String::new();
    stream.read_to_string(&mut words).await?;
    Ok(words)
}
