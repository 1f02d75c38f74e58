//! tokio 1.

use super::{call_hog, hog, listener, udp_socket, Service, BUFFER};
use tokio1::io::{AsyncReadExt, AsyncWriteExt};
use tokio1::net::{TcpListener, TcpStream, UdpSocket};
use tokio1::runtime::Runtime;

pub(super) fn serve(service: Service, runtime: Runtime) {
    runtime.block_on(async move {
        tokio1::spawn(serve_all(service)).await.expect("it serves for ever");
    });
}

async fn serve_all(service: Service) {
    if service == Service::Udp {
        return udp().await;
    }
    if service == Service::Hog {
        let (send, mut receive) = tokio1::sync::mpsc::unbounded_channel();
        call_hog(move || send.send(()).expect("the hog lives"));
        tokio1::spawn(async move {
            while receive.recv().await.is_some() {
                hog();
            }
        });
    }
    let listener = TcpListener::from_std(listener()).expect("it is fit");
    loop {
        let (stream, _) = listener.accept().await.expect("there are descriptors");
        tokio1::spawn(echo(stream));
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
    let socket = UdpSocket::from_std(udp_socket()).expect("it is fit");
    let mut buffer = [0; BUFFER];
    loop {
        let (n, from) = socket.recv_from(&mut buffer).await.expect("loopback");
        let _ = socket.send_to(&buffer[..n], from).await;
    }
}
