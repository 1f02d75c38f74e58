//! A line protocol of the futures 0.1 generation, with the `tokio-codec` of 2018.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin codec
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin codec 127.0.0.1:12345
//! nc 127.0.0.1 12345
//! ```
//!
//! The idea: a codec turns a socket into a stream and a sink of messages; a server is what is
//! between the two. A line that cannot be added up is answered with the reason.
//!
//! Generation: futures 0.1.

use ecosystem::{start, Error};
use futures::{stream, Future, Sink, Stream};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::Futures01AsStd;
use tokio_codec::{Framed, LinesCodec};

fn main() -> Result<(), Error> {
    start(serve, |addr| Futures01AsStd::new(client(addr)))
}

fn serve(listener: TcpListener) {
    let connections = listener.incoming().map_err(|err| eprintln!("accept failed = {err}"));
    tokio::spawn(connections.for_each(|sock| {
        let (answers, lines) = Framed::new(sock, LinesCodec::new_with_max_length(1024)).split();
        let session = answers.send_all(lines.map(|line| add(&line)));
        tokio::spawn(session.map(drop).map_err(|err| eprintln!("connection failed = {err}")))
    }));
}

/// The sum of the numbers of a line.
fn add(line: &str) -> String {
    let numbers: Result<Vec<i32>, _> = line.split_whitespace().map(str::parse).collect();
    match numbers {
        Ok(numbers) => numbers.into_iter().map(i64::from).sum::<i64>().to_string(),
        Err(err) => err.to_string(),
    }
}

fn client(addr: SocketAddr) -> impl Future<Item = (), Error = Error> {
    let asked = TcpStream::connect(&addr).and_then(|sock| {
        let (lines, answers) = Framed::new(sock, LinesCodec::new()).split();
        let asks = ["1 2 3", "", "-40 82", "4 x"].map(str::to_owned);
        // The server sees the end when the socket is dropped: closing a sink, as `send_all` does, shuts
        // no socket of futures 0.1 down.
        let asking = lines.send_all(stream::iter_ok::<_, std::io::Error>(asks));
        asking.join(answers.take(4).for_each(|answer| {
            println!("{answer}");
            Ok(())
        }))
    });
    asked.map(drop).map_err(Error::from)
}
