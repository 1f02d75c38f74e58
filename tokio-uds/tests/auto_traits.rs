//! Sockets and their futures go from thread to thread, and need no pinning.
#![cfg(unix)]

use std::cell::Cell;
use std::path::{Path, PathBuf};
use tokio_uds::{
    ConnectFuture, Connecting, Incoming, OwnedReadHalf, OwnedWriteHalf, Receiving, RecvDgram,
    ReuniteError, SendDgram, Sending, UCred, UnixDatagram, UnixDatagramFramed, UnixListener,
    UnixStream,
};

fn everything<T: Send + Sync + Unpin + 'static>() {}
fn is_send<T: Send>() {}
fn send(_: impl Send) {}

#[test]
fn sockets_and_futures_go_from_thread_to_thread() {
    everything::<UnixStream>();
    everything::<UnixListener>();
    everything::<UnixDatagram>();
    everything::<UCred>();
    everything::<ConnectFuture>();
    everything::<Connecting>();
    everything::<Incoming>();
    everything::<OwnedReadHalf>();
    everything::<OwnedWriteHalf>();
    everything::<ReuniteError>();
    everything::<RecvDgram<Vec<u8>>>();
    everything::<Receiving<Vec<u8>>>();
    everything::<SendDgram<Vec<u8>, PathBuf>>();
    everything::<Sending<Vec<u8>, PathBuf>>();
    everything::<UnixDatagramFramed<PathBuf, ()>>();
    // Where its parts may be shared, and not only sent.
    is_send::<RecvDgram<Cell<u8>>>();
    is_send::<SendDgram<Cell<u8>, Cell<u8>>>();
    is_send::<UnixDatagramFramed<Cell<u8>, Cell<u8>>>();
}

#[test]
fn async_methods_give_futures_that_can_be_spawned() {
    let (a, _) = UnixDatagram::pair().unwrap();
    let mut buf = [0];
    let path = Path::new("/");
    send(async {
        a.send(b"").await?;
        a.recv(&mut buf).await?;
        a.send_to(b"", path).await?;
        a.recv_from(&mut buf).await?;
        UnixStream::connect(path).await?;
        UnixListener::bind(path)?.accept().await
    });
}
