//! The echo server of `echo.rs` with `async`/`await`: whatever a client sends comes back to it.
//!
//! ```sh
//! cargo run --example echo_async                    # listens on 127.0.0.1:12346
//! cargo run --example echo_async 127.0.0.1:0        # or on a port that the system chooses
//! nc 127.0.0.1 12346
//! ```
//!
//! The idea: the sockets are those of `echo.rs`, and so are `tokio::run` and `tokio::spawn`. The
//! extension traits come from the `futures` crate (here called `futures03`, since this package also
//! uses futures 0.1): nothing in the loop that copies is particular to this runtime.
//!
//! Generation: std.

use futures03::io::{copy, AsyncReadExt};
use std::env;
use std::io;
use tokio::net::{TcpListener, TcpStream};

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:12346".to_string());
    let listener = TcpListener::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))?;
    println!("listening on {}", listener.local_addr()?);

    tokio::run(async move {
        loop {
            match listener.accept().await {
                // The handle of the task is not needed: dropping it lets the task run on.
                Ok((sock, _)) => drop(tokio::spawn(echo(sock))),
                // Out of descriptors, `accept` waits by itself; here the listener has failed.
                Err(err) => return eprintln!("accept failed = {err:?}"),
            }
        }
    });
    Ok(())
}

async fn echo(sock: TcpStream) {
    let (reader, mut writer) = sock.split();
    match copy(reader, &mut writer).await {
        Ok(amt) => println!("wrote {amt} bytes"),
        Err(err) => eprintln!("IO error {err:?}"),
    }
    // Here both halves are dropped, which closes the connection.
}
