//! Sockets and their futures go from thread to thread, and need no pinning.

use std::net::SocketAddr;
use tokio_tcp::{
    ConnectFuture, Connecting, Incoming, OwnedReadHalf, OwnedWriteHalf, ReuniteError, TcpListener,
    TcpStream,
};

fn everything<T: Send + Sync + Unpin + 'static>() {}
fn send(_: impl Send) {}

#[test]
fn sockets_and_futures_go_from_thread_to_thread() {
    everything::<TcpStream>();
    everything::<TcpListener>();
    everything::<ConnectFuture>();
    everything::<Connecting>();
    everything::<Incoming>();
    everything::<OwnedReadHalf>();
    everything::<OwnedWriteHalf>();
    everything::<ReuniteError>();
}

#[test]
fn async_methods_give_futures_that_can_be_spawned() {
    let addr: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let listener = TcpListener::bind(&addr).unwrap();
    send(listener.accept());
    send(async {
        let stream = TcpStream::connect(&addr).await?;
        stream.peek(&mut [0]).await
    });
}
