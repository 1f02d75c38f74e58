//! What is not a duel: memory of idle connections, what an idle server does, how slim a program is.

use crate::plan::{Effort, Placement, FULL};
use crate::rounds::short;
use crate::subject::{self, Server};
use benches::peer::Peer;
use benches::process::{resident, Counters};
use benches::scenario::Scenario;
use benches::serve::BUFFER;
use benches::stats::median;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

const IDLE_CONNECTIONS: usize = 8_000;

/// The section of the page, as Markdown.
pub(crate) fn measure(effort: Effort) -> String {
    let mut text = String::from("## Idle connections\n\n");
    let _ = writeln!(text, "Resident memory of the server for each of {IDLE_CONNECTIONS} connections that have echoed one byte, beyond the {BUFFER} bytes of their buffers; what all threads of the server do in {:.0} s after that.\n", effort.idle.as_secs_f64());
    text.push_str(
        "| | bytes | times that a thread waited | processor time, ms |\n|---|---:|---:|---:|\n",
    );
    for peer in Peer::ALL {
        let row = match idle(peer, effort) {
            Ok((bytes, used)) => {
                format!("{bytes:.0} | {} | {:.2}", used.waits, used.cpu_ns as f64 / 1e6)
            }
            Err(error) => format!("{error} | |"),
        };
        println!("idle {peer}: {row}");
        let _ = writeln!(text, "| {peer} | {row} |");
    }
    text + &many_workers(effort) + &slim(effort)
}

/// What it costs to have more workers than processors.
fn many_workers(effort: Effort) -> String {
    const SCENARIOS: [&str; 6] =
        ["spawn-local", "spawn-remote", "yield", "channel", "fan-out", "uneven"];
    const WORKERS: [usize; 4] = [2, 4, 16, 64];
    let mut text = String::from("\n## More workers than processors\n\n");
    text.push_str("Nanoseconds and processor nanoseconds for an operation, by the number of workers; the last row is what all threads of an idle server do.\n\n");
    let peers = [Peer::Ours, Peer::Tokio1];
    text.push_str("| |");
    for (peer, workers) in peers.iter().flat_map(|peer| WORKERS.map(|workers| (peer, workers))) {
        let _ = write!(text, " {peer}, {workers} |");
    }
    text.push_str(&format!("\n|---|{}\n", "---:|".repeat(peers.len() * WORKERS.len())));
    for scenario in SCENARIOS {
        let found = Scenario::find(scenario).expect("one of those");
        let _ = write!(text, "| {scenario} |");
        for (peer, workers) in peers.iter().flat_map(|peer| WORKERS.map(|workers| (peer, workers)))
        {
            let samples = (0..effort.rounds.min(5)).filter_map(|_| {
                subject::scheduler_with(workers, scenario, *peer, found.scale).ok()
            });
            let (wall, cpu): (Vec<f64>, Vec<f64>) = samples.unzip();
            if wall.is_empty() {
                text.push_str(" – |");
            } else {
                let _ = write!(text, " {} ({}) |", short(median(&wall)), short(median(&cpu)));
            }
        }
        text.push('\n');
    }
    text.push_str("| idle: waits, ms |");
    for (peer, workers) in peers.iter().flat_map(|peer| WORKERS.map(|workers| (peer, workers))) {
        match idle_workers(*peer, workers, effort) {
            Ok(used) => {
                let _ = write!(text, " {}, {:.2} |", used.waits, used.cpu_ns as f64 / 1e6);
            }
            Err(error) => {
                let _ = write!(text, " {error} |");
            }
        }
    }
    text.push('\n');
    println!("{text}");
    text
}

/// What a server does that has served one connection, and has nothing to do any more.
fn idle_workers(peer: Peer, workers: usize, effort: Effort) -> io::Result<Counters> {
    let server = Server::start_with(workers, "tcp", peer, Placement::Free)?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port))?;
    stream.write_all(b"x")?;
    stream.read_exact(&mut [0])?;
    std::thread::sleep(std::time::Duration::from_millis(200));
    let counters = Counters::of(server.pid());
    std::thread::sleep(effort.idle);
    Ok(Counters::of(server.pid()).since(counters))
}

fn idle(peer: Peer, effort: Effort) -> io::Result<(f64, Counters)> {
    let server = Server::start("tcp", peer, Placement::Free)?;
    let connect = || -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port))?;
        stream.write_all(b"x")?;
        stream.read_exact(&mut [0])?;
        Ok(stream)
    };
    // What comes once: threads, queues.
    let _first = connect()?;
    let before = resident(server.pid());
    let streams: Vec<TcpStream> =
        (0..IDLE_CONNECTIONS).map(|_| connect()).collect::<Result<_, _>>()?;
    let after = resident(server.pid());
    // What is still going on when the last byte has come back.
    std::thread::sleep(std::time::Duration::from_millis(200));
    let counters = Counters::of(server.pid());
    std::thread::sleep(effort.idle);
    let used = Counters::of(server.pid()).since(counters);
    // The bare loop has one buffer for all.
    let buffer = if peer == Peer::Epoll { 0 } else { BUFFER };
    Ok(((after - before) as f64 / streams.len() as f64 - buffer as f64, used))
}

/// How large the smallest server is, and how many crates it takes.
fn slim(effort: Effort) -> String {
    let mut text = String::from("\n## Slim\n\n");
    let target = Path::new("target/slim");
    if effort == FULL {
        let _ = fs::remove_dir_all(target);
    }
    let start = Instant::now();
    let build = [
        "build",
        "--release",
        "--package",
        "examples",
        "--example",
        "echo",
        "--config",
        "profile.release.strip=true",
        "--config",
        "profile.release.debug=0",
        "--target-dir",
        "target/slim",
    ];
    let built = cargo(&build);
    let seconds = start.elapsed().as_secs_f64();
    let size = fs::metadata(target.join("release/examples/echo")).map_or(0, |file| file.len());
    if built.is_some() && size > 0 {
        let _ = writeln!(
            text,
            "- The example `echo`, stripped, default release profile: {} KB.",
            size / 1000
        );
        if effort == FULL {
            let _ = writeln!(text, "- Its cold build: {seconds:.0} s.");
        }
    }
    let tree = ["tree", "--package", "tokio", "--edges", "normal", "--prefix", "none"];
    if let Some(tree) = cargo(&tree) {
        let crates: std::collections::BTreeSet<_> =
            tree.lines().filter_map(|line| line.split(' ').next()).collect();
        let _ = writeln!(
            text,
            "- Crates in the tree of `tokio` with all features, ours included: {}.",
            crates.len()
        );
    }
    println!("{text}");
    text
}

fn cargo(arguments: &[&str]) -> Option<String> {
    let output = Command::new("cargo").args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
