//! WebSocket: an echo server and its client, with async-tungstenite.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin websocket
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin websocket 127.0.0.1:8080
//! ```
//!
//! The idea: without a feature that names a runtime, async-tungstenite runs over anything that has
//! the traits of `futures-io`, as the sockets here have.

use async_tungstenite::tungstenite::Message;
use async_tungstenite::{accept_async, client_async};
use ecosystem::{each_connection, start, Error};
use futures03::StreamExt;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

fn main() -> Result<(), Error> {
    start(serve, client)
}

fn serve(listener: TcpListener) {
    tokio::spawn(each_connection(listener, |sock| async {
        let mut socket = accept_async(sock).await?;
        while let Some(message) = socket.next().await {
            let message = message?;
            // Pings are answered, and closing is confirmed, by the library.
            if message.is_text() || message.is_binary() {
                socket.send(message).await?;
            }
        }
        Ok(())
    }));
}

async fn client(addr: SocketAddr) -> Result<(), Error> {
    let sock = TcpStream::connect(&addr).await?;
    let (mut socket, _response) = client_async(format!("ws://{addr}/"), sock).await?;

    // Much more than the buffers of the sockets take at once.
    let large = vec![b'.'; 1 << 20];
    for message in [Message::text("some words"), Message::binary(large)] {
        socket.send(message.clone()).await?;
        let echo = socket.next().await.ok_or("the server has left")??;
        let verdict = if echo == message { "came back" } else { "came back changed" };
        println!("{} bytes {verdict}", message.len());
    }
    socket.close(None).await?;
    while let Some(message) = socket.next().await {
        println!("closed: {}", message?.is_close());
    }
    Ok(())
}
