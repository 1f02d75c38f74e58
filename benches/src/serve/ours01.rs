//! Ours, as a program of futures 0.1.

use super::{call_hog, hog, listener, udp_socket, Service, BUFFER};
use crate::peer::workers;
use futures::future::{loop_fn, Loop};
use futures::{Future, Stream};
use tokio::io;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::reactor::Handle;

pub(super) fn serve(service: Service) {
    let builder = &mut tokio::runtime::Builder::new();
    let mut runtime = builder.core_threads(workers()).build().expect("threads");
    if service == Service::Udp {
        runtime.spawn(futures::future::lazy(|| {
            let socket = UdpSocket::from_std(udp_socket(), &Handle::default()).expect("it is fit");
            udp(socket)
        }));
    } else {
        if service == Service::Hog {
            let (send, receive) = futures::sync::mpsc::unbounded();
            call_hog(move || send.unbounded_send(()).expect("the hog lives"));
            runtime.spawn(receive.for_each(|()| {
                hog();
                Ok(())
            }));
        }
        let listener = TcpListener::from_std(listener(), &Handle::default()).expect("it is fit");
        runtime.spawn(listener.incoming().map_err(|error| panic!("{error}")).for_each(|stream| {
            let _ = stream.set_nodelay(true);
            tokio::spawn(echo(stream))
        }));
    }
    runtime.shutdown_on_idle().wait().expect("it serves for ever");
}

fn echo(stream: TcpStream) -> impl Future<Item = (), Error = ()> + Send {
    loop_fn((stream, vec![0; BUFFER]), |(stream, buffer)| {
        io::read(stream, buffer).and_then(|(stream, buffer, n)| {
            let done = io::write_all(stream, Part { buffer, n });
            done.map(move |(stream, part)| match n {
                0 => Loop::Break(()),
                _ => Loop::Continue((stream, part.buffer)),
            })
        })
    })
    .map_err(drop)
}

/// What was read into a buffer.
struct Part {
    buffer: Vec<u8>,
    n: usize,
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.n]
    }
}

fn udp(socket: UdpSocket) -> impl Future<Item = (), Error = ()> + Send {
    loop_fn((socket, vec![0; BUFFER]), |(socket, buffer)| {
        socket.recv_dgram(buffer).and_then(|(socket, buffer, n, from)| {
            let sent = socket.send_dgram(Part { buffer, n }, &from);
            sent.map(|(socket, part)| Loop::Continue((socket, part.buffer)))
        })
    })
    .map_err(drop)
}
