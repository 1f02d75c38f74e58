//! Many connections at once, all served by one thread.
#![cfg(unix)]

mod support;

use std::net::Shutdown;
use std::path::PathBuf;
use support::Dir;
use tests_support::{bounded, Random};
use tokio_uds::UnixListener;

const CONNECTIONS: usize = 200;

fn listen() -> (UnixListener, PathBuf, Dir) {
    let dir = Dir::new();
    let path = dir.join("socket");
    (UnixListener::bind(&path).unwrap(), path, dir)
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
    use tokio_uds::UnixStream;

    async fn client(path: PathBuf, number: usize) {
        let (mut reader, mut writer) = UnixStream::connect(&path).await.unwrap().into_split();
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
            let (listener, path, _dir) = listen();
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
            let clients = join_all((0..CONNECTIONS).map(|number| client(path.clone(), number)));
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
    use tokio_uds::UnixStream;

    fn client(path: PathBuf, number: usize) -> impl Future<Item = (), Error = io::Error> {
        UnixStream::connect(&path).and_then(move |stream| {
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
            let (listener, path, _dir) = listen();
            let server = listener
                .incoming()
                .take(CONNECTIONS as u64)
                .map(|stream| {
                    let (reader, writer) = stream.split();
                    copy(reader, writer)
                })
                .buffer_unordered(CONNECTIONS)
                .for_each(|_| Ok(()));
            let clients =
                join_all((0..CONNECTIONS).map(move |number| client(path.clone(), number)));
            server.join(clients).wait().unwrap();
        });
    }
}
