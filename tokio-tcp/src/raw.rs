//! The operating system's handles of the sockets.

use crate::{TcpListener, TcpStream};
use socket2::SockRef;

impl TcpStream {
    /// Lends the socket out, for its options.
    pub(crate) fn with_sock_ref<R>(&self, f: impl FnOnce(SockRef<'_>) -> R) -> R {
        self.io().with(|socket| f(SockRef::from(socket)))
    }
}

impl TcpListener {
    /// Lends the socket out, for its options.
    pub(crate) fn with_sock_ref<R>(&self, f: impl FnOnce(SockRef<'_>) -> R) -> R {
        self.io().with(|socket| f(SockRef::from(socket)))
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::fd::{AsRawFd, RawFd};

    impl AsRawFd for TcpStream {
        fn as_raw_fd(&self) -> RawFd {
            self.io().as_raw_fd()
        }
    }

    impl AsRawFd for TcpListener {
        fn as_raw_fd(&self) -> RawFd {
            self.io().as_raw_fd()
        }
    }
}

#[cfg(windows)]
mod windows {
    use super::*;
    use std::os::windows::io::{AsRawSocket, RawSocket};

    impl AsRawSocket for TcpStream {
        fn as_raw_socket(&self) -> RawSocket {
            self.io().as_raw_socket()
        }
    }

    impl AsRawSocket for TcpListener {
        fn as_raw_socket(&self) -> RawSocket {
            self.io().as_raw_socket()
        }
    }
}
