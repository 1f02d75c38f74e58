//! Options of the socket. They take effect at once and need no reactor.

use crate::TcpStream;
use socket2::{SockRef, TcpKeepalive};
use std::io;
use std::time::Duration;

/// # Options
///
/// All fail only if the operating system refuses; none waits.
impl TcpStream {
    /// Whether small writes are sent at once (`TCP_NODELAY`).
    pub fn nodelay(&self) -> io::Result<bool> {
        self.with_sock_ref(|socket| socket.tcp_nodelay())
    }

    /// With `true`, sends small writes at once, instead of gathering them while earlier bytes
    /// are unacknowledged (`TCP_NODELAY`).
    pub fn set_nodelay(&self, nodelay: bool) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_tcp_nodelay(nodelay))
    }

    /// Size in bytes of the system's buffer for what was received (`SO_RCVBUF`).
    pub fn recv_buffer_size(&self) -> io::Result<usize> {
        self.with_sock_ref(|socket| socket.recv_buffer_size())
    }

    /// Asks for a receive buffer of `size` bytes (`SO_RCVBUF`). The system may round it: Linux
    /// doubles it, and limits it.
    pub fn set_recv_buffer_size(&self, size: usize) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_recv_buffer_size(size))
    }

    /// Size in bytes of the system's buffer for what is to be sent (`SO_SNDBUF`).
    pub fn send_buffer_size(&self) -> io::Result<usize> {
        self.with_sock_ref(|socket| socket.send_buffer_size())
    }

    /// Asks for a send buffer of `size` bytes (`SO_SNDBUF`). The system may round it: Linux
    /// doubles it, and limits it.
    pub fn set_send_buffer_size(&self, size: usize) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_send_buffer_size(size))
    }

    /// How long the connection may be idle before the system probes whether the peer is still
    /// there; `None` if it never does (`SO_KEEPALIVE`).
    ///
    /// # Errors
    ///
    /// `Unsupported` on Windows, OpenBSD and Haiku while keep-alive is on: the time cannot be
    /// read back there.
    pub fn keepalive(&self) -> io::Result<Option<Duration>> {
        self.with_sock_ref(|socket| match socket.keepalive()? {
            true => keepalive_time(&socket).map(Some),
            false => Ok(None),
        })
    }

    /// Sets after what idle time the system probes whether the peer is still there; `None` turns
    /// the probes off (`SO_KEEPALIVE`).
    ///
    /// Most systems count whole seconds: the rest is cut off, and less than one second is an
    /// error of kind `InvalidInput`.
    pub fn set_keepalive(&self, keepalive: Option<Duration>) -> io::Result<()> {
        self.with_sock_ref(|socket| match keepalive {
            Some(time) => socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(time)),
            None => socket.set_keepalive(false),
        })
    }

    /// How many routers a packet of this connection may pass, for IPv4 (`IP_TTL`).
    pub fn ttl(&self) -> io::Result<u32> {
        self.with_sock_ref(|socket| socket.ttl_v4())
    }

    /// Sets how many routers a packet of this connection may pass, for IPv4 (`IP_TTL`).
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_ttl_v4(ttl))
    }

    /// How long closing may take to send what is still buffered; `None` if the system does that
    /// in the background (`SO_LINGER`).
    pub fn linger(&self) -> io::Result<Option<Duration>> {
        self.with_sock_ref(|socket| socket.linger())
    }

    /// With a time, dropping the stream **blocks the thread** until all bytes are acknowledged or
    /// the time is up; with a time of zero it discards what is buffered and resets the
    /// connection at once. With `None` closing goes on in the background (`SO_LINGER`).
    ///
    /// Most systems count whole seconds and cut off the rest.
    pub fn set_linger(&self, dur: Option<Duration>) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_linger(dur))
    }
}

#[cfg(not(any(windows, target_os = "openbsd", target_os = "haiku", target_os = "vita")))]
fn keepalive_time(socket: &SockRef<'_>) -> io::Result<Duration> {
    socket.tcp_keepalive_time()
}

#[cfg(any(windows, target_os = "openbsd", target_os = "haiku", target_os = "vita"))]
fn keepalive_time(_: &SockRef<'_>) -> io::Result<Duration> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "keep-alive is on, but this system does not tell its time",
    ))
}
