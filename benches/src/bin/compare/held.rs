//! Whether a server holds a load for minutes: at flat memory, forgetting nobody.

use crate::plan::Placement;
use crate::subject::{self, Server};
use benches::load::{streams, Load};
use benches::peer::Peer;
use benches::process::resident;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Connections that say nothing.
const IDLE: usize = 10_000;

/// Connections each of which sends as soon as its answer has come.
const ACTIVE: usize = 8_000;

/// The bytes of a message.
const SIZE: usize = 64;

/// How much memory a server may have more at the end, as a share.
const GROWTH: f64 = 0.02;

/// How long the system may need for an answer on an idle connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Puts the load on `peer` for that long, and prints what became of it.
///
/// # Errors
///
/// If a byte is wrong, a connection is closed, nothing comes back for ten seconds, or the server's memory
/// has grown.
pub(crate) fn hold(peer: Peer, time: Duration) -> io::Result<()> {
    let most = subject::more_descriptors();
    if most < (IDLE + ACTIVE + 100) as u64 {
        let what = format!("{IDLE} + {ACTIVE} connections: the system allows {most} descriptors");
        return Err(io::Error::other(what));
    }
    let server = Server::start("tcp", peer, Placement::Free)?;
    let pid = server.pid();
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    println!("{peer}, {IDLE} connections idle, {ACTIVE} active with messages of {SIZE} bytes");
    let mut idle: Vec<TcpStream> =
        (0..IDLE).map(|_| connect(server.port)).collect::<io::Result<_>>()?;
    idle.iter_mut().try_for_each(echo)?;
    println!("resident with the idle ones: {:.1} MB", megabytes(resident(pid)));

    // The load warms up for a quarter of the time that it is given.
    let load = Load { port: server.port, pid, connections: ACTIVE, size: SIZE, time };
    let (end, ended) = channel::<()>();
    let sampler = thread::spawn(move || {
        let mut samples = Vec::new();
        while ended.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
            samples.push(resident(pid));
        }
        samples
    });
    let served = streams(load);
    drop(end);
    let samples = sampler.join().expect("sampling does not panic");
    let served = served?;
    println!(
        "{:.0} messages a second; p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms; the least served has \
         {:.2} of the mean",
        served.rate,
        served.p50 / 1e3,
        served.p99 / 1e3,
        served.p999 / 1e3,
        served.fairness,
    );
    idle.iter_mut().try_for_each(echo)?;
    println!("all idle connections answered at the end");

    // The last sample may be from after the first of the active connections was closed.
    let warm = samples.get(samples.len() / 4..samples.len().saturating_sub(1)).unwrap_or(&[]);
    let (Some(first), Some(last), Some(most)) = (warm.first(), warm.last(), warm.iter().max())
    else {
        return Err(io::Error::other("too short a time to judge by"));
    };
    let [first, last, most] = [first, last, most].map(|bytes| megabytes(*bytes));
    println!("resident when warm {first:.1} MB, at the end {last:.1} MB, at most {most:.1} MB");
    if last > first * (1.0 + GROWTH) {
        return Err(io::Error::other("the server's memory grows"));
    }
    Ok(())
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// One byte to and fro.
fn echo(stream: &mut TcpStream) -> io::Result<()> {
    let mut byte = [0];
    stream.write_all(b"x")?;
    stream.read_exact(&mut byte)?;
    if byte != *b"x" {
        return Err(io::Error::other("another byte came back"));
    }
    Ok(())
}
