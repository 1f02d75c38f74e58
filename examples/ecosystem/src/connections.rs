//! The accept loop of the async servers.

use crate::Error;
use std::future::Future;
use tokio::net::{TcpListener, TcpStream};

/// Spawns a task for each connection, which runs what `handle` makes of it. Errors of a connection
/// are printed, and end that connection only. What is written is sent at once (`TCP_NODELAY`): a server
/// that streams writes little by little, and would otherwise wait 40 ms for the peer to confirm.
pub async fn each_connection<F>(listener: TcpListener, handle: impl Fn(TcpStream) -> F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    loop {
        let sock = match listener.accept().await {
            Ok((sock, _)) => sock,
            // Out of descriptors, `accept` waits by itself; here the listener has failed.
            Err(err) => return eprintln!("accept failed = {err}"),
        };
        // Fails if the peer has closed it already, which `handle` will see.
        let _ = sock.set_nodelay(true);
        let connection = handle(sock);
        tokio::spawn(async {
            if let Err(err) = connection.await {
                eprintln!("connection failed = {err}");
            }
        });
    }
}
