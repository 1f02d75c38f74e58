//! TLS in the futures 0.1 generation: an echo server and a client that trusts it.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin tls_futures01
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin tls_futures01 127.0.0.1:8443
//! openssl s_client -connect 127.0.0.1:8443
//! ```
//!
//! The idea: `tokio-rustls` 0.10 wraps any stream that has the traits of `tokio-io` 0.1. It shows that
//! such a program runs; its rustls 0.16 is not maintained any more. What is exposed to a network should
//! rather do as `hyper012_tls.rs` does.
//!
//! Generation: futures 0.1.

use ecosystem::{start, Error};
use futures::{Future, Stream};
use rcgen::{generate_simple_self_signed, CertifiedKey};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{copy, flush, read_exact, write_all, AsyncRead};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::Futures01AsStd;
use tokio_rustls::rustls::{Certificate, ClientConfig, NoClientAuth, PrivateKey, ServerConfig};
use tokio_rustls::webpki::DNSNameRef;
use tokio_rustls::{TlsAcceptor, TlsConnector};

fn main() -> Result<(), Error> {
    let CertifiedKey { cert, key_pair } = generate_simple_self_signed(["localhost".to_owned()])?;
    let certificate = Certificate(cert.der().to_vec());
    let mut config = ServerConfig::new(NoClientAuth::new());
    config.set_single_cert(vec![certificate.clone()], PrivateKey(key_pair.serialize_der()))?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    start(
        |listener| serve(listener, acceptor),
        |addr| Futures01AsStd::new(client(addr, certificate)),
    )
}

fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    let connections = listener.incoming().map_err(|err| eprintln!("accept failed = {err}"));
    tokio::spawn(connections.for_each(move |sock| {
        let echo = acceptor.accept(sock).and_then(|stream| {
            let (reader, writer) = stream.split();
            copy(reader, writer)
        });
        tokio::spawn(echo.map(drop).map_err(|err| eprintln!("connection failed = {err}")))
    }));
}

fn client(addr: SocketAddr, trusted: Certificate) -> impl Future<Item = (), Error = Error> {
    let mut config = ClientConfig::new();
    config.root_store.add(&trusted).expect("a certificate that was just made");
    let connector = TlsConnector::from(Arc::new(config));
    let name = |name| DNSNameRef::try_from_ascii_str(name).expect("a name").to_owned();
    let (localhost, elsewhere) = (name("localhost"), name("elsewhere"));

    let stranger = connector.clone();
    let stream =
        TcpStream::connect(&addr).and_then(move |sock| connector.connect(localhost.as_ref(), sock));
    let echoed = stream.and_then(|stream| {
        // Both directions at a time, since more is on its way than buffers hold.
        let sent: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
        let room = vec![0; sent.len()];
        let (reader, writer) = stream.split();
        let sending =
            write_all(writer, sent).and_then(|(writer, sent)| flush(writer).map(|_| sent));
        sending.join(read_exact(reader, room))
    });
    echoed.map_err(Error::from).and_then(move |(sent, (_, received))| {
        let verdict = if received == sent { "came back" } else { "did not come back" };
        println!("{} bytes {verdict}", sent.len());

        // The certificate is not for this name.
        let refused = TcpStream::connect(&addr)
            .and_then(move |sock| stranger.connect(elsewhere.as_ref(), sock));
        refused.then(|result| {
            println!("elsewhere: {}", if result.is_err() { "refused" } else { "accepted" });
            Ok(())
        })
    })
}
