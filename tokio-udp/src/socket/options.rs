//! Options of the socket. They take effect at once and need no reactor.

use crate::UdpSocket;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

/// # Options
///
/// All fail only if the operating system refuses; none waits.
impl UdpSocket {
    /// Whether it may send to broadcast addresses (`SO_BROADCAST`).
    pub fn broadcast(&self) -> io::Result<bool> {
        self.with_sock_ref(|socket| socket.broadcast())
    }

    /// Sets whether it may send to broadcast addresses (`SO_BROADCAST`).
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_broadcast(on))
    }

    /// Whether this host receives what it sends to IPv4 groups itself (`IP_MULTICAST_LOOP`).
    pub fn multicast_loop_v4(&self) -> io::Result<bool> {
        self.with_sock_ref(|socket| socket.multicast_loop_v4())
    }

    /// Sets whether this host receives what it sends to IPv4 groups itself
    /// (`IP_MULTICAST_LOOP`). No effect on IPv6 sockets.
    pub fn set_multicast_loop_v4(&self, on: bool) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_multicast_loop_v4(on))
    }

    /// How many routers a datagram to an IPv4 group may pass, plus one (`IP_MULTICAST_TTL`).
    pub fn multicast_ttl_v4(&self) -> io::Result<u32> {
        self.with_sock_ref(|socket| socket.multicast_ttl_v4())
    }

    /// Sets how many routers a datagram to an IPv4 group may pass, plus one; 1 at first, so that
    /// it stays in the local network (`IP_MULTICAST_TTL`).
    pub fn set_multicast_ttl_v4(&self, ttl: u32) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_multicast_ttl_v4(ttl))
    }

    /// Whether this host receives what it sends to IPv6 groups itself (`IPV6_MULTICAST_LOOP`).
    pub fn multicast_loop_v6(&self) -> io::Result<bool> {
        self.with_sock_ref(|socket| socket.multicast_loop_v6())
    }

    /// Sets whether this host receives what it sends to IPv6 groups itself
    /// (`IPV6_MULTICAST_LOOP`). For IPv6 sockets only.
    pub fn set_multicast_loop_v6(&self, on: bool) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_multicast_loop_v6(on))
    }

    /// How many routers a datagram may pass, for IPv4 (`IP_TTL`).
    pub fn ttl(&self) -> io::Result<u32> {
        self.with_sock_ref(|socket| socket.ttl_v4())
    }

    /// Sets how many routers a datagram may pass, for IPv4 (`IP_TTL`).
    pub fn set_ttl(&self, ttl: u32) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.set_ttl_v4(ttl))
    }

    /// Joins the group `multiaddr` on the network of the local address `interface`; with
    /// `0.0.0.0` the system chooses (`IP_ADD_MEMBERSHIP`).
    pub fn join_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.join_multicast_v4(multiaddr, interface))
    }

    /// Joins the group `multiaddr` on the network with the index `interface`; with 0 the system
    /// chooses (`IPV6_ADD_MEMBERSHIP`).
    pub fn join_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.join_multicast_v6(multiaddr, interface))
    }

    /// Leaves a group that [`join_multicast_v4`](Self::join_multicast_v4) joined, given the same
    /// arguments (`IP_DROP_MEMBERSHIP`).
    pub fn leave_multicast_v4(&self, multiaddr: &Ipv4Addr, interface: &Ipv4Addr) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.leave_multicast_v4(multiaddr, interface))
    }

    /// Leaves a group that [`join_multicast_v6`](Self::join_multicast_v6) joined, given the same
    /// arguments (`IPV6_DROP_MEMBERSHIP`).
    pub fn leave_multicast_v6(&self, multiaddr: &Ipv6Addr, interface: u32) -> io::Result<()> {
        self.with_sock_ref(|socket| socket.leave_multicast_v6(multiaddr, interface))
    }
}
