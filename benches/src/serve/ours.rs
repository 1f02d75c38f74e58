//! Ours, async.

use super::{call_hog, hog, listener, udp_socket, Service, BUFFER};
use crate::peer::workers;
use futures03::io::{AsyncReadExt, AsyncWriteExt};
use futures03::StreamExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::reactor::Handle;

pub(super) fn serve(service: Service) {
    let builder = &mut tokio::runtime::Builder::new();
    let mut runtime = builder.core_threads(workers()).build().expect("threads");
    runtime.block_on(async move {
        tokio::spawn(serve_all(service)).await.expect("it serves for ever");
    });
}

async fn serve_all(service: Service) {
    if service == Service::Udp {
        return udp().await;
    }
    if service == Service::Hog {
        let (send, mut receive) = futures_channel::mpsc::unbounded();
        call_hog(move || send.unbounded_send(()).expect("the hog lives"));
        tokio::spawn(async move {
            while receive.next().await.is_some() {
                hog();
            }
        });
    }
    let listener = TcpListener::from_std(listener(), &Handle::default()).expect("it is fit");
    loop {
        let (stream, _) = listener.accept().await.expect("accept waits for descriptors");
        tokio::spawn(echo(stream));
    }
}

async fn echo(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let mut buffer = [0; BUFFER];
    while let Ok(n @ 1..) = stream.read(&mut buffer).await {
        if stream.write_all(&buffer[..n]).await.is_err() {
            return;
        }
    }
}

async fn udp() {
    let socket = UdpSocket::from_std(udp_socket(), &Handle::default()).expect("it is fit");
    let mut buffer = [0; BUFFER];
    loop {
        let (n, from) = socket.recv_from(&mut buffer).await.expect("loopback");
        let _ = socket.send_to(&buffer[..n], &from).await;
    }
}
