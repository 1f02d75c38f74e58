//! The sockets' operations, in either generation, and directories for socket files.
#![allow(dead_code, reason = "each test binary uses a part")]

use futures03::executor::block_on;
use std::io;
use std::os::unix::net::{self, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tests_support::{wait01, Futures01, Generation, Std};
use tokio_reactor::Handle;
use tokio_uds::{UnixDatagram, UnixListener, UnixStream};

pub(crate) trait Sockets: Generation {
    fn accept(listener: &UnixListener) -> io::Result<(UnixStream, SocketAddr)>;
    fn send(socket: &UnixDatagram, buf: &[u8]) -> io::Result<usize>;
    fn recv(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<usize>;
    fn send_to(socket: &UnixDatagram, buf: &[u8], to: &Path) -> io::Result<usize>;
    fn recv_from(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)>;
}

impl Sockets for Futures01 {
    fn accept(listener: &UnixListener) -> io::Result<(UnixStream, SocketAddr)> {
        wait01(|| listener.poll_accept())
    }

    fn send(socket: &UnixDatagram, buf: &[u8]) -> io::Result<usize> {
        wait01(|| socket.poll_send(buf))
    }

    fn recv(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<usize> {
        wait01(|| socket.poll_recv(buf))
    }

    fn send_to(socket: &UnixDatagram, buf: &[u8], to: &Path) -> io::Result<usize> {
        wait01(|| socket.poll_send_to(buf, to))
    }

    fn recv_from(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        wait01(|| socket.poll_recv_from(buf))
    }
}

impl Sockets for Std {
    fn accept(listener: &UnixListener) -> io::Result<(UnixStream, SocketAddr)> {
        block_on(listener.accept())
    }

    fn send(socket: &UnixDatagram, buf: &[u8]) -> io::Result<usize> {
        block_on(socket.send(buf))
    }

    fn recv(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<usize> {
        block_on(socket.recv(buf))
    }

    fn send_to(socket: &UnixDatagram, buf: &[u8], to: &Path) -> io::Result<usize> {
        block_on(socket.send_to(buf, to))
    }

    fn recv_from(socket: &UnixDatagram, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        block_on(socket.recv_from(buf))
    }
}

/// A stream and the std socket of its peer.
pub(crate) fn pair() -> (UnixStream, net::UnixStream) {
    let (ours, peer) = net::UnixStream::pair().unwrap();
    (UnixStream::from_std(ours, &Handle::default()).unwrap(), peer)
}

/// A directory of a test's own, which goes with this.
pub(crate) struct Dir(PathBuf);

impl Dir {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("tokio-uds-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Dir(path)
    }

    pub(crate) fn join(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
