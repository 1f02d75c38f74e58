//! A service of 2018 behind the TLS of today: hyper 0.12 over rustls 0.23, server and client.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper012_tls
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper012_tls 127.0.0.1:8443
//! curl -k -d 'some words' https://127.0.0.1:8443/
//! ```
//!
//! The idea: rustls and openssl of the futures 0.1 generation are not maintained any more, but what
//! stands above them can stay. `StdIoAsFutures01` makes any stream of async code one of futures 0.1:
//! here the stream that `futures-rustls` makes of a socket.

use ecosystem::{each_connection, self_signed, start, Error};
use futures::{Future, Stream};
use futures_rustls::pki_types::ServerName;
use futures_rustls::{TlsAcceptor, TlsConnector};
use hyper012::client::conn::Builder;
use hyper012::server::conn::Http;
use hyper012::service::service_fn_ok;
use hyper012::{Body, Request, Response};
use std::net::SocketAddr;
use tokio::io::StdIoAsFutures01;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::Futures01AsStd;

fn main() -> Result<(), Error> {
    let (acceptor, connector) = self_signed()?;
    start(|listener| serve(listener, acceptor), |addr| client(addr, connector))
}

fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    tokio::spawn(each_connection(listener, move |sock| {
        let accept = acceptor.accept(sock);
        async {
            let stream = StdIoAsFutures01::new(accept.await?);
            let connection = Http::new().serve_connection(stream, service_fn_ok(shout));
            Ok(Futures01AsStd::new(connection).await?)
        }
    }));
}

/// What was written for a socket, and does not know of TLS.
fn shout(request: Request<Body>) -> Response<Body> {
    let shouted = request.into_body().map(|chunk| chunk.to_ascii_uppercase());
    Response::new(Body::wrap_stream(shouted))
}

async fn client(addr: SocketAddr, connector: TlsConnector) -> Result<(), Error> {
    let sock = TcpStream::connect(&addr).await?;
    let stream = connector.connect(ServerName::try_from("localhost")?, sock).await?;
    println!("{:?}", stream.get_ref().1.protocol_version().ok_or("no handshake")?);

    let handshake = Builder::new().handshake(StdIoAsFutures01::new(stream));
    let (mut requests, connection) = Futures01AsStd::new(handshake).await?;
    tokio::spawn(connection.map_err(|err| eprintln!("connection failed = {err}")));

    // One that fits into a record of TLS, and one that has to flow.
    for words in ["some words ", &"many words ".repeat(100_000)] {
        let mut ask = Request::put("/");
        ask.header("host", "localhost");
        let ask = ask.body(Body::from(words.to_owned()))?;
        let answer = requests.send_request(ask).and_then(|response| response.into_body().concat2());
        let answer = Futures01AsStd::new(answer).await?;
        let as_expected = answer[..] == *words.to_uppercase().as_bytes();
        println!(
            "{} bytes, {}",
            answer.len(),
            if as_expected { "as expected" } else { "not as expected" }
        );
    }
    Ok(())
}
