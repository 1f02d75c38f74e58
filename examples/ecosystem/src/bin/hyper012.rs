//! hyper 0.12 as it was published in 2018, server and client, with this repository's crates under it.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper012
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper012 127.0.0.1:8080
//! curl -d 'some words' http://127.0.0.1:8080/shout
//! ```
//!
//! The idea: hyper 0.12 brings its own executor, connector, resolver and timeouts, all from the
//! tokio 0.1 family. `[patch.crates-io]` is all that it takes to run it here. The answers are those
//! of `hyper1.rs`.
//!
//! Generation: futures 0.1, but for the one line that waits for the client.

use ecosystem::{start, Error};
use futures::{future, stream, Future, Stream};
use hyper012::service::service_fn;
use hyper012::{Body, Client, Method, Request, Response, Server, StatusCode};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::task::Futures01AsStd;

fn main() -> Result<(), Error> {
    start(serve, |addr| Futures01AsStd::new(client(addr)))
}

fn serve(listener: TcpListener) {
    let server = Server::builder(listener.incoming()).serve(|| service_fn(respond));
    tokio::spawn(server.map_err(|err| eprintln!("server failed = {err}")));
}

type Responding = Box<dyn Future<Item = Response<Body>, Error = hyper012::Error> + Send>;

fn respond(request: Request<Body>) -> Responding {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => Box::new(future::ok(Response::new("Hello, world!\n".into()))),
        (&Method::POST, "/shout") => {
            let shouted = request.into_body().concat2().map(|body| body.to_ascii_uppercase());
            Box::new(shouted.map(|body| Response::new(body.into())))
        }
        _ => {
            let mut response = Response::new("There is / and /shout.\n".into());
            *response.status_mut() = StatusCode::NOT_FOUND;
            Box::new(future::ok(response))
        }
    }
}

fn client(addr: SocketAddr) -> impl Future<Item = (), Error = Error> {
    // Its pool keeps the connection for the next request.
    let client = Client::new();
    let asks = vec![
        Request::get(format!("http://{addr}/")).body(Body::empty()),
        Request::post(format!("http://{addr}/shout")).body(Body::from("some words\n")),
        Request::get(format!("http://{addr}/lost")).body(Body::empty()),
    ];
    stream::iter_result(asks).map_err(Error::from).for_each(move |ask| {
        let answer = client.request(ask).and_then(|response| {
            print!("{} ", response.status());
            response.into_body().concat2()
        });
        answer.map_err(Error::from).and_then(|body| {
            print!("{}", std::str::from_utf8(&body)?);
            Ok(())
        })
    })
}
