//! hyper 1, HTTP/2: many requests at a time over one connection.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper1_http2
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper1_http2 127.0.0.1:8080
//! curl --http2-prior-knowledge http://127.0.0.1:8080/7
//! ```
//!
//! The idea: HTTP/2 needs an executor, since it runs each request as a task of its own. The answer to
//! `/n` is n, after 40 - n milliseconds: so the later a request is sent, the sooner it is answered.

use ecosystem::{each_connection, start, Error, Executor, Timer};
use futures03::future::try_join_all;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::handshake;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use smol_hyper::rt::FuturesIo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

fn main() -> Result<(), Error> {
    start(serve, client)
}

fn serve(listener: TcpListener) {
    tokio::spawn(each_connection(listener, |sock| async {
        let service = service_fn(respond);
        http2::Builder::new(Executor)
            .timer(Timer)
            .keep_alive_interval(Duration::from_secs(20))
            .serve_connection(FuturesIo::new(sock), service)
            .await?;
        Ok(())
    }));
}

async fn respond(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Error> {
    let number: u64 = request.uri().path().trim_start_matches('/').parse()?;
    sleep(Duration::from_millis(40_u64.saturating_sub(number))).await;
    Ok(Response::new(Full::from(format!("{number}\n"))))
}

async fn client(addr: SocketAddr) -> Result<(), Error> {
    let sock = TcpStream::connect(&addr).await?;
    let (requests, connection) = handshake(Executor, FuturesIo::new(sock)).await?;
    let connection = tokio::spawn(connection);

    let answers = try_join_all((0..32).map(|number| {
        let mut requests = requests.clone();
        async move {
            let ask = Request::get(format!("http://{addr}/{number}")).body(Empty::<Bytes>::new())?;
            let answer = requests.send_request(ask).await?.into_body().collect().await?;
            Ok::<_, Error>(answer.to_bytes())
        }
    }));
    for answer in answers.await? {
        print!("{}", std::str::from_utf8(&answer)?);
    }
    drop(requests);
    connection.await??;
    Ok(())
}
