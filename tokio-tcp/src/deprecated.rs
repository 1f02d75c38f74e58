//! What 0.1 deprecated and programs may still call.

use crate::{TcpListener, TcpStream};
use std::io;
use std::net::{self, SocketAddr};
use tokio_io::__byte_stream::or_would_block;
use tokio_reactor::LateBound;

impl TcpListener {
    /// [`poll_accept_std`](Self::poll_accept_std), with `WouldBlock` for "wait".
    ///
    /// # Panics
    ///
    /// If it has to wait outside a futures 0.1 task.
    #[deprecated(since = "0.1.2", note = "use poll_accept_std instead")]
    #[doc(hidden)]
    pub fn accept_std(&mut self) -> io::Result<(net::TcpStream, SocketAddr)> {
        or_would_block(self.poll_accept_std())
    }
}

impl TcpStream {
    /// A second handle to the same connection, with a descriptor of its own.
    ///
    /// It binds to a reactor by itself.
    #[deprecated(since = "0.1.2", note = "use into_split, split or a reference instead")]
    #[doc(hidden)]
    pub fn try_clone(&self) -> io::Result<TcpStream> {
        self.io().share();
        let socket = self.with_sock_ref(|socket| socket.try_clone())?;
        Ok(TcpStream::of(LateBound::new(socket.into())))
    }
}
