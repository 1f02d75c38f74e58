//! Programs above hyper 0.12: a warp 0.1 server, asked by reqwest 0.9 in both of its ways.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin warp_reqwest
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin warp_reqwest 127.0.0.1:8080
//! curl http://127.0.0.1:8080/files/src/lib.rs
//! ```
//!
//! The idea: between them these libraries use most of what the tokio 0.1 family has. warp reads files
//! by `blocking`. reqwest's blocking client has a thread of its own with a runtime of one thread; its
//! limits of time are timers.
//!
//! Generation: futures 0.1, but for the lines that wait for the clients.

use ecosystem::{start, Error};
use futures::{future, Future, Stream};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::Futures01AsStd;
use warp::{path, Filter};

fn main() -> Result<(), Error> {
    start(serve, |addr| async move {
        Futures01AsStd::new(many_at_a_time(addr)).await?;
        tokio_threadpool::spawn_blocking(move || one_by_one(addr))?.await?
    })
}

fn serve(listener: TcpListener) {
    let hello = path!("hello" / String).map(|name| format!("Hello, {name}!\n"));
    let files = warp::path("files").and(warp::fs::dir(env!("CARGO_MANIFEST_DIR")));
    let shout = path!("shout").and(warp::body::concat()).map(|body: warp::body::FullBody| {
        use bytes::Buf;
        let words: Vec<u8> = body.collect();
        words.to_ascii_uppercase()
    });
    tokio::spawn(warp::serve(hello.or(files).or(shout)).serve_incoming(listener.incoming()));
}

/// reqwest's client for futures 0.1, on the pool.
fn many_at_a_time(addr: SocketAddr) -> impl Future<Item = (), Error = Error> {
    let client = reqwest::r#async::Client::new();
    let answers = future::join_all((0..32).map(move |number| {
        let answer = client.get(&format!("http://{addr}/hello/{number}")).send();
        answer.and_then(|response| response.into_body().concat2())
    }));
    answers.map_err(Error::from).map(|answers| {
        let expected = (0..32).map(|number| format!("Hello, {number}!\n").into_bytes());
        let as_expected = expected.eq(answers.iter().map(|answer| answer.to_vec()));
        println!("many at a time: {}", if as_expected { "as expected" } else { "not as expected" });
    })
}

/// reqwest's client that blocks.
fn one_by_one(addr: SocketAddr) -> Result<(), Error> {
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    print!("{}", client.get(&format!("http://{addr}/hello/you")).send()?.text()?);
    println!("{}", client.post(&format!("http://{addr}/shout")).body("some words").send()?.text()?);
    let file = client.get(&format!("http://{addr}/files/src/lib.rs")).send()?.text()?;
    println!(
        "a file: {}",
        if file == include_str!("../lib.rs") { "the same" } else { "not the same" }
    );
    println!("{}", client.get(&format!("http://{addr}/lost")).send()?.status());

    // Takes connections, and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let hasty = reqwest::Client::builder().timeout(Duration::from_millis(100)).build()?;
    let late = hasty.get(&format!("http://{}/", silent.local_addr()?)).send();
    println!("silence: {}", if late.is_err_and(|err| err.is_timeout()) { "given up" } else { "?" });
    Ok(())
}
