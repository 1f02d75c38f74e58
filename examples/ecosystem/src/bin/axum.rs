//! An axum router behind hyper 1.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin axum
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin axum 127.0.0.1:8080
//! curl http://127.0.0.1:8080/add/2/3
//! ```
//!
//! The idea: without its feature `tokio`, axum is a tower service like any other. `axum::serve` is
//! what that feature adds; the few lines of [`serve`] take its place.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::Router;
use ecosystem::{each_connection, start, Error, Timer};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::Request;
use smol_hyper::rt::FuturesIo;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

fn main() -> Result<(), Error> {
    start(serve, client)
}

fn routes() -> Router {
    Router::new()
        .route("/", get(|| async { "Hello, world!\n" }))
        .route("/add/{a}/{b}", get(add))
        .route("/count", post(count))
        .with_state(Arc::default())
}

async fn add(Path((a, b)): Path<(u32, u32)>) -> String {
    format!("{}\n", u64::from(a) + u64::from(b))
}

async fn count(State(counted): State<Arc<AtomicU64>>, body: String) -> String {
    let words = body.split_whitespace().count() as u64;
    // Only a number: nothing is published by it.
    format!("{} words so far\n", counted.fetch_add(words, Ordering::Relaxed) + words)
}

fn serve(listener: TcpListener) {
    let routes = routes();
    tokio::spawn(each_connection(listener, move |sock| {
        let routes = routes.clone();
        // A router is always ready, so `poll_ready` need not be asked.
        let service = service_fn(move |request| routes.clone().call(request));
        async {
            let sock = FuturesIo::new(sock);
            http1::Builder::new().timer(Timer).serve_connection(sock, service).await?;
            Ok(())
        }
    }));
}

async fn client(addr: SocketAddr) -> Result<(), Error> {
    let sock = TcpStream::connect(&addr).await?;
    let (mut requests, connection) = handshake(FuturesIo::new(sock)).await?;
    let connection = tokio::spawn(connection);

    let asks = [("GET", "/", ""), ("GET", "/add/2/3", ""), ("POST", "/count", "some words")];
    let more = [("POST", "/count", "and some more"), ("GET", "/add/2/x", ""), ("GET", "/lost", "")];
    for (method, path, body) in asks.into_iter().chain(more) {
        let ask = Request::builder().method(method).uri(path).header("host", "example");
        let response = requests.send_request(ask.body(Full::<Bytes>::from(body))?).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        println!("{method} {path}: {status} {}", std::str::from_utf8(&body)?.trim_end());
    }
    drop(requests);
    connection.await??;
    Ok(())
}
