//! Two echo servers on one runtime, each half-way between futures 0.1 and `async`/`await`.
//!
//! ```sh
//! cargo run --example echo_mixed                    # on 127.0.0.1:12347 and 127.0.0.1:12348
//! cargo run --example echo_mixed 127.0.0.1:0 127.0.0.1:0
//! nc 127.0.0.1 12347                                # async server, 0.1 connections
//! nc 127.0.0.1 12348                                # 0.1 server, async connections
//! ```
//!
//! The idea: there is no border to cross. `tokio::spawn` takes a future of either generation from
//! a task of either; a futures 0.1 future of this library is awaited as it is, one from elsewhere
//! in `Futures01AsStd`; and a futures 0.1 task waits for an async one by `JoinHandle::join`. A
//! program that moves from one generation to the other can do so one function at a time.
//!
//! Generation: both.

use futures03::io::AsyncReadExt;
use std::env;
use std::io;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::Futures01AsStd;

fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    let mut listen = |default: &str| {
        let addr = args.next().unwrap_or_else(|| default.to_string());
        TcpListener::bind(&addr.parse().expect("an address, such as 127.0.0.1:0"))
    };
    let to_async = listen("127.0.0.1:12347")?;
    let to_futures01 = listen("127.0.0.1:12348")?;
    println!("listening on {}", to_async.local_addr()?);
    println!("listening on {}", to_futures01.local_addr()?);

    tokio::run(async move {
        tokio::spawn(of_futures01::server(to_futures01));
        async_server(to_async).await;
    });
    Ok(())
}

/// An async server whose connections are futures 0.1.
async fn async_server(listener: TcpListener) {
    loop {
        let sock = match listener.accept().await {
            Ok((sock, _)) => sock,
            Err(err) => return eprintln!("accept failed = {err:?}"),
        };
        let (done, outcome) = futures::sync::oneshot::channel();
        tokio::spawn(of_futures01::echo(sock, done));
        tokio::spawn(async move {
            // A future of the `futures` 0.1 crate itself: it needs the adapter.
            match Futures01AsStd::new(outcome).await {
                Ok(Ok(amt)) => println!("wrote {amt} bytes"),
                Ok(Err(err)) => eprintln!("IO error {err:?}"),
                Err(canceled) => eprintln!("the connection's task is gone: {canceled}"),
            }
        });
    }
}

/// A connection of the futures 0.1 server.
async fn async_echo(sock: TcpStream) -> io::Result<u64> {
    let (reader, writer) = sock.split();
    futures03::io::copy(reader, &mut { writer }).await
}

/// What is written for futures 0.1, in a module of its own: the traits of the two generations have
/// methods of the same names, so that a module should import those of one only.
mod of_futures01 {
    use super::async_echo;
    use futures::sync::oneshot;
    use std::io;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::prelude::*;

    /// A futures 0.1 server whose connections are async.
    pub(super) fn server(listener: TcpListener) -> impl Future<Item = (), Error = ()> + Send {
        listener.incoming().map_err(|err| eprintln!("accept failed = {err:?}")).for_each(|sock| {
            let connection = tokio::spawn(async_echo(sock));
            tokio::spawn(connection.join().then(|joined| {
                match joined {
                    Ok(Ok(amt)) => println!("wrote {amt} bytes"),
                    Ok(Err(err)) => eprintln!("IO error {err:?}"),
                    Err(err) => eprintln!("the connection's {err}"),
                }
                Ok(())
            }))
        })
    }

    /// A connection of the async server. Sends its outcome to `done`.
    pub(super) fn echo(
        sock: TcpStream,
        done: oneshot::Sender<io::Result<u64>>,
    ) -> impl Future<Item = (), Error = ()> + Send {
        let (reader, writer) = sock.split();
        tokio::io::copy(reader, writer).map(|(amt, _, _)| amt).then(|outcome| {
            // Nobody may be waiting any more; that is not the connection's concern.
            let _ = done.send(outcome);
            Ok(())
        })
    }
}
