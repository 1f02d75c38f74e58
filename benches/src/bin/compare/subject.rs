//! The processes under test.

use crate::plan::{Placement, Sockets};
use benches::load::{Load, Served};
use benches::peer::{Peer, WORKERS};
use benches::process;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program beside this one.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("the system knows this program's path");
    let subject = own.with_file_name("subject");
    assert!(subject.exists(), "build everything first: cargo build --release -p benches");
    subject
}

/// Nanoseconds for an operation: wall clock, and processor time.
pub(crate) fn scheduler(scenario: &str, peer: Peer, scale: u64) -> io::Result<(f64, f64)> {
    scheduler_with(2, scenario, peer, scale)
}

/// The same, with so many workers.
pub(crate) fn scheduler_with(
    workers: usize,
    scenario: &str,
    peer: Peer,
    scale: u64,
) -> io::Result<(f64, f64)> {
    let mut command = Command::new(program());
    command.env(WORKERS, workers.to_string());
    command.args(["scenario", scenario, peer.name(), &scale.to_string()]);
    let output = command.stderr(Stdio::inherit()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = text.split_whitespace().filter_map(|n| n.parse().ok()).collect();
    match figures[..] {
        [operations, wall, cpu] => Ok((wall / operations, cpu / operations)),
        _ => Err(io::Error::other(format!("{scenario} on {peer}: {}", output.status))),
    }
}

/// A server that ends when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: u16,
}

impl Server {
    pub(crate) fn start(service: &str, peer: Peer, placement: Placement) -> io::Result<Server> {
        Server::start_with(2, service, peer, placement)
    }

    /// One with so many workers.
    pub(crate) fn start_with(
        workers: usize,
        service: &str,
        peer: Peer,
        placement: Placement,
    ) -> io::Result<Server> {
        let mut command = Command::new(program());
        command.env(WORKERS, workers.to_string());
        command.args([service, peer.name()]);
        if placement != Placement::Free {
            command.arg("0");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line)?;
        match line.trim().parse() {
            Ok(port) => Ok(Server { child, port }),
            Err(_) => Err(io::Error::other(format!("{service} on {peer} did not start"))),
        }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server, puts the load on it, and ends it.
pub(crate) fn sockets(what: Sockets, peer: Peer, time: Duration) -> io::Result<Served> {
    let server = Server::start(what.service, peer, what.placement)?;
    let load = Load {
        port: server.port,
        pid: server.pid(),
        connections: what.connections,
        size: what.size,
        time,
    };
    // In a thread of its own, which alone is put on a processor.
    let generator = std::thread::spawn(move || {
        let pinned = match what.placement {
            Placement::Together => process::pin(&[0]),
            Placement::Apart => process::pin(&[1]),
            Placement::Free => true,
        };
        assert!(pinned, "the system lets us choose a processor");
        (what.put)(load)
    });
    generator.join().expect("the load generator reports its errors")
}

/// Raises the limit of open files to what the system allows, and returns it.
pub(crate) fn more_descriptors() -> u64 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is valid in both calls.
    unsafe {
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            let _ = libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
    limit.rlim_cur
}
