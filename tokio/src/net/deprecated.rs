//! Names that have moved.

/// Moved to `net::tcp`.
#[cfg(feature = "tcp")]
#[deprecated(since = "0.1.8", note = "use `tokio::net::tcp::ConnectFuture` instead")]
pub type ConnectFuture = tokio_tcp::ConnectFuture;

/// Moved to `net::tcp`.
#[cfg(feature = "tcp")]
#[deprecated(since = "0.1.8", note = "use `tokio::net::tcp::Incoming` instead")]
pub type Incoming = tokio_tcp::Incoming;

/// Moved to `net::udp`.
#[cfg(feature = "udp")]
#[deprecated(since = "0.1.8", note = "use `tokio::net::udp::RecvDgram` instead")]
pub type RecvDgram<T> = tokio_udp::RecvDgram<T>;

/// Moved to `net::udp`.
#[cfg(feature = "udp")]
#[deprecated(since = "0.1.8", note = "use `tokio::net::udp::SendDgram` instead")]
pub type SendDgram<T> = tokio_udp::SendDgram<T>;
