//! How each program starts.

use crate::Error;
use std::env;
use std::future::{pending, Future};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Runs a program: `serve` spawns its server, in whichever generation; `client` talks to it.
///
/// # Errors
///
/// If the address cannot be bound, or the client fails.
pub fn start<C>(
    serve: impl FnOnce(TcpListener) + Send + 'static,
    client: impl FnOnce(SocketAddr) -> C + Send + 'static,
) -> Result<(), Error>
where
    C: Future<Output = Result<(), Error>> + Send + 'static,
{
    let argument = env::args().nth(1);
    let wanted = argument.as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let listener = TcpListener::bind(&wanted)?;
    let addr = listener.local_addr()?;
    Runtime::new()?.block_on(async move {
        if argument.is_some() {
            println!("listening on {addr}");
            serve(listener);
            pending().await
        } else {
            serve(listener);
            client(addr).await
        }
    })
}
