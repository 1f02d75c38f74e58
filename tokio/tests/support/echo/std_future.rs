use super::Peer;
use crate::support::Std;
use futures03::{try_join, AsyncReadExt, AsyncWriteExt};
use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

pub(crate) async fn echo(mut sock: TcpStream) {
    let mut buf = vec![0; 16 * 1024];
    loop {
        let n = sock.read(&mut buf).await.expect("echo");
        if n == 0 {
            return sock.close().await.expect("echo");
        }
        sock.write_all(&buf[..n]).await.expect("echo");
    }
}

impl Peer for Std {
    fn serve(listener: TcpListener, connections: u64) {
        tokio::spawn(async move {
            for _ in 0..connections {
                let (sock, _) = listener.accept().await.expect("accept");
                tokio::spawn(echo(sock));
            }
        });
    }

    async fn exchange(addr: SocketAddr, message: Vec<u8>) -> io::Result<Vec<u8>> {
        let sock = TcpStream::connect(&addr).await?;
        let (mut reader, mut writer) = (&sock, &sock);
        let mut echo = Vec::new();
        // Side by side, as the socket may fill up.
        let send = async {
            writer.write_all(&message).await?;
            writer.close().await
        };
        try_join!(send, reader.read_to_end(&mut echo))?;
        Ok(echo)
    }
}
