//! Sockets on loopback, each at an address of its own.
//!
//! The system keeps the ports of closed connections for a minute. Were all at 127.0.0.1, there would soon
//! be no port left, for this process and for all others; but 127.0.0.0/8 has millions of addresses.

use super::random::mix;
use socket2::{Domain, Socket, Type};
use std::mem;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tokio::net::tcp::ConnectFuture;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::reactor::Handle;

/// Another address of this machine. The system chooses the port.
fn addr() -> SocketAddr {
    // Which one does not matter: it is no input that a seed has to give again.
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let [a, b, c, ..] = mix(NEXT.fetch_add(1, Relaxed) + 1).to_le_bytes();
    // Not in 127.0.0.0/16, where others are.
    (Ipv4Addr::new(127, a.max(1), b, c.clamp(1, 254)), 0).into()
}

pub(super) fn listener() -> TcpListener {
    TcpListener::bind(&addr()).expect("a port is free")
}

pub(super) fn udp() -> UdpSocket {
    UdpSocket::bind(&addr()).expect("a port is free")
}

/// As `TcpStream::connect`, from an address of its own.
pub(super) fn connect(to: &SocketAddr) -> ConnectFuture {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).expect("there are descriptors");
    leave_port_to_connect(&socket);
    socket.bind(&addr().into()).expect("a port is free");
    TcpStream::connect_std(socket.into(), to, &Handle::default())
}

/// Has the system choose the port when `socket` connects, not when it is bound.
///
/// A port that `bind` has chosen is none that another program's `connect` takes, at whatever address, for
/// a minute after it is closed: a run would leave them none.
fn leave_port_to_connect(socket: &Socket) {
    let on: libc::c_int = 1;
    // SAFETY: the call reads `on`, whose size it is told.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_IP,
            libc::IP_BIND_ADDRESS_NO_PORT,
            (&raw const on).cast(),
            mem::size_of_val(&on) as libc::socklen_t,
        )
    };
    assert_eq!(result, 0, "the choice of a port can be put off");
}
