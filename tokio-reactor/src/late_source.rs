//! Which std sockets can come to a reactor later.

use mio::event::Source;

/// A std socket, and the source that it becomes.
///
/// Neither conversion touches the socket itself, or a reactor, or panics: a source that was refused is
/// converted back and forth under a lock.
///
/// ```
/// use std::net::UdpSocket;
/// use tokio_reactor::LateSource;
///
/// let socket = UdpSocket::bind("127.0.0.1:0")?;
/// let address = socket.local_addr()?;
/// let socket = UdpSocket::from_source(socket.into_source());
/// assert_eq!(socket.local_addr()?, address);
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait LateSource: Sized {
    /// The same socket for a reactor.
    ///
    /// Where the system's queue (epoll, kqueue) keeps all there is to know of a descriptor, the source
    /// is registered by its descriptor alone. So it must do nothing more when it is registered, keep
    /// the same descriptor, and not be with a reactor already.
    #[cfg(unix)]
    type Source: Source + std::os::fd::AsRawFd;
    /// The same socket for a reactor.
    #[cfg(not(unix))]
    type Source: Source;

    /// The same socket for a reactor. It must be in non-blocking mode before it is polled.
    fn into_source(self) -> Self::Source;

    /// Back again, from a source that no reactor has.
    fn from_source(source: Self::Source) -> Self;
}

impl LateSource for std::net::TcpStream {
    type Source = mio::net::TcpStream;

    fn into_source(self) -> mio::net::TcpStream {
        mio::net::TcpStream::from_std(self)
    }

    fn from_source(source: mio::net::TcpStream) -> Self {
        source.into()
    }
}

impl LateSource for std::net::TcpListener {
    type Source = mio::net::TcpListener;

    fn into_source(self) -> mio::net::TcpListener {
        mio::net::TcpListener::from_std(self)
    }

    fn from_source(source: mio::net::TcpListener) -> Self {
        source.into()
    }
}

impl LateSource for std::net::UdpSocket {
    type Source = mio::net::UdpSocket;

    fn into_source(self) -> mio::net::UdpSocket {
        mio::net::UdpSocket::from_std(self)
    }

    fn from_source(source: mio::net::UdpSocket) -> Self {
        source.into()
    }
}

#[cfg(unix)]
mod unix {
    use super::LateSource;
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};

    impl LateSource for UnixStream {
        type Source = mio::net::UnixStream;

        fn into_source(self) -> mio::net::UnixStream {
            mio::net::UnixStream::from_std(self)
        }

        fn from_source(source: mio::net::UnixStream) -> Self {
            source.into()
        }
    }

    impl LateSource for UnixListener {
        type Source = mio::net::UnixListener;

        fn into_source(self) -> mio::net::UnixListener {
            mio::net::UnixListener::from_std(self)
        }

        fn from_source(source: mio::net::UnixListener) -> Self {
            source.into()
        }
    }

    impl LateSource for UnixDatagram {
        type Source = mio::net::UnixDatagram;

        fn into_source(self) -> mio::net::UnixDatagram {
            mio::net::UnixDatagram::from_std(self)
        }

        fn from_source(source: mio::net::UnixDatagram) -> Self {
            source.into()
        }
    }
}
