//! A proxy that closes each direction by itself. The wrapper is what programs of that time used.

use futures::{Future, Poll, Stream};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::sync::{Arc, Mutex};
use tokio;
use tokio::io::{copy, shutdown};
use tokio::net::{TcpListener, TcpStream};
use tokio_io::{AsyncRead, AsyncWrite};

#[derive(Clone)]
struct Shared(Arc<Mutex<TcpStream>>);

impl Read for Shared {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.lock().unwrap().read(buf)
    }
}

impl Write for Shared {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl AsyncRead for Shared {}

impl AsyncWrite for Shared {
    fn shutdown(&mut self) -> Poll<(), io::Error> {
        try!(self.0.lock().unwrap().shutdown(Shutdown::Write));
        Ok(().into())
    }
}

pub fn proxy(listener: TcpListener, to: SocketAddr) -> impl Future<Item = (), Error = ()> + Send {
    listener.incoming().map_err(|e| panic!("{}", e)).for_each(move |client| {
        let pass = TcpStream::connect(&to)
            .and_then(|server| {
                let client = Shared(Arc::new(Mutex::new(client)));
                let server = Shared(Arc::new(Mutex::new(server)));
                let there = copy(client.clone(), server.clone())
                    .and_then(|(n, _, server)| shutdown(server).map(move |_| n));
                let back = copy(server, client)
                    .and_then(|(n, _, client)| shutdown(client).map(move |_| n));
                there.join(back)
            })
            .map(|(there, back)| assert_eq!(there, back))
            .map_err(|e| println!("{}", e));
        tokio::spawn(pass);
        Ok(())
    })
}
