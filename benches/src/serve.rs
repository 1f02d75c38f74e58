//! Socket servers for each runtime, in its own idiom, and for none: what is compared over sockets.
//!
//! Each binds a port of the loopback interface, prints it, and serves until its standard input
//! ends. All switch Nagle's algorithm off and use a buffer of [`BUFFER`] bytes for a connection.

use crate::peer::Peer;
use crate::process::keep_busy_until;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

mod epoll;
pub(crate) use self::epoll::{room, Queue};
mod ours;
mod ours01;
mod smol;
mod tokio01;
mod tokio1;

/// The bytes of the buffer of a connection.
pub const BUFFER: usize = 4096;

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    /// Echoes the bytes of TCP connections.
    Tcp,
    /// Echoes UDP datagrams.
    Udp,
    /// As `Tcp`, and beside that a task polls for 20 ms, every 40 ms.
    Hog,
}

/// Serves as `peer` does, until the standard input ends. `None` if there is no such service.
pub fn run(service: &str, peer: Peer) -> Option<()> {
    let service = match service {
        "tcp" => Service::Tcp,
        "udp" => Service::Udp,
        "hog" => Service::Hog,
        _ => return None,
    };
    std::thread::spawn(|| {
        let mut rest = Vec::new();
        // The end, or an error: either way nobody wants this process any more.
        let _ = std::io::stdin().read_to_end(&mut rest);
        std::process::exit(0);
    });
    match peer {
        Peer::Ours => ours::serve(service),
        Peer::OursFutures01 => ours01::serve(service),
        Peer::Tokio1 => tokio1::serve(service, crate::peer::multi_thread()),
        Peer::Tokio1CurrentThread => tokio1::serve(service, crate::peer::current_thread()),
        Peer::Tokio01 => tokio01::serve(service),
        Peer::Smol => smol::serve(service),
        Peer::Epoll => epoll::serve(service)?,
    }
    Some(())
}

fn anywhere() -> SocketAddr {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into()
}

/// Tells the load generator where.
fn announce(address: SocketAddr) {
    println!("{}", address.port());
}

/// A listener with room for many who connect at the same time.
fn listener() -> std::net::TcpListener {
    let listener = std::net::TcpListener::bind(anywhere()).expect("a port is free");
    // SAFETY: the descriptor is open; listening again only changes the length of the queue.
    let failed = unsafe { libc::listen(std::os::fd::AsRawFd::as_raw_fd(&listener), 4096) };
    assert_eq!(failed, 0, "the queue may be longer");
    listener.set_nonblocking(true).expect("sockets have this mode");
    announce(listener.local_addr().expect("it is bound"));
    listener
}

fn udp_socket() -> std::net::UdpSocket {
    let socket = std::net::UdpSocket::bind(anywhere()).expect("a port is free");
    socket.set_nonblocking(true).expect("sockets have this mode");
    announce(socket.local_addr().expect("it is bound"));
    socket
}

/// How often the hog begins.
const HOG_PERIOD: Duration = Duration::from_millis(40);

fn hog() {
    keep_busy_until(Instant::now() + Duration::from_millis(20));
}

/// Calls `tell` in a thread, each time that the hog is to begin.
fn call_hog(mut tell: impl FnMut() + Send + 'static) {
    std::thread::spawn(move || loop {
        std::thread::sleep(HOG_PERIOD);
        tell();
    });
}
