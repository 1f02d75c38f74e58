//! An echo server on a Unix socket, and who its clients are.
//!
//! ```sh
//! cargo run --example unix_echo                   # listens on echo.sock
//! cargo run --example unix_echo /tmp/my.sock      # or there
//! nc -U echo.sock
//! ```
//!
//! The idea: a Unix socket is a file, so the server makes it, and takes it away when it ends; and the
//! system says which user is at the other end. Ctrl-C ends the server.
//!
//! Generation: std.

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    unix::main()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("there are no Unix sockets here");
}

#[cfg(unix)]
mod unix {
    use futures03::future::{select, Either};
    use futures03::io::{copy, AsyncReadExt};
    use std::path::PathBuf;
    use std::pin::pin;
    use std::{env, fs, io};
    use tokio::net::{UnixListener, UnixStream};
    use tokio_signal::CtrlC;

    /// The socket's file, which goes when the server does.
    struct SocketFile(PathBuf);

    impl Drop for SocketFile {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.0);
        }
    }

    pub(super) fn main() -> io::Result<()> {
        let path = PathBuf::from(env::args_os().nth(1).unwrap_or_else(|| "echo.sock".into()));
        // Fails if the file is there: another server may use it.
        let listener = UnixListener::bind(&path)?;
        let file = SocketFile(path);
        let mut runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(async move {
            let mut ctrl_c = CtrlC::new()?;
            println!("listening on {}", file.0.display());
            let serve = pin!(serve(listener));
            let interrupted = pin!(ctrl_c.recv());
            let ended = select(serve, interrupted).await;
            if let Either::Left((result, _)) = ended {
                return result;
            }
            println!("ends");
            Ok(())
        })
    }

    async fn serve(listener: UnixListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(echo(stream));
        }
    }

    async fn echo(stream: UnixStream) {
        // Not every system can tell.
        match stream.peer_cred() {
            Ok(peer) => println!("user {} is here", peer.uid),
            Err(error) => println!("somebody is here: {error}"),
        }
        let (reader, mut writer) = stream.split();
        match copy(reader, &mut writer).await {
            Ok(n) => println!("echoed {n} bytes"),
            Err(error) => println!("a connection failed: {error}"),
        }
    }
}
