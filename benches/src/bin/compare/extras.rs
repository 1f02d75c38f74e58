//! What is not a duel: memory of idle connections, what an idle server does, how slim a program is.

use crate::plan::{Effort, Placement, FULL};
use crate::subject::Server;
use benches::peer::Peer;
use benches::process::{resident, Counters};
use benches::serve::BUFFER;
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
    text + &slim(effort)
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
