//! HTTP/2 between the generations: hyper 1 asks a hyper 0.12 server, hyper 0.12 a hyper 1 server.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper012_http2
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin hyper012_http2 127.0.0.1:8080
//! curl --http2-prior-knowledge -T some.file http://127.0.0.1:8080/
//! ```
//!
//! The idea: the HTTP/2 of 2018, `h2` 0.1, cuts its frames with what `tokio-io` had deprecated by
//! then, so that is here too. Both servers send back what they get, as it comes: 16 bodies at a time
//! share the windows of one connection, and each is larger than its window.

use ecosystem::{each_connection, start, Error, Executor, Timer};
use futures::{stream, Future, Stream};
use futures03::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http2::handshake;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper012::service::service_fn_ok;
use smol_hyper::rt::FuturesIo;
use std::convert::Infallible;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::Futures01AsStd;

/// Bodies at a time.
const BODIES: u8 = 16;

fn main() -> Result<(), Error> {
    start(serve_futures01, |addr| async move {
        let echoes = ask_std(addr).await?;
        println!("hyper 1 asks hyper 0.12: {}", verdict(&echoes));

        let listener = TcpListener::bind(&([127, 0, 0, 1], 0).into())?;
        let addr = listener.local_addr()?;
        serve_std(listener);
        let echoes = Futures01AsStd::new(ask_futures01(addr)).await?;
        println!("hyper 0.12 asks hyper 1: {}", verdict(&echoes));
        Ok(())
    })
}

/// The body of that number: 300 KB, each different.
fn body(number: u8) -> Vec<u8> {
    (0..300_000_u32).map(|n| (n % 251) as u8 ^ number).collect()
}

fn verdict(echoes: &[Vec<u8>]) -> &'static str {
    let expected = (0..BODIES).map(body);
    if expected.eq(echoes.iter().cloned()) {
        "all bodies came back"
    } else {
        "not all bodies came back"
    }
}

fn serve_futures01(listener: TcpListener) {
    use hyper012::{Body, Request, Response, Server};

    let server = Server::builder(listener.incoming())
        .http2_only(true)
        .serve(|| service_fn_ok(|request: Request<Body>| Response::new(request.into_body())));
    tokio::spawn(server.map_err(|err| eprintln!("server failed = {err}")));
}

async fn ask_std(addr: SocketAddr) -> Result<Vec<Vec<u8>>, Error> {
    let sock = TcpStream::connect(&addr).await?;
    let (requests, connection) = handshake(Executor, FuturesIo::new(sock)).await?;
    let connection = tokio::spawn(connection);
    let echoes = try_join_all((0..BODIES).map(|number| {
        let mut requests = requests.clone();
        async move {
            let body = Full::<Bytes>::from(body(number));
            let ask = Request::put(format!("http://{addr}/")).body(body)?;
            let echo = requests.send_request(ask).await?.into_body().collect().await?;
            Ok::<_, Error>(echo.to_bytes().to_vec())
        }
    }));
    let echoes = echoes.await?;
    drop(requests);
    connection.await??;
    Ok(echoes)
}

fn serve_std(listener: TcpListener) {
    async fn echo(request: Request<Incoming>) -> Result<Response<Incoming>, Infallible> {
        Ok(Response::new(request.into_body()))
    }

    tokio::spawn(each_connection(listener, |sock| async {
        let sock = FuturesIo::new(sock);
        http2::Builder::new(Executor).timer(Timer).serve_connection(sock, service_fn(echo)).await?;
        Ok(())
    }));
}

fn ask_futures01(addr: SocketAddr) -> impl Future<Item = Vec<Vec<u8>>, Error = Error> {
    use hyper012::{Body, Client, Request};

    let client = Client::builder().http2_only(true).build_http::<Body>();
    let asks = stream::iter_ok(0..BODIES).and_then(move |number| {
        Request::put(format!("http://{addr}/")).body(Body::from(body(number))).map_err(Error::from)
    });
    let echoes = asks.map(move |ask| {
        let echo = client.request(ask).and_then(|response| response.into_body().concat2());
        echo.map(|echo| echo.to_vec()).map_err(Error::from)
    });
    echoes.buffered(BODIES.into()).collect()
}
