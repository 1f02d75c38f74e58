//! hyper 1, HTTP/1: a server, and a client that asks twice over one connection.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper1
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper1 127.0.0.1:8080
//! curl -d 'some words' http://127.0.0.1:8080/shout
//! ```
//!
//! The idea: hyper 1 asks for sockets, and for a timer, by its own traits. A peer that sends half a
//! request is sent away after a second, by the timer.

use ecosystem::{each_connection, start, Error, Timer};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::handshake;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use smol_hyper::rt::FuturesIo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

fn main() -> Result<(), Error> {
    start(serve, client)
}

fn serve(listener: TcpListener) {
    tokio::spawn(each_connection(listener, |sock| async {
        let service = service_fn(respond);
        http1::Builder::new()
            .timer(Timer)
            .header_read_timeout(Duration::from_secs(1))
            .serve_connection(FuturesIo::new(sock), service)
            .await?;
        Ok(())
    }));
}

async fn respond(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => (StatusCode::OK, Bytes::from("Hello, world!\n")),
        (&Method::POST, "/shout") => {
            let body = request.into_body().collect().await?.to_bytes();
            (StatusCode::OK, body.to_ascii_uppercase().into())
        }
        _ => (StatusCode::NOT_FOUND, Bytes::from("There is / and /shout.\n")),
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    Ok(response)
}

async fn client(addr: SocketAddr) -> Result<(), Error> {
    let sock = TcpStream::connect(&addr).await?;
    let (mut requests, connection) = handshake(FuturesIo::new(sock)).await?;
    let connection = tokio::spawn(connection);

    let asks = [
        Request::get("/").header("host", "example").body(Full::default())?,
        Request::post("/shout").header("host", "example").body(Full::from("some words\n"))?,
        Request::get("/lost").header("host", "example").body(Full::<Bytes>::default())?,
    ];
    for ask in asks {
        let response = requests.send_request(ask).await?;
        print!("{} ", response.status());
        let body = response.into_body().collect().await?.to_bytes();
        print!("{}", std::str::from_utf8(&body)?);
    }
    drop(requests);
    connection.await??;
    Ok(())
}
