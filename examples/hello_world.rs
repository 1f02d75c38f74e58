//! Greets every client, and closes the connection.
//!
//! ```sh
//! cargo run --example hello_world                   # listens on 127.0.0.1:12349
//! nc 127.0.0.1 12349
//! ```
//!
//! The idea: futures are built first and run later. `greetings` below is only a description of
//! what the server does; nothing happens before `tokio::run` gets it. A connection is handed from
//! one step to the next by value, and closes when the last step drops it.
//!
//! Generation: futures 0.1. With `async` the two steps would be two statements; see `echo_async.rs`.

use std::env;
use std::io;
use tokio::io::write_all;
use tokio::net::TcpListener;
use tokio::prelude::*;

fn main() -> io::Result<()> {
    let addr = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:12349".to_string());
    let listener = TcpListener::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))?;
    println!("listening on {}", listener.local_addr()?);

    let greetings =
        listener.incoming().map_err(|err| eprintln!("accept failed = {err:?}")).for_each(|sock| {
            let greeting = write_all(sock, "hello world\n").then(|written| {
                match written {
                    Ok(_) => println!("greeted a client"),
                    Err(err) => eprintln!("IO error {err:?}"),
                }
                Ok(())
            });
            // On its own, so that a client that takes its time delays nobody else.
            tokio::spawn(greeting)
        });
    tokio::run(greetings);
    Ok(())
}
