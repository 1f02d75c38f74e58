//! Many connections at once, all served by one thread.

use std::net::{Shutdown, SocketAddr};
use tests_support::{bounded, Random};
use tokio_tcp::TcpListener;

const CONNECTIONS: usize = 200;

fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = listener.local_addr().unwrap();
    (listener, addr)
}

/// What the client with this number sends, and expects to get back.
fn message(number: usize) -> Vec<u8> {
    let mut random = Random::seeded(number as u64);
    let len = 1 + random.below(20_000);
    random.bytes(len)
}

mod by_std {
    use super::*;
    use futures03::future::{join_all, FutureExt};
    use futures03::{AsyncReadExt, AsyncWriteExt, StreamExt};
    use tokio_tcp::TcpStream;

    async fn client(addr: SocketAddr, number: usize) {
        let (mut reader, mut writer) = TcpStream::connect(&addr).await.unwrap().into_split();
        let sent = message(number);
        let write = async {
            writer.write_all(&sent).await.unwrap();
            writer.close().await.unwrap();
        };
        let mut received = Vec::new();
        let (_, read) = futures03::join!(write, reader.read_to_end(&mut received));
        read.unwrap();
        assert!(received == sent, "of connection {number}");
    }

    #[test]
    fn each_of_many_connections_gets_its_own_bytes_back() {
        bounded(|| {
            let (listener, addr) = listen();
            let server =
                listener.incoming().take(CONNECTIONS).for_each_concurrent(None, |stream| {
                    let stream = stream.unwrap();
                    async move {
                        futures03::io::copy(&stream, &mut &stream)
                            .map(Result::unwrap)
                            .map(drop)
                            .await
                    }
                });
            let clients = join_all((0..CONNECTIONS).map(|number| client(addr, number)));
            futures03::executor::block_on(futures03::future::join(server, clients));
        });
    }
}

mod by_futures01 {
    use super::*;
    use futures::future::join_all;
    use futures::{Future, Stream};
    use std::io;
    use tokio_io::io::{copy, read_to_end, write_all};
    use tokio_io::AsyncRead;
    use tokio_tcp::TcpStream;

    fn client(addr: SocketAddr, number: usize) -> impl Future<Item = (), Error = io::Error> {
        TcpStream::connect(&addr).and_then(move |stream| {
            let (reader, writer) = stream.into_split();
            let write = write_all(writer, message(number)).and_then(|(writer, sent)| {
                writer.as_ref().shutdown(Shutdown::Write).map(|()| sent)
            });
            write.join(read_to_end(reader, Vec::new())).map(move |(sent, (_, received))| {
                assert!(received == sent, "of connection {number}");
            })
        })
    }

    #[test]
    fn each_of_many_connections_gets_its_own_bytes_back() {
        bounded(|| {
            let (listener, addr) = listen();
            let server = listener
                .incoming()
                .take(CONNECTIONS as u64)
                .map(|stream| {
                    let (reader, writer) = stream.split();
                    copy(reader, writer)
                })
                .buffer_unordered(CONNECTIONS)
                .for_each(|_| Ok(()));
            let clients = join_all((0..CONNECTIONS).map(move |number| client(addr, number)));
            server.join(clients).wait().unwrap();
        });
    }
}
