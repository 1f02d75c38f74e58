//! The accept loop of the async servers.

use crate::Error;
use std::future::Future;
use tokio::net::{TcpListener, TcpStream};

/// Spawns a task for each connection, which runs what `handle` makes of it. Errors of a connection
/// are printed, and end that connection only.
pub async fn each_connection<F>(listener: TcpListener, handle: impl Fn(TcpStream) -> F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    loop {
        let connection = match listener.accept().await {
            Ok((sock, _)) => handle(sock),
            // Out of descriptors, `accept` waits by itself; here the listener has failed.
            Err(err) => return eprintln!("accept failed = {err}"),
        };
        tokio::spawn(async {
            if let Err(err) = connection.await {
                eprintln!("connection failed = {err}");
            }
        });
    }
}
