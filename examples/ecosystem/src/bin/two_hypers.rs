//! Two generations of HTTP on one pool: a hyper 1 front before a hyper 0.12 service.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin two_hypers
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin two_hypers 127.0.0.1:8080
//! curl -T some.file http://127.0.0.1:8080/
//! ```
//!
//! The idea: a service of 2018 stays as it is while what surrounds it moves on. The front is async
//! code on hyper 1; it forwards what it gets with hyper 0.12's client, whose 0.1 future it awaits, to
//! a hyper 0.12 server. Bodies are streams of either generation, and pass in both directions as they
//! come, with back-pressure. One pool runs it all; there are no other threads.
//!
//! ```text
//!   client ──▶ front, hyper 1 ──▶ forward: hyper 0.12's client ──▶ service: hyper 0.12's server
//!    async         async                 a 0.1 future, awaited               futures 0.1
//! ```

use ecosystem::{each_connection, start, Error, Timer};
use futures::{Future, Stream};
use futures03::TryStreamExt;
use http_body_util::{BodyDataStream, BodyExt, Full, StreamBody};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::client::conn::http1::handshake;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper012::client::connect::dns::TokioThreadpoolGaiResolver;
use hyper012::client::HttpConnector;
use smol_hyper::rt::FuturesIo;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{Futures01AsStd, StdAsFutures01};

fn main() -> Result<(), Error> {
    start(serve, client)
}

fn serve(listener: TcpListener) {
    let behind = TcpListener::bind(&([127, 0, 0, 1], 0).into()).expect("a port for the service");
    let service = behind.local_addr().expect("it is bound");
    tokio::spawn(serve_behind(behind));

    // Its default would have threads of its own to resolve names on.
    let mut connector = HttpConnector::new_with_tokio_threadpool_resolver();
    connector.set_nodelay(true);
    let forwarder = hyper012::Client::builder().build(connector);
    tokio::spawn(each_connection(listener, move |sock| {
        let forwarder = forwarder.clone();
        let front = service_fn(move |request| forward(forwarder.clone(), service, request));
        async {
            let sock = FuturesIo::new(sock);
            http1::Builder::new().timer(Timer).serve_connection(sock, front).await?;
            Ok(())
        }
    }));
}

/// The service of 2018. What is sent to it comes back, in upper case, as it comes.
fn serve_behind(listener: TcpListener) -> impl Future<Item = (), Error = ()> {
    use hyper012::service::service_fn_ok;
    use hyper012::{Body, Request, Response, Server};

    let connections = listener.incoming().inspect(|sock| {
        // Sends what it writes at once, as `each_connection` does.
        let _ = sock.set_nodelay(true);
    });
    let server = Server::builder(connections).serve(|| {
        service_fn_ok(|request: Request<Body>| {
            let path = request.uri().path().to_owned();
            let shouted = request.into_body().map(|chunk| chunk.to_ascii_uppercase());
            let response =
                Response::builder().header("x-path", path).body(Body::wrap_stream(shouted));
            response.expect("the header's value came as a path")
        })
    });
    server.map_err(|err| eprintln!("service failed = {err}"))
}

type Forwarder = hyper012::Client<HttpConnector<TokioThreadpoolGaiResolver>>;

/// Asks the service what the front was asked, and answers what it answers.
async fn forward(
    forwarder: Forwarder,
    service: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<impl Body<Data = Bytes, Error = hyper012::Error>>, Error> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    // An async stream of `bytes` 1, as a 0.1 stream of `bytes` 0.4.
    let body = BodyDataStream::new(body).map_ok(|chunk| bytes::Bytes::from(chunk.as_ref()));
    let request = hyper012::Request::builder()
        .method(head.method.as_str())
        .uri(format!("http://{service}{path}"))
        .body(hyper012::Body::wrap_stream(StdAsFutures01::new(body)))?;

    let answer = Futures01AsStd::new(forwarder.request(request)).await?;

    let mut response = Response::builder().status(answer.status().as_u16());
    if let Some(path) = answer.headers().get("x-path") {
        response = response.header("x-path", path.as_bytes());
    }
    // And a 0.1 stream as an async one.
    let body = Futures01AsStd::new(answer.into_body());
    let body = body.map_ok(|chunk| Frame::data(Bytes::copy_from_slice(&chunk)));
    Ok(response.body(StreamBody::new(body))?)
}

async fn client(addr: SocketAddr) -> Result<(), Error> {
    let sock = TcpStream::connect(&addr).await?;
    let (mut requests, connection) = handshake(FuturesIo::new(sock)).await?;
    let connection = tokio::spawn(connection);

    // One that fits into a buffer, and one that has to flow.
    for words in ["some words ", &"many words ".repeat(100_000)] {
        let ask = Request::put("/a/path?query").header("host", "example");
        let response =
            requests.send_request(ask.body(Full::<Bytes>::from(words.to_owned()))?).await?;
        let (head, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        println!(
            "{} {} {} bytes, {}",
            head.status,
            head.headers["x-path"].to_str()?,
            body.len(),
            if body == words.to_uppercase() { "as expected" } else { "not as expected" },
        );
    }
    drop(requests);
    connection.await??;
    Ok(())
}
