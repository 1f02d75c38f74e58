//! A small netcat: standard input to a socket, and what the socket receives to standard output.
//!
//! ```sh
//! cargo run --example connect 127.0.0.1:12345       # TCP; `cargo run --example echo` listens there
//! cargo run --example connect -- --udp 127.0.0.1:12350          # UDP; `.. --example echo_udp`
//! ```
//!
//! With TCP, the end of the input is passed on, and the program ends when the peer has sent
//! everything. With UDP each line of the input is a datagram, and since UDP knows no end, Ctrl-C
//! ends the program.
//!
//! The idea: reading standard input blocks a thread until somebody types, and so may writing
//! output. Neither belongs into a task. So a thread of its own does each, and a channel connects
//! it with the tasks. The channels are short: whoever is too fast waits, and nothing piles up.
//!
//! Generation: std.

use futures03::channel::mpsc::{channel, Receiver, Sender};
use futures03::io::{AsyncReadExt, AsyncWriteExt};
use futures03::{SinkExt, StreamExt};
use std::env;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::thread;
use tokio::net::{TcpStream, UdpSocket};
use tokio::runtime::Runtime;

/// How many pieces of input, or output, may wait.
const WAITING: usize = 8;

#[derive(Clone, Copy, PartialEq)]
enum Protocol {
    Tcp,
    Udp,
}

fn main() -> ExitCode {
    let mut args = env::args().skip(1).peekable();
    let protocol = match args.next_if(|arg| arg == "--udp") {
        Some(_) => Protocol::Udp,
        None => Protocol::Tcp,
    };
    let addr = args.next().unwrap_or_else(|| "127.0.0.1:12345".to_string());
    let addr = addr.parse().expect("an address, such as 127.0.0.1:12345");

    match connect(protocol, addr) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{addr}: {err}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the session on a runtime, the input on a thread, and the output on this thread.
fn connect(protocol: Protocol, addr: SocketAddr) -> io::Result<()> {
    let (to_session, input) = channel(WAITING);
    let (output, from_session) = channel(WAITING);
    // Nobody waits for this thread: it may wait for input for ever. It ends with the program.
    thread::spawn(move || console::read(protocol, to_session));

    let mut runtime = Runtime::new()?;
    let session = runtime.spawn(async move {
        match protocol {
            Protocol::Tcp => tcp(addr, input, output).await,
            Protocol::Udp => udp(addr, input, output).await,
        }
    });
    console::write(from_session)?;
    runtime.block_on(session).expect("the session is neither aborted nor does it panic")
}

async fn tcp(
    addr: SocketAddr,
    mut input: Receiver<Vec<u8>>,
    mut output: Sender<Vec<u8>>,
) -> io::Result<()> {
    let (mut reader, mut writer) = TcpStream::connect(&addr).await?.into_split();
    tokio::spawn(async move {
        while let Some(chunk) = input.next().await {
            if let Err(err) = writer.write_all(&chunk).await {
                return eprintln!("cannot send: {err}");
            }
        }
        // Dropping the writing half tells the peer that no more will come.
    });

    let mut buf = vec![0; 8 * 1024];
    loop {
        let amt = reader.read(&mut buf).await?;
        if amt == 0 || output.send(buf[..amt].to_vec()).await.is_err() {
            return Ok(());
        }
    }
}

async fn udp(
    addr: SocketAddr,
    mut input: Receiver<Vec<u8>>,
    mut output: Sender<Vec<u8>>,
) -> io::Result<()> {
    let any = if addr.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(&any.parse().expect("an address"))?;
    socket.connect(&addr)?;

    let send = async {
        while let Some(datagram) = input.next().await {
            socket.send(&datagram).await?;
        }
        Ok(())
    };
    let receive = async {
        let mut buf = vec![0; 64 * 1024];
        loop {
            let amt = socket.recv(&mut buf).await?;
            if output.send(buf[..amt].to_vec()).await.is_err() {
                return Ok(());
            }
        }
    };
    // One socket, used by two futures at once: its methods take `&self`.
    futures03::try_join!(send, receive).map(|((), ())| ())
}

/// Standard input and output. In a module of its own, since the sockets also implement the std
/// traits `Read` and `Write`, for futures 0.1: with those in scope, `read` and `write_all` of a
/// socket would have two meanings.
mod console {
    use super::Protocol;
    use futures03::channel::mpsc::{Receiver, Sender};
    use futures03::executor::block_on;
    use futures03::{SinkExt, StreamExt};
    use std::io::{self, BufRead, Read, Write};

    /// The most that one datagram carries over IPv4.
    const LONGEST_DATAGRAM: u64 = 65_507;

    /// Passes the input on in pieces, until it ends or nobody wants more.
    pub(super) fn read(protocol: Protocol, mut to_session: Sender<Vec<u8>>) {
        let mut input = io::stdin().lock();
        loop {
            let mut chunk = Vec::new();
            let read = match protocol {
                Protocol::Udp => (&mut input).take(LONGEST_DATAGRAM).read_until(b'\n', &mut chunk),
                Protocol::Tcp => {
                    chunk.resize(8 * 1024, 0);
                    input.read(&mut chunk)
                }
            };
            match read {
                Ok(0) => return,
                Ok(amt) => chunk.truncate(amt),
                Err(err) if err.kind() == io::ErrorKind::Interrupted => continue,
                Err(err) => return eprintln!("cannot read the input: {err}"),
            }
            if block_on(to_session.send(chunk)).is_err() {
                return;
            }
        }
    }

    /// Writes what the session receives, until the session ends.
    pub(super) fn write(mut from_session: Receiver<Vec<u8>>) -> io::Result<()> {
        let mut output = io::stdout().lock();
        while let Some(chunk) = block_on(from_session.next()) {
            output.write_all(&chunk)?;
            output.flush()?;
        }
        Ok(())
    }
}
