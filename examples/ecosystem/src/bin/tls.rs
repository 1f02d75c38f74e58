//! TLS 1.3: an echo server with a certificate made for the occasion, and a client that trusts it.
//!
//! ```sh
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin tls
//! cargo run --manifest-path examples/ecosystem/Cargo.toml --bin tls 127.0.0.1:8443
//! openssl s_client -connect 127.0.0.1:8443
//! ```
//!
//! The idea: `futures-rustls` wraps any stream that has the traits of `futures-io`, and is one itself.

use ecosystem::{each_connection, self_signed, start, Error};
use futures03::io::{copy, AsyncReadExt, AsyncWriteExt};
use futures_rustls::pki_types::ServerName;
use futures_rustls::{TlsAcceptor, TlsConnector};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

fn main() -> Result<(), Error> {
    let (acceptor, connector) = self_signed()?;
    start(|listener| serve(listener, acceptor), |addr| client(addr, connector))
}

fn serve(listener: TcpListener, acceptor: TlsAcceptor) {
    tokio::spawn(each_connection(listener, move |sock| {
        let accept = acceptor.accept(sock);
        async {
            let (reader, mut writer) = accept.await?.split();
            copy(reader, &mut writer).await?;
            // Says goodbye, without which the peer could not tell the end from an attack.
            writer.close().await?;
            Ok(())
        }
    }));
}

async fn client(addr: SocketAddr, connector: TlsConnector) -> Result<(), Error> {
    let sock = TcpStream::connect(&addr).await?;
    let stream = connector.connect(ServerName::try_from("localhost")?, sock).await?;
    println!("{:?}", stream.get_ref().1.protocol_version().ok_or("no handshake")?);

    // Both directions at a time, since more is on its way than buffers hold.
    let sent: Vec<u8> = (0..1 << 20).map(|n: u32| (n % 251) as u8).collect();
    let (mut reader, mut writer) = stream.split();
    let mut received = Vec::new();
    let sending = async {
        writer.write_all(&sent).await?;
        writer.close().await
    };
    futures03::try_join!(sending, reader.read_to_end(&mut received))?;
    let verdict = if received == sent { "came back" } else { "did not come back" };
    println!("{} bytes {verdict}", sent.len());

    // The certificate is not for this name.
    let sock = TcpStream::connect(&addr).await?;
    let refused = connector.connect(ServerName::try_from("elsewhere")?, sock).await;
    println!("elsewhere: {}", if refused.is_err() { "refused" } else { "accepted" });
    Ok(())
}
