//! TCP, UDP and, on Unix, Unix sockets. Each serves both generations.

#[cfg(feature = "tcp")]
pub use self::tcp::{TcpListener, TcpStream};
#[cfg(feature = "udp")]
pub use self::udp::{UdpFramed, UdpSocket};

#[cfg(all(unix, feature = "uds"))]
pub use self::unix::{UnixDatagram, UnixDatagramFramed, UnixListener, UnixStream};

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

/// Unix sockets, and the futures and streams of their operations.
#[cfg(all(unix, feature = "uds"))]
pub mod unix {
    pub use tokio_uds::{
        ConnectFuture, Incoming, RecvDgram, SendDgram, UCred, UnixDatagram, UnixDatagramFramed,
        UnixListener, UnixStream,
    };
}
