//! smol 2.

use super::{call_hog, hog, listener, udp_socket, Service, BUFFER};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::{TcpListener, TcpStream, UdpSocket};
use smol::Async;

pub(super) fn serve(service: Service) {
    crate::peer::configure_smol();
    smol::block_on(smol::spawn(serve_all(service)));
}

async fn serve_all(service: Service) {
    if service == Service::Udp {
        return udp().await;
    }
    if service == Service::Hog {
        let (send, receive) = smol::channel::unbounded();
        call_hog(move || send.try_send(()).expect("the hog lives"));
        smol::spawn(async move {
            while receive.recv().await.is_ok() {
                hog();
            }
        })
        .detach();
    }
    let listener: TcpListener = Async::new(listener()).expect("it is fit").into();
    loop {
        let (stream, _) = listener.accept().await.expect("there are descriptors");
        smol::spawn(echo(stream)).detach();
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
    let socket: UdpSocket = Async::new(udp_socket()).expect("it is fit").into();
    let mut buffer = [0; BUFFER];
    loop {
        let (n, from) = socket.recv_from(&mut buffer).await.expect("loopback");
        let _ = socket.send_to(&buffer[..n], from).await;
    }
}
