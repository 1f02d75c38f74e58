//! TCP and UDP sockets.
//!
//! Each socket serves both generations: see [`TcpStream`], [`TcpListener`] and [`UdpSocket`].

#[cfg(feature = "tcp")]
pub use self::tcp::{TcpListener, TcpStream};
#[cfg(feature = "udp")]
pub use self::udp::{UdpFramed, UdpSocket};

mod deprecated;
#[doc(hidden)]
#[allow(deprecated)]
pub use self::deprecated::*;

/// TCP sockets, and the futures and streams of their operations.
#[cfg(feature = "tcp")]
pub mod tcp {
    pub use tokio_tcp::{
        ConnectFuture, Incoming, OwnedReadHalf, OwnedWriteHalf, TcpListener, TcpStream,
    };
}

/// UDP sockets, and the futures of their operations.
#[cfg(feature = "udp")]
pub mod udp {
    pub use tokio_udp::{RecvDgram, SendDgram, UdpFramed, UdpSocket};
}
