//! The `futures` crate's extension traits on our sockets. Only they are in scope here: their methods
//! have the names of those of `std::io` and of futures 0.1.

use futures03::executor::block_on;
use futures03::{AsyncReadExt, AsyncWriteExt, StreamExt};
use std::io::{self, IoSlice, IoSliceMut};
use tests_support::bounded;
use tokio_tcp::{TcpListener, TcpStream};

fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let addr = listener.local_addr().unwrap();
    block_on(async {
        let client = TcpStream::connect(&addr).await.unwrap();
        (client, listener.accept().await.unwrap().0)
    })
}

#[test]
fn vectored_operations_use_all_buffers() {
    bounded(|| {
        let (mut a, mut b) = pair();
        block_on(async {
            let bufs = [IoSlice::new(b"ab"), IoSlice::new(b""), IoSlice::new(b"cde")];
            assert_eq!(a.write_vectored(&bufs).await.unwrap(), 5);
            while b.peek(&mut [0; 5]).await.unwrap() < 5 {}
            let (mut one, mut two) = ([0; 2], [0; 9]);
            let mut bufs = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
            assert_eq!(b.read_vectored(&mut bufs).await.unwrap(), 5);
            assert_eq!((&one, &two[..3]), (b"ab", &b"cde"[..]));
        });
    });
}

#[test]
fn a_stream_is_copied_through_references() {
    bounded(|| {
        let (mut client, server) = pair();
        let echo = async { futures03::io::copy(&server, &mut &server).await };
        let ask = async {
            client.write_all(b"hello").await?;
            client.close().await?;
            let mut answer = String::new();
            client.read_to_string(&mut answer).await?;
            io::Result::Ok(answer)
        };
        let echo = async {
            echo.await.and_then(|n| server.shutdown(std::net::Shutdown::Both).map(|()| n))
        };
        let (echoed, answer) = block_on(futures03::future::try_join(echo, ask)).unwrap();
        assert_eq!((echoed, &answer[..]), (5, "hello"));
    });
}

#[test]
fn the_halves_of_a_split_work() {
    bounded(|| {
        let (client, server) = pair();
        let (mut reader, mut writer) = client.split();
        let (mut owned_reader, mut owned_writer) = server.into_split();
        block_on(async {
            writer.write_all(b"ping").await.unwrap();
            let mut buf = [0; 4];
            owned_reader.read_exact(&mut buf).await.unwrap();
            owned_writer.write_all(&buf).await.unwrap();
            drop(owned_writer);
            let mut answer = String::new();
            reader.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer, "ping");
        });
    });
}

#[test]
fn incoming_is_a_std_stream() {
    bounded(|| {
        let listener = TcpListener::bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
        let addr = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..3).map(|_| std::net::TcpStream::connect(addr).unwrap()).collect();
        let peers: Vec<_> = block_on(
            listener
                .incoming()
                .take(3)
                .map(|stream| stream.unwrap().peer_addr().unwrap())
                .collect(),
        );
        let expected: Vec<_> = clients.iter().map(|client| client.local_addr().unwrap()).collect();
        assert_eq!(peers, expected);
    });
}
